/** `metricsRefresh`: brings figures up to the moment that it is scheduled for, and tells whether a month should be closed and is not. */
import { lambda } from '../data/lambda.ts';
import type { Runtime } from '../data/runtime.ts';
import { scheduledInstant, type ScheduledEvent } from '../data/schedule.ts';
import { withUses } from '../data/scope.ts';
import { VARIABLES } from '../kernel/environment.ts';
import { addMonths, fromInstant, HOUR, monthOf, startOfMonth, type Instant } from '../kernel/time.ts';
import { overdueMonthsMetric } from './overdue-months.ts';
import { begin, running, type Begun, type Running } from './runs.ts';
import { metricsRefresh as declaration } from './schedules.ts';

/** By 06:00 of the 1st, the month before must be closed. */
const CLOSED_BY = 6 * HOUR;

const isMonthOverdue = async ({ repository }: Running, scheduledTime: Instant): Promise<boolean> => {
  const at = fromInstant(scheduledTime);
  const before = addMonths(monthOf(at), -1);
  if (at - startOfMonth(monthOf(at)) < CLOSED_BY) return false;
  const closings = await repository.closings();
  if (closings !== undefined && closings.through >= before) return false;
  // Before there was anything to count, there is nothing to close.
  return (await repository.children(undefined, before)).length > 0;
};

export const metricsRefresh = (outer: Runtime) => {
  const runtime = withUses(outer, declaration.uses, declaration.name);
  const given = running(runtime);
  return async (event: ScheduledEvent): Promise<{ run: Begun }> => {
    const scheduledTime = scheduledInstant(event);
    const overdue = await isMonthOverdue(given, scheduledTime);
    runtime.log({
      level: overdue ? 'error' : 'info',
      code: overdue ? 'monthNotClosed' : 'monthsClosed',
      ...overdueMonthsMetric(runtime.now(), runtime.environment.optional(VARIABLES.stage) ?? 'local', overdue ? 1 : 0),
    });
    return { run: await begin(given, { schedule: 'metricsRefresh', scheduledTime }) };
  };
};

export const handler = lambda(metricsRefresh);
