/** The alerts because of which visits are due now in some counties. */
import { alertsReader } from '../alerts/reader.ts';
import type { Database } from '../data/database.ts';
import { ancestorOf, type DivisionCode } from '../kernel/division.ts';
import { inParallel } from '../kernel/parallel.ts';
import { toEpochSeconds, type EpochMs } from '../kernel/time.ts';
import { makesDue } from './alerted.ts';
import type { AlertInForce } from './due.ts';
import { careRepository } from './repository.ts';

const AT_ONCE = 16;

/** An alert that holds for a whole city or province lies there, once. */
const placesOver = (counties: readonly DivisionCode[]): readonly DivisionCode[] => [
  ...new Set(counties.flatMap((county) => [county, ancestorOf(county, 'city'), ancestorOf(county, 'province')])),
];

/** One that was cancelled, or that another stands in the place of, is none any more. */
export const alertsInForce = async (
  database: Database,
  counties: readonly DivisionCode[],
  now: EpochMs,
): Promise<readonly AlertInForce[]> => {
  const repository = careRepository(database);
  const found = (await inParallel(placesOver(counties), AT_ONCE, repository.alertedIn)).flat();
  const noted = found.filter(({ expiresAt }) => expiresAt > toEpochSeconds(now));
  const alerts = await alertsReader(database).readMany([...new Set(noted.map(({ alert }) => alert))]);
  return noted.flatMap(({ alert: id, division, since }) => {
    const alert = alerts.get(id);
    return alert === undefined || !makesDue(alert) || alert.supersededBy !== undefined
      ? []
      : [{ alert: id, headline: alert.headline, division, since }];
  });
};
