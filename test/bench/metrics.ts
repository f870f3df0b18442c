/** Monthly metrics at scale: for `npm run bench`, and by itself: `node test/bench/metrics.ts`. With LINLI_LONG=1 more of it is measured. */
import { addMonths, type Month } from '../../functions/kernel/time.ts';
import { LONG } from '../support/faults.ts';
import { fetchCountry, madeUp, type Country } from './metrics/country.ts';
import { figuresOf, madeUpMonths, measurePure, type Pure } from './metrics/pure.ts';
import { measureJudging, measureScale, type Measured } from './metrics/scale.ts';
import type { Cost } from './metrics/stage.ts';
import { aligned, tableOf, type Figure } from './report.ts';

const MONTH = '2026-10' as Month;
const WARM_UP = 1000;
const SIZES = LONG ? [1000, 10_000, 100_000] : [1000, 10_000];
const PURE_SIZES = [1000, 10_000, 100_000];
const USUAL_HISTORY = 1;
const LONG_HISTORY = 10;

const LIMIT_SECONDS = 900;
const HOUR_SECONDS = 3600;
/** Units of a fact may differ by so much between sizes. */
const FLAT = 0.05;
const AT_ONCE = 16;
/** What a call of DynamoDB is taken to last, where it is reckoned with. */
const CALL_MS = 10;

export interface Metrics {
  readonly sizes: readonly Measured[];
  /** The first size, with a history of ten months. */
  readonly old: Measured;
  readonly county: Measured;
  /** The piece of the largest province, where it was measured. */
  readonly province: Cost | undefined;
  readonly pure: readonly Pure[];
  readonly country: Country;
}

/** The steps that `told` is told of. */
export const METRICS_STEPS = 5 + SIZES.length;

export const measureMetrics = async (told: (what: string) => void): Promise<Metrics> => {
  const of = (communities: number, history = USUAL_HISTORY): Promise<Measured> =>
    measureScale({ communities: madeUp(communities), month: MONTH, history });
  told('metrics: warming up');
  await of(WARM_UP);
  const sizes: Measured[] = [];
  for (const size of SIZES) {
    told(`metrics of ${size} communities`);
    sizes.push(await of(size));
  }
  told('metrics: a long history');
  const old = await of(SIZES[0] ?? 0, LONG_HISTORY);
  told('metrics of the largest county');
  // Not before: with all its codes in memory, what is measured would be slower.
  const country = await fetchCountry();
  const county = await measureScale({ communities: country.county, month: MONTH, history: USUAL_HISTORY });
  told('metrics of the country, without a database');
  const months = madeUpMonths(country.communities, MONTH);
  measurePure(country.county, months, MONTH);
  const pure = [
    ...PURE_SIZES.map((size) => measurePure(country.communities.slice(0, size), months, MONTH)),
    measurePure(country.communities, months, MONTH),
  ];
  told('metrics of the largest province');
  const province = LONG
    ? (await measureJudging(country.province, figuresOf(country.province, months, MONTH), MONTH)).dearest.province
    : undefined;
  return { sizes, old, county, province, pure, country };
};

const count = (number: number): string => Math.round(number).toLocaleString('en-US');
const ratio = (one: number, other: number): string => `${(one / other).toFixed(2)} ×`;

const perFact = ({ closing: { all }, facts }: Measured): { readonly read: number; readonly write: number; readonly calls: number } => ({
  read: all.read / facts,
  write: all.write / facts,
  calls: all.calls / facts,
});

/** What is not flat, in words. */
export const faultsOf = ({ sizes, old }: Metrics): readonly string[] => {
  const [first] = sizes;
  if (first === undefined) return [];
  return [...sizes.slice(1), old].flatMap((each) =>
    (['read', 'write'] as const).flatMap((what) => {
      const factor = perFact(each)[what] / perFact(first)[what];
      return Math.abs(factor - 1) <= FLAT
        ? []
        : [
            `${what} units of a fact are ${factor.toFixed(3)} × with ${count(each.communities)} communities and ${each.history} months before`,
          ];
    }),
  );
};

const sizesTable = ({ sizes, old }: Metrics): string => {
  const [first] = sizes;
  const base = first === undefined ? undefined : perFact(first);
  const rows = [...sizes, old].map((each) => {
    const { closing, communities, facts, history } = each;
    const own = perFact(each);
    const of = (number: number): string => (number / communities).toFixed(2);
    return [
      count(communities),
      String(history),
      count(facts),
      own.read.toFixed(2),
      own.write.toFixed(2),
      own.calls.toFixed(2),
      of(closing.all.read),
      of(closing.all.write),
      of(closing.all.calls),
      of(closing.all.cpuMs),
      ratio(own.read, base?.read ?? 0),
      ratio(own.write, base?.write ?? 0),
      ratio(closing.all.cpuMs / facts, (first?.closing.all.cpuMs ?? 0) / (first?.facts ?? 1)),
    ];
  });
  return aligned([
    [
      'communities',
      'months before',
      'facts',
      'RRU a fact',
      'WRU',
      'calls',
      'RRU a community',
      'WRU',
      'calls',
      'CPU ms',
      'RRU a fact, to the first',
      'WRU',
      'CPU',
    ],
    ...rows,
  ]).join('\n');
};

/** An hour's refresh: nothing happened; something happened in one of a hundred. */
const refreshTable = ({ sizes }: Metrics): string =>
  aligned([
    [
      'communities',
      'looking for what is due, RRU',
      'calls',
      'CPU ms',
      'RRU a community',
      'changed communities',
      'all of it, RRU',
      'WRU',
      'beyond looking, RRU a changed community',
    ],
    ...sizes.map(({ communities, quiet, busy, touched }) => [
      count(communities),
      count(quiet.planning.read),
      count(quiet.planning.calls),
      count(quiet.planning.cpuMs),
      (quiet.planning.read / communities).toFixed(3),
      count(touched),
      count(busy.all.read),
      count(busy.all.write),
      ((busy.all.read - busy.planning.read) / touched).toFixed(1),
    ]),
  ]).join('\n');

const seconds = (ms: number): number => ms / 1000;

interface PieceShown {
  readonly what: string;
  readonly communities: number;
  readonly how: 'measured' | 'reckoned';
  readonly calls: number;
  readonly cpuMs: number;
}

/** The largest pieces of work of one function. */
const piecesOf = ({ sizes, county, province, country }: Metrics): readonly PieceShown[] => {
  const last = sizes.at(-1);
  const largest = county.closing.dearest.county;
  if (last === undefined || largest === undefined) return [];
  const whole = country.communities.length;
  const judged = last.closing.dearest.province;
  const inJudged = Math.min(
    last.communities,
    madeUp(last.communities).filter((code) => judged?.name.endsWith(` ${code.slice(0, 2)}`)).length,
  );
  const scaled = (cost: Cost | undefined, from: number, to: number): Pick<PieceShown, 'calls' | 'cpuMs'> => ({
    calls: ((cost?.calls ?? 0) / from) * to,
    cpuMs: ((cost?.cpuMs ?? 0) / from) * to,
  });
  return [
    { what: 'planning a closing', communities: whole, how: 'reckoned', ...scaled(last.closing.planning, last.communities, whole) },
    { what: 'counting and summing a county', communities: country.county.length, how: 'measured', ...scaled(largest, 1, 1) },
    province === undefined
      ? {
          what: 'summing and judging a province',
          communities: country.province.length,
          how: 'reckoned',
          ...scaled(judged, inJudged, country.province.length),
        }
      : { what: 'judging a province', communities: country.province.length, how: 'measured', ...scaled(province, 1, 1) },
  ];
};

const piecesTable = (pieces: readonly PieceShown[]): string =>
  aligned([
    [
      'the largest of its kind',
      'communities',
      '',
      'calls',
      'CPU s',
      `calls of ${CALL_MS} ms, ${AT_ONCE} at once, s`,
      'both, of 15 minutes',
    ],
    ...pieces.map(({ what, communities, how, calls, cpuMs }) => {
      const waiting = seconds((calls * CALL_MS) / AT_ONCE);
      return [
        what,
        count(communities),
        how,
        count(calls),
        seconds(cpuMs).toFixed(1),
        waiting.toFixed(1),
        `${(((seconds(cpuMs) + waiting) / LIMIT_SECONDS) * 100).toFixed(1)} %`,
      ];
    }),
  ]).join('\n');

const pureTable = ({ pure }: Metrics): string =>
  aligned([
    ['communities', 'facts', 'counting, µs a community', 'summing up', 'judging', 'longest judged province', 'its communities', 'CPU s'],
    ...pure.map(({ communities, facts, countMs, sumMs, judgeMs, longest }) => [
      count(communities),
      count(facts),
      ((countMs / communities) * 1000).toFixed(1),
      ((sumMs / communities) * 1000).toFixed(1),
      ((judgeMs / communities) * 1000).toFixed(1),
      longest.province,
      count(longest.communities),
      seconds(longest.judgeMs).toFixed(2),
    ]),
  ]).join('\n');

/** All of the country, by arithmetic. */
const wholeOf = (metrics: Metrics, pieces: readonly PieceShown[]): readonly string[] => {
  const { sizes, country } = metrics;
  const last = sizes.at(-1);
  if (last === undefined) return [];
  const whole = country.communities.length;
  const factor = whole / last.communities;
  const { all, levels } = last.closing;
  const codes = (digits: number): number => new Set(country.communities.map((code) => code.slice(0, digits))).size;
  const [counties, cities, provinces] = [codes(6), codes(4), codes(2)];
  const cpu = seconds(all.cpuMs * factor);
  // Planning comes first, and the largest county's province last: what is left of the time is the counties'.
  const chain = pieces.reduce((sum, { cpuMs }) => sum + seconds(cpuMs), 0);
  const atOnce = (within: number): number => Math.ceil(seconds(levels.county.cpuMs * factor) / (within - chain));
  return [
    `- Units, exact as they are linear: ${count(all.read * factor)} RRU, ${count(all.write * factor)} WRU, ${count(all.calls * factor)} calls, for ${count(last.facts * factor)} facts.`,
    `- CPU: ${count(cpu)} s of a core of this machine (${(cpu / HOUR_SECONDS).toFixed(1)} hours), ${(all.cpuMs / last.communities).toFixed(2)} ms a community.`,
    `- Pieces: ${count(counties)} counties, ${count(cities)} cities, ${count(provinces)} provinces.`,
    `- One after the other go planning, the largest county and the largest province: ${chain.toFixed(0)} s of CPU. Counties that must be worked on at once for the rest: ${atOnce(HOUR_SECONDS)} to end within an hour, ${atOnce(LIMIT_SECONDS)} within 15 minutes.`,
    `- An hour in which nothing happens: ${count((last.quiet.planning.read / last.communities) * whole)} RRU and ${seconds((last.quiet.planning.cpuMs / last.communities) * whole).toFixed(1)} s of CPU, to look for what is due.`,
  ];
};

const historyFigures = ({ sizes: [first], old }: Metrics): readonly Figure[] =>
  (['read', 'write'] as const).map((what) => ({
    what: `closing a month, history × ${LONG_HISTORY}, ${what} units`,
    limit: '1.00 ×',
    goal: 1.05,
    stop: 1.2,
    measured: old.closing.all[what] / (first?.closing.all[what] ?? 0),
    unit: ' ×',
    digits: 3,
  }));

/** What docs/benchmarks.md says of it. */
export const metricsSection = (metrics: Metrics): string => {
  const { sizes, county, country } = metrics;
  const pieces = piecesOf(metrics);
  const wrong = faultsOf(metrics);
  return `## Monthly metrics at scale

A month of made-up communities with three requests each (answered, most resolved, some rated, some carried over from the month before) is closed
by \`monthlyMetrics\` and \`computeMetrics\` themselves, on the engine, none of it counted before; the month after is ${addMonths(MONTH, 1)}. Units are the
engine's; CPU is of the function's process, on one core, the engine's left out.

${sizesTable(metrics)}

${wrong.length === 0 ? `Flat: no figure of units differs from the first row's by more than ${FLAT * 100} %.` : `**Not flat**: ${wrong.join('; ')}.`}

${tableOf(historyFigures(metrics))}

An hour's refresh touches what is marked or due, and to find it looks at every leaf: that part grows with communities, not with what happened.

${refreshTable(metrics)}

### The largest pieces

Sizes from ${country.source}: ${count(country.communities.length)} communities, the largest county ${country.county[0]?.slice(0, 6) ?? ''} with ${count(country.county.length)}, the largest province
${country.province[0]?.slice(0, 2) ?? ''} with ${count(country.province.length)}. Reckoned: the measured cost of a community at ${count(sizes.at(-1)?.communities ?? 0)} times their number. Waiting and computing overlap, so both together are
an upper bound. The county's closing took ${seconds(county.closing.dearest.county?.wallMs ?? 0).toFixed(1)} s by the clock here.

${piecesTable(pieces)}

### The whole country, without a database

Counting, summing up and judging (all sensitive indicators, province by province) at full size; CPU. A few thousand made-up months stand for all.

${pureTable(metrics)}

### The whole country, reckoned

Not measured: the slope at ${count(sizes.at(-1)?.communities ?? 0)} communities times ${count(country.communities.length)}.

${wholeOf(metrics, pieces).join('\n')}
`;
};

/** Says so, and fails the run, where units are not flat. */
export const failIfNotFlat = (metrics: Metrics): void => {
  const wrong = faultsOf(metrics);
  if (wrong.length === 0) return;
  process.stderr.write(`monthly metrics are not flat: ${wrong.join('; ')}\n`);
  process.exitCode = 1;
};

if (import.meta.main) {
  const began = performance.now();
  const metrics = await measureMetrics((what) => process.stderr.write(`${((performance.now() - began) / 1000).toFixed(0)} s  ${what}\n`));
  process.stdout.write(`${metricsSection(metrics)}\n`);
  failIfNotFlat(metrics);
}
