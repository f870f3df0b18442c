/** Lists what went into the books through a provider by channel and day, so that its bill is compared without looking through any fund. */
import type { EventBridgeEvent } from 'aws-lambda';
import { lambda } from '../data/lambda.ts';
import type { CloudEvent } from '../data/reaction.ts';
import type { Runtime } from '../data/runtime.ts';
import { withUses } from '../data/scope.ts';
import { billRepository } from './bill-repository.ts';
import { bookedOf } from './booked.ts';
import type { Journal } from './ledger.ts';
import { listBooked as declaration } from './reactions.ts';
import { foundationRepository } from './repository.ts';

export const listBooked = (outer: Runtime) => {
  const runtime = withUses(outer, declaration.uses, declaration.name);
  const repository = foundationRepository(runtime.database);
  return async ({
    detail: {
      data: { item },
    },
  }: EventBridgeEvent<string, CloudEvent<Pick<Journal, 'fund' | 'account' | 'at' | 'id'>>>): Promise<void> => {
    // The provider's name of a payment is on no bus; a journal is never changed.
    const journal = await repository.findJournal(item);
    const found = journal === undefined ? undefined : bookedOf(journal);
    if (found !== undefined) await repository.write([billRepository(runtime.database).putsBooked(found.channel, found.day, found.booked)]);
  };
};

export const handler = lambda(listBooked);
