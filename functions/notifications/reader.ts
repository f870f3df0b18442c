/** What other domains may ask of notifications. */
import type { AlertMessage, AlertStatus } from '../alerts/alert.ts';
import type { Database } from '../data/database.ts';
import type { DivisionCode } from '../kernel/division.ts';
import type { Instant } from '../kernel/time.ts';

interface Counts {
  readonly targeted: number;
  readonly handed: number;
  readonly delivered: number;
  readonly failed: number;
}
export const reachOf = (
  _database: Database,
  _alert: string,
): Promise<Counts & { readonly byCommunity: readonly (Counts & { readonly community: DivisionCode })[] }> =>
  Promise.resolve({ targeted: 0, handed: 0, delivered: 0, failed: 0, byCommunity: [] });
export interface ReachImage {
  readonly alert: string;
  readonly status: AlertStatus;
  readonly sentAt: Instant;
  readonly community: DivisionCode;
  readonly shard: number;
  readonly version: number;
  readonly targeted: number;
  readonly delivered: number;
}
export async function* reachImages(_database: Database, _division: DivisionCode): AsyncGenerator<readonly ReachImage[]> {
  yield await Promise.resolve([]);
}

/** How many people an alert would be handed to. */
export const targetedBy = (_database: Database, _message: Pick<AlertMessage, 'cover' | 'colour'>): Promise<number> => Promise.resolve(0);
