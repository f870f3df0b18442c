/** `monthlyMetrics`: closes the month before the one that it is scheduled in. The work itself is the run's pieces. */
import { lambda } from '../data/lambda.ts';
import type { Runtime } from '../data/runtime.ts';
import { scheduledInstant, type ScheduledEvent } from '../data/schedule.ts';
import { withUses } from '../data/scope.ts';
import { addMonths, fromInstant, monthOf } from '../kernel/time.ts';
import { begin, running, type Begun } from './runs.ts';
import { monthlyMetrics as declaration } from './schedules.ts';

export const monthlyMetrics = (outer: Runtime) => {
  const given = running(withUses(outer, declaration.uses, declaration.name));
  return async (event: ScheduledEvent): Promise<{ run: Begun }> => {
    const scheduledTime = scheduledInstant(event);
    const closes = addMonths(monthOf(fromInstant(scheduledTime)), -1);
    return { run: await begin(given, { schedule: 'monthlyMetrics', scheduledTime, closes }) };
  };
};

export const handler = lambda(monthlyMetrics);
