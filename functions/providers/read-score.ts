import { catalogueReader } from '../catalogue/reader.ts';
import type { Database } from '../data/database.ts';
import type { Run } from '../http/call.ts';
import { keptFor } from '../http/kept.ts';
import { err, ok } from '../kernel/result.ts';
import { isCounted, monthSeenBy } from '../metrics/reader.ts';
import type { readQualityMethod, readQualityScore } from './contract.ts';
import { qualityScore, type QualityMethod } from './quality.ts';

/** A month that is under way changes by the hour. */
const KEPT_SECONDS = 60;

const qualityMethod = async (database: Database): Promise<QualityMethod> => {
  const { version, value } = await catalogueReader(database).versioned('qualityMethod');
  return { version, parts: value.parts };
};

const methodView = ({ version, parts }: QualityMethod) => ({ version, parts: parts.map((part) => ({ ...part })) });

/** The score of a division's month, of the figures that this caller sees. */
export const score: Run<typeof readQualityScore> = async ({ runtime, caller, now, params: { code: division }, query: { month } }) => {
  const { database } = runtime;
  const [method, seen] = await Promise.all([qualityMethod(database), monthSeenBy(database, { division, month, now }, caller)]);
  if (seen === undefined) return err({ code: 'notFound' });
  const { score: reached, parts, leftOut } = qualityScore(method, seen.indicators, isCounted);
  const { status, revision } = seen;
  const body = {
    division,
    month,
    status,
    revision,
    score: reached,
    method: methodView(method),
    parts: [...parts],
    leftOut: [...leftOut],
  };
  return ok({ status: 200, body, ...keptFor(caller, KEPT_SECONDS) });
};

/** As it is set now, or as it was in an earlier version. */
export const method: Run<typeof readQualityMethod> = async ({ runtime, query }) => {
  const catalogue = catalogueReader(runtime.database);
  const found = await (query.version === undefined
    ? catalogue.versioned('qualityMethod')
    : catalogue.settingVersion('qualityMethod', Number(query.version)));
  return found === undefined
    ? err({ code: 'notFound' })
    : ok({ status: 200, body: methodView({ version: found.version, parts: found.value.parts }) });
};
