/**
 * Writes to a provider's credit what its work has come to. It looks at the work as it is now, whatever the event says: so it may come twice, late
 * and in any order.
 */
import type { EventBridgeEvent } from 'aws-lambda';
import { lambda } from '../data/lambda.ts';
import type { CloudEvent } from '../data/reaction.ts';
import type { Runtime } from '../data/runtime.ts';
import { withUses } from '../data/scope.ts';
import { newDatedId } from '../kernel/id.ts';
import { fromInstant, type Instant } from '../kernel/time.ts';
import { ratedRoundsOf, rectifiedWorkOf } from '../service-requests/reader.ts';
import { eventOfRectification, eventsOfRound, told, type Recorded } from './credit-event.ts';
import { creditRepository } from './credit-repository.ts';
import { recordCredit as declaration } from './reactions.ts';

const ATTEMPTS = 8;

export const recordCredit = (outer: Runtime) => {
  const { database, random } = withUses(outer, declaration.uses, declaration.name);
  const credit = creditRepository(database);

  const toldBy = async (type: string, id: string): Promise<readonly Recorded[]> => {
    if (type.startsWith('serviceRequest.')) return (await ratedRoundsOf(database, id)).flatMap(eventsOfRound);
    const work = await rectifiedWorkOf(database, id);
    const recorded = work === undefined ? undefined : eventOfRectification(work);
    return recorded === undefined ? [] : [recorded];
  };

  const record = async (recorded: Recorded, event: CloudEvent): Promise<void> => {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const { provider, source, on } = recorded;
      const known = await credit.telling(provider, source);
      // What it is of, nobody can tell from its id: it is drawn, and found again by what it is of.
      const id = known ?? newDatedId(on, random);
      const before = known === undefined ? undefined : await credit.read(provider, id);
      const next = told(before, id, recorded, fromInstant(event.time as Instant));
      if (next === undefined) return;
      const first = known === undefined ? [credit.tells(next, source)] : [];
      if ((await credit.write([credit.puts(next, before, event.id), ...first])).ok) return;
    }
    throw new Error('an event of credit kept changing while it was written');
  };

  return async ({ detail }: EventBridgeEvent<string, CloudEvent<{ readonly id: string }>>): Promise<void> => {
    for (const recorded of await toldBy(detail.type, detail.data.item.id)) await record(recorded, detail);
  };
};

export const handler = lambda(recordCredit);
