/** What other domains may ask of alerts. */
import type { Database } from '../data/database.ts';
import type { Alert, AlertMessage } from './alert.ts';
import { alertRepository } from './repository.ts';

export interface AlertsReader {
  /** The alert as it is now; undefined where there is none. */
  read(id: string): Promise<(AlertMessage & Pick<Alert, 'supersedes'>) | undefined>;
}

export const alertsReader = (database: Database): AlertsReader => ({ read: alertRepository(database).read });
