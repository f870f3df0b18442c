/** What other domains may know of a division's month: what the caller may, and not a figure more. */
import type { Database } from '../data/database.ts';
import { divisionsReader } from '../divisions/reader.ts';
import type { Principal } from '../http/principal.ts';
import type { DivisionCode } from '../kernel/division.ts';
import type { EpochMs, Month } from '../kernel/time.ts';
import type { MetricsView } from './contract.ts';
import { metricsOf } from './read-metrics.ts';
import { metricsRepository } from './repository.ts';
import { indicatorOf } from './sources.ts';
import { seesAll } from './view.ts';

/** As `GET /v1/metrics` answers that caller; undefined where there is no such division. */
export const monthSeenBy = async (
  database: Database,
  asked: { readonly division: DivisionCode; readonly month: Month; readonly now: EpochMs },
  caller: Principal | undefined,
): Promise<Pick<MetricsView, 'status' | 'revision' | 'indicators'> | undefined> => {
  const { division } = asked;
  const place = divisionsReader(database).findPlaced(division);
  const metrics = metricsOf(metricsRepository(database), asked, place, seesAll(caller, division));
  const [{ division: found }, seen] = await Promise.all([place, metrics]);
  if (found === undefined) return undefined;
  if (seen === undefined) throw new Error('a month has a newest revision');
  return seen;
};

/** Whether anything of that name is counted here. */
export const isCounted = (indicator: string): boolean => indicatorOf(indicator) !== undefined;
