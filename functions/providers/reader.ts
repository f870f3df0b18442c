/** What other domains may ask of the register of providers. */
import type { Database } from '../data/database.ts';
import type { DivisionCode } from '../kernel/division.ts';
import type { Texts } from '../kernel/texts.ts';
import type { EpochMs } from '../kernel/time.ts';
import { admissionsInForce, assignmentFault } from './provider.ts';
import { providersRepository } from './repository.ts';

export interface ProvidersReader {
  /** Whether there is or ever was such a one. */
  isKnown(id: string): Promise<boolean>;
  /** Whether it is admitted now, to whatever service and place. */
  isAdmitted(id: string, now: EpochMs): Promise<boolean>;
  /** Why people of that provider may do no work now; undefined where they may. What the register does not know is as good as removed. */
  bar(id: string): Promise<'suspended' | 'removed' | undefined>;
  /** Why it is given no work of that service there; undefined where it may be. */
  assignmentFault(
    id: string,
    work: { readonly service: string; readonly community: DivisionCode },
    now: EpochMs,
  ): Promise<Texts | undefined>;
}

export const providersReader = (database: Database): ProvidersReader => {
  const { read } = providersRepository(database);
  return {
    isKnown: async (id) => (await read(id)) !== undefined,
    async isAdmitted(id, now) {
      const provider = await read(id);
      return provider !== undefined && admissionsInForce(provider, now).length > 0;
    },
    async bar(id) {
      const status = (await read(id))?.status ?? 'removed';
      return status === 'suspended' || status === 'removed' ? status : undefined;
    },
    assignmentFault: async (id, work, now) => assignmentFault(await read(id), work, now),
  };
};
