/** `foundationDisclosure`: begins to freeze each quarter, and the year that ended with it, as they are on the day that they are disclosed. */
import { lambda } from '../data/lambda.ts';
import type { Runtime } from '../data/runtime.ts';
import { scheduledInstant, type ScheduledEvent } from '../data/schedule.ts';
import { withUses } from '../data/scope.ts';
import { fromInstant } from '../kernel/time.ts';
import { newDisclosure, quarterToDisclose, resumed, type Disclosure } from './disclosure.ts';
import { disclosureRepository } from './disclosure-repository.ts';
import { foundationDisclosure as declaration } from './schedules.ts';

export type DisclosureBegun = Pick<Disclosure, 'quarter' | 'version' | 'change' | 'funds'>;

const begun = ({ quarter, version, change, funds }: Disclosure): DisclosureBegun => ({ quarter, version, change, funds });

export const foundationDisclosure = (outer: Runtime) => {
  const runtime = withUses(outer, declaration.uses, declaration.name);
  const disclosures = disclosureRepository(runtime.database);

  /** What is done stays done; what was left in the middle goes on from there. From here on its own changes carry it, step by step. */
  return async ({ scheduledTime }: ScheduledEvent): Promise<DisclosureBegun> => {
    const at = fromInstant(scheduledInstant({ scheduledTime }));
    const before = await disclosures.read(quarterToDisclose(at));
    if (before?.change === 'done') return begun(before);
    const next = before === undefined ? newDisclosure(at) : resumed(before, at);
    const isBegun = await disclosures.moves(next, before, `foundationDisclosure#${scheduledTime}`);
    // Whoever has moved it on meanwhile, it goes on from there.
    return begun(isBegun ? next : ((await disclosures.read(next.quarter)) ?? next));
  };
};

export const handler = lambda(foundationDisclosure);
