/** What is reckoned without a database, at the country's full size: counting, summing up, and judging what is hidden. CPU, in milliseconds. */
import type { DivisionCode } from '../../../functions/kernel/division.ts';
import { addMonths, toInstant, type Month } from '../../../functions/kernel/time.ts';
import { countMonth, periodOf, type Carried, type Sums } from '../../../functions/metrics/count.ts';
import type { Fact } from '../../../functions/metrics/life.ts';
import { INDICATORS } from '../../../functions/metrics/sources.ts';
import { suppress } from '../../../functions/kernel/suppression.ts';
import { FOREVER, happened } from './lives.ts';
import { closingOf, sumsAbove } from './months.ts';

const SENSITIVE = INDICATORS.filter(({ sensitive }) => sensitive);
const DISTRICT_DIGITS = 6;
const PROVINCE_DIGITS = 2;

export interface Pure {
  readonly communities: number;
  readonly facts: number;
  readonly countMs: number;
  readonly sumMs: number;
  readonly judgeMs: number;
  /** The province that took longest to judge, all its indicators. */
  readonly longest: { readonly province: string; readonly communities: number; readonly judgeMs: number };
}

/** What `work` answers with, and the CPU that it took. */
const timed = <T>(work: () => T): readonly [T, number] => {
  const before = process.cpuUsage();
  const answer = work();
  const { user, system } = process.cpuUsage(before);
  return [answer, (user + system) / 1000];
};

/** So many communities' months are made up, and stand for all, in turn: to make them up takes ten times as long as to count them. */
const MADE_UP = 5000;

interface Given {
  readonly community: DivisionCode;
  readonly carried: readonly Carried[];
  readonly facts: readonly Fact[];
}

const givenOf = (community: DivisionCode, index: number, month: Month): Given => {
  const before = addMonths(month, -1);
  const { facts } = happened({ community, index }, [before, month], closingOf(month));
  const { carried } = countMonth(community, [], facts.get(before) ?? [], periodOf(before, toInstant(FOREVER)));
  return { community, carried, facts: facts.get(month) ?? [] };
};

/** As `judge` asks for it. */
const judge = (figures: readonly (readonly [DivisionCode, Sums])[]): void => {
  for (const { id, denominatorOf } of SENSITIVE)
    suppress(
      figures.map(([code, sums]) => ({ code, numerator: sums[id]?.[0] ?? 0, denominator: sums[id]?.[1] ?? 0 })),
      { denominators: denominatorOf === undefined ? 'hidden' : 'published' },
    );
};

export const madeUpMonths = (communities: readonly DivisionCode[], month: Month): readonly Given[] =>
  communities.slice(0, MADE_UP).map((community, index) => givenOf(community, index, month));

/** Counts a month of these communities, sums it up and judges it, province by province. */
export const measurePure = (communities: readonly DivisionCode[], months: readonly Given[], month: Month): Pure => {
  let [facts, countMs, sumMs, judgeMs, index] = [0, 0, 0, 0, 0];
  let longest: Pure['longest'] = { province: '', communities: 0, judgeMs: 0 };
  const period = periodOf(month, toInstant(FOREVER));
  for (const [province, inProvince] of Map.groupBy(communities, (code) => code.slice(0, PROVINCE_DIGITS))) {
    const counted = new Map<DivisionCode, Sums>();
    for (const inCounty of Map.groupBy(inProvince, (code) => code.slice(0, DISTRICT_DIGITS)).values()) {
      const given = inCounty.flatMap(() => months[index++ % months.length] ?? []);
      const [sums, ms] = timed(() => given.map((each) => countMonth(each.community, each.carried, each.facts, period).sums));
      countMs += ms;
      for (const [at, community] of inCounty.entries()) counted.set(community, sums[at] ?? {});
      facts += given.reduce((sum, each) => sum + each.facts.length, 0);
    }
    const [above, summing] = timed(() => sumsAbove(counted));
    const [, judging] = timed(() => judge([...above, ...counted]));
    sumMs += summing;
    judgeMs += judging;
    if (judging > longest.judgeMs) longest = { province, communities: inProvince.length, judgeMs: judging };
  }
  return { communities: communities.length, facts, countMs, sumMs, judgeMs, longest };
};

/** The figures of a month of these communities and of all above them. */
export const figuresOf = (
  communities: readonly DivisionCode[],
  months: readonly Given[],
  month: Month,
): ReadonlyMap<DivisionCode, Sums> => {
  const period = periodOf(month, toInstant(FOREVER));
  const counted = new Map(
    communities.flatMap((community, index): [DivisionCode, Sums][] => {
      const given = months[index % months.length];
      return given === undefined ? [] : [[community, countMonth(given.community, given.carried, given.facts, period).sums]];
    }),
  );
  return new Map([...sumsAbove(counted), ...counted]);
};
