/** What other domains may ask of the register of providers. */
import type { Database, Write } from '../data/database.ts';
import type { Principal } from '../http/principal.ts';
import type { Texts } from '../kernel/texts.ts';
import type { EpochMs } from '../kernel/time.ts';
import { admissionsInForce, assignmentFault, providerSight, workBar, type ProviderStatus, type Work } from './provider.ts';
import { providersRepository } from './repository.ts';

export { NO_PROVIDER } from './provider.ts';

/** A provider as one call looks at it. */
export interface KnownProvider {
  readonly id: string;
  readonly version: number;
  readonly status: ProviderStatus;
  readonly name: Texts;
  readonly owner?: string | undefined;
  /** Whether it is admitted now, to whatever service and place. */
  isAdmitted(now: EpochMs): boolean;
  /** Why it is given no work of that service there; undefined where it may be. */
  assignmentFault(work: Work, now: EpochMs): Texts | undefined;
  /** Why its people may do nothing on that work now; undefined where they may. */
  bar(work: Work): 'suspended' | 'removed' | undefined;
  /** Whether that caller sees anything of it. */
  isSeenBy(caller: Principal | undefined, now: EpochMs): boolean;
}

export interface ProvidersReader {
  /** One that is not there and never was is as good as removed. */
  read(id: string): Promise<KnownProvider | undefined>;
  /** Holds a transaction to its being as it was read. */
  stands(provider: Pick<KnownProvider, 'id' | 'version'>): Write;
}

export const providersReader = (database: Database): ProvidersReader => {
  const { read, stands } = providersRepository(database);
  return {
    async read(id) {
      const provider = await read(id);
      if (provider === undefined) return undefined;
      return {
        id,
        version: provider.version,
        status: provider.status,
        name: provider.name,
        owner: provider.owner,
        isAdmitted: (now) => admissionsInForce(provider, now).length > 0,
        assignmentFault: (work, now) => assignmentFault(provider, work, now),
        bar: (work) => workBar(provider, work),
        isSeenBy: (caller, now) => providerSight(provider, caller, now) !== 'nothing',
      };
    },
    stands,
  };
};
