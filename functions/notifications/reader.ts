/** What other domains may ask of notifications. */
import type { AlertMessage } from '../alerts/alert.ts';
import type { Database } from '../data/database.ts';

/** How many people an alert would be handed to. */
export const targetedBy = (_database: Database, _message: Pick<AlertMessage, 'cover' | 'colour'>): Promise<number> => Promise.resolve(0);
