/** What other domains may ask of alerts. */
import type { Database } from '../data/database.ts';
import type { Acknowledgement } from './acknowledgements/acknowledgement.ts';
import { acknowledgementRepository } from './acknowledgements/repository.ts';
import type { Alert, AlertMessage } from './alert.ts';
import { alertRepository } from './repository.ts';

type PublishedAlert = AlertMessage & Pick<Alert, 'supersedes' | 'issuedAt'>;

export interface AlertsReader {
  /** The alert as it is now; undefined where there is none. */
  read(id: string): Promise<PublishedAlert | undefined>;
  /** Those of them that there are, by id. */
  readMany(ids: readonly string[]): Promise<ReadonlyMap<string, PublishedAlert>>;
  /** An answer as it is now, with all that helpers need; undefined where there is none. */
  answer(id: string): Promise<Acknowledgement | undefined>;
}

export const alertsReader = (database: Database): AlertsReader => ({
  read: alertRepository(database).read,
  readMany: (ids) => alertRepository(database).readMany(ids, true),
  answer: acknowledgementRepository(database).read,
});
