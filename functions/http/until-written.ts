/** How whoever changes what others change as well comes to an answer. */
import { err } from '../kernel/result.ts';
import type { Outcome } from './call.ts';
import type { OperationSpec } from './operation.ts';

/** Of all who write at once one wins each round: so many may. */
const ATTEMPTS = 40;

/**
 * Tries until it has answered. A try looks, asks for If-Match, decides on what is there and writes; it is `lost` where somebody else has written
 * in between: then the next one decides on that. Who loses time and again is told 409 `conflict`.
 */
export const untilWritten = async <O extends OperationSpec>(attempt: () => Promise<Outcome<O> | 'lost'>): Promise<Outcome<O>> => {
  for (let tries = 0; tries < ATTEMPTS; tries++) {
    const outcome = await attempt();
    if (outcome !== 'lost') return outcome;
  }
  return err({ code: 'conflict' });
};
