import { expectAgreement } from './agreement.ts';
import type { Meter } from './meter.ts';

/** How much some work costs, and in how many write round trips, where the engine's count and DynamoDB's rules agree. */
export const unitsBy =
  (meter: Meter) =>
  async (work: () => Promise<unknown>): Promise<{ readonly read: number; readonly write: number; readonly writeCalls: number }> => {
    const done = await meter.of(work);
    expectAgreement(done);
    const { read, write, writeCalls } = done;
    return { read, write, writeCalls };
  };
