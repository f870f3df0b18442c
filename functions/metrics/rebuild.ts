/** Makes the facts of a division again from the tables, and reports what was not as it should be; so it is afterwards. */
import * as z from 'zod/mini';
import type { Database } from '../data/database.ts';
import { divisionsReader, type DivisionsReader } from '../divisions/reader.ts';
import { LEVELS, levelOf, type DivisionCode } from '../kernel/division.ts';
import { addMonths, type Month } from '../kernel/time.ts';
import { inParallel } from '../kernel/parallel.ts';
import { REREADABLE, type Rereadable } from './images.ts';
import { mayLieIn } from './indicator.ts';
import { factsOf, isGone, tellsOf, type Fact, type Life, type Subject } from './life.ts';
import { digestOf, factsUpon, GONE, markAll, record } from './record.ts';
import { fromPlace, metricsRepository, placeOf, type MetricsRepository } from './repository.ts';

/** What was done, and found; it is handed on as JSON, too. */
export const rebuilt = z.object({
  communities: z.int(),
  subjects: z.int(),
  facts: z.int(),
  differences: z.array(
    z.object({
      /** `missing`: it was not there; `different`: it said something else; `needless`: nothing asks for it. */
      what: z.enum(['missing', 'different', 'needless']),
      /** `request#<id>`. */
      subject: z.string(),
      /** `<community>#<month>`. */
      place: z.string(),
    }),
  ),
});
export type Rebuilt = z.output<typeof rebuilt>;
type Difference = Rebuilt['differences'][number];

const AT_ONCE = 8;

const nameOf = ({ kind, id }: Subject): string => `${kind}#${id}`;

/** What a fact should be told by. */
const digestOfStored = (fact: Fact): string => (isGone(fact) ? GONE : digestOf(fact));

export interface Rebuilding {
  /** The last month that is looked through for facts that nothing asks for. */
  readonly until: Month;
  /** Names this in what it writes. */
  readonly runId: string;
  /** All of it is to be counted again, whether it differs or not: an indicator has come, or counts otherwise. */
  readonly recount: boolean;
  /** All, unless said. */
  readonly sources?: readonly Rereadable[];
}

/** One thing's facts: those that should be, those that are, and the difference. */
const rebuildLife = async (repository: MetricsRepository, life: Life, { runId, recount }: Rebuilding): Promise<readonly Difference[]> => {
  const known = await repository.places(life);
  // Somebody has changed it since it was read, and its event has been here: there is nothing to compare.
  if (known !== undefined && known.version > life.version) return [];
  const expected = new Map((await factsUpon(repository, life, known?.places ?? {})).map((fact) => [placeOf(fact), digestOf(fact)]));
  const told = Object.keys(known?.places ?? {}).filter((place) => tellsOf(life, fromPlace(place).month));
  const places = [...new Set([...expected.keys(), ...told])];
  const stored = new Map((await repository.factsAt(life, places)).map((fact) => [placeOf(fact), digestOfStored(fact)]));
  const differences = places.flatMap((place): Difference[] => {
    const is = stored.get(place) ?? GONE;
    const should = expected.get(place) ?? GONE;
    const what = is === GONE ? 'missing' : should === GONE ? 'needless' : 'different';
    return is === should ? [] : [{ what, subject: nameOf(life), place }];
  });
  const found = Object.fromEntries(places.map((place) => [place, stored.get(place) ?? GONE]));
  const isBehind = known === undefined ? expected.size > 0 : known.version !== life.version;
  if (differences.length > 0 || isBehind) await record(repository, life, runId, found);
  // Beyond what differs, which marks its own months.
  if (recount) await markAll(repository, life, [...expected.keys()], runId);
  return differences;
};

/** Facts of a place that their own subject does not know of. */
const needlessIn = async (
  repository: MetricsRepository,
  place: DivisionCode,
  months: readonly Month[],
  seen: ReadonlySet<string>,
): Promise<readonly Fact[]> => {
  const needless: Fact[] = [];
  for (const month of months) {
    for (const fact of await repository.facts(place, month)) {
      if (isGone(fact) || seen.has(`${nameOf(fact)}@${placeOf(fact)}`)) continue;
      const digest = (await repository.places(fact))?.places[placeOf(fact)];
      if (digest === undefined || digest === GONE) needless.push(fact);
    }
  }
  return needless;
};

const monthsOf = (first: Month, last: Month): readonly Month[] => {
  const months: Month[] = [];
  for (let month = first; month <= last; month = addMonths(month, 1)) months.push(month);
  return months;
};

/** Where facts may lie that are made again with a division: in it, and below it, but for what is below a city or a province. */
const placesOf = async (divisions: DivisionsReader, division: DivisionCode): Promise<readonly DivisionCode[]> => {
  const from = LEVELS.indexOf(levelOf(division));
  if (from < LEVELS.indexOf('county')) return [division];
  return (await Promise.all(LEVELS.slice(from).map((level) => divisions.within(division, level)))).flat();
};

/** Makes all facts again of what is in one of the parts of the country now. */
export const rebuild = async (database: Database, division: DivisionCode, rebuilding: Rebuilding): Promise<Rebuilt> => {
  const { until, runId, sources = Object.values(REREADABLE) } = rebuilding;
  const repository = metricsRepository(database);
  const places = await placesOf(divisionsReader(database), division);
  const differences: Difference[] = [];
  let subjects = 0;
  let facts = 0;
  for (const place of places) {
    const here = sources.filter(({ source }) => mayLieIn(source, place));
    if (here.length === 0) continue;
    const seen = new Set<string>();
    let first: Month | undefined = (await repository.leaf(place)).state?.first;
    for (const { lives: livesIn } of here) {
      for await (const lives of livesIn(database, place)) {
        const found = await inParallel(lives, AT_ONCE, (life) => rebuildLife(repository, life, rebuilding));
        differences.push(...found.flat());
        subjects += lives.length;
        for (const life of lives) {
          for (const fact of factsOf(life)) {
            facts += 1;
            seen.add(`${nameOf(fact)}@${placeOf(fact)}`);
            if (first === undefined || fact.month < first) first = fact.month;
          }
        }
      }
    }
    if (first === undefined) continue;
    for (const fact of await needlessIn(repository, place, monthsOf(first, until), seen)) {
      differences.push({ what: 'needless', subject: nameOf(fact), place: placeOf(fact) });
      await record(repository, { ...fact, version: 0, moments: [] }, runId, { [placeOf(fact)]: digestOf(fact) });
    }
  }
  return { communities: places.filter((place) => levelOf(place) === 'community').length, subjects, facts, differences };
};

/** What is gone through one by one: the counties of a division, or of the country, and the cities and provinces for what lies in them themselves. */
export const partsOf = async (divisions: DivisionsReader, division: DivisionCode | undefined): Promise<readonly DivisionCode[]> => {
  if (division === undefined) {
    const provinces = (await divisions.children(undefined)).map(({ code }) => code);
    const cities = await inParallel(provinces, AT_ONCE, (province) => divisions.within(province, 'city'));
    return [...provinces, ...cities.flat(), ...(await divisions.counties())];
  }
  if ((await divisions.find(division)) === undefined) return [];
  const levels = LEVELS.slice(LEVELS.indexOf(levelOf(division)), LEVELS.indexOf('street'));
  return levels.length === 0 ? [division] : (await Promise.all(levels.map((level) => divisions.within(division, level)))).flat();
};
