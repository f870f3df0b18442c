/** `foundationDisclosure`: begins to freeze each quarter, and the year that ended with it, as they are on the day that they are disclosed. */
import { lambda } from '../data/lambda.ts';
import type { Runtime } from '../data/runtime.ts';
import { scheduledInstant, type ScheduledEvent } from '../data/schedule.ts';
import { withUses } from '../data/scope.ts';
import { fromInstant } from '../kernel/time.ts';
import { newDisclosure, quarterToDisclose, resumed, type Disclosure } from './disclosure.ts';
import { foundationRepository } from './repository.ts';
import { foundationDisclosure as declaration } from './schedules.ts';

const ATTEMPTS = 3;

export type DisclosureBegun = Pick<Disclosure, 'quarter' | 'version' | 'change' | 'funds'>;

export const foundationDisclosure = (outer: Runtime) => {
  const runtime = withUses(outer, declaration.uses, declaration.name);
  const repository = foundationRepository(runtime.database);

  /** What is done stays done; what was left in the middle goes on from there. From here on its own changes carry it, step by step. */
  return async ({ scheduledTime }: ScheduledEvent): Promise<DisclosureBegun> => {
    const at = fromInstant(scheduledInstant({ scheduledTime }));
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const before = await repository.readDisclosure(quarterToDisclose(at));
      const next = before === undefined ? newDisclosure(at) : before.change === 'done' ? before : resumed(before, at);
      const { quarter, version, change, funds } = next;
      if (next === before) return { quarter, version, change, funds };
      const written = await repository.write([repository.putsDisclosure(next, before, `foundationDisclosure#${scheduledTime}`)]);
      if (written.ok) return { quarter, version, change, funds };
      // A step has just ended.
    }
    throw new Error(`the disclosure for ${scheduledTime} goes on by itself: run it again only if it stands still`);
  };
};

export const handler = lambda(foundationDisclosure);
