/**
 * Two who want to know what is hidden, each by a way of its own and none by the routine's: one tries out whole countries, the other pushes
 * people around a network. Both answer, for each hidden figure, how many values it can have, counting no further than they must.
 */
import { parentOf, type DivisionCode } from '../../../functions/kernel/division.ts';

export interface Figure {
  readonly code: DivisionCode;
  readonly numerator: number;
  readonly denominator: number;
}

/** What is published: the figures that no label stands for, the labels, and perhaps every denominator. */
export interface View {
  readonly figures: readonly Figure[];
  readonly labels: ReadonlyMap<DivisionCode, 'small' | 'secondary'>;
  readonly denominatorsPublished: boolean;
}

/** `<code> n` and `<code> d` of all that is hidden. */
export type Findings = ReadonlyMap<string, number>;

/** So many values of one figure are looked for: three, unless one wants to know better. */
const ENOUGH = 3;

/** Denominators that the labels allow. */
const LIMITS = { small: [1, 4], secondary: [5, Number.POSITIVE_INFINITY] } as const;

/** The view in which all that may be hidden is: no choice can leave a figure more values than it has here. */
export const everythingHidden = (view: View): View => ({
  ...view,
  labels: new Map(
    view.figures
      .filter(({ denominator }) => denominator > 0)
      .map(({ code, denominator }) => [code, denominator <= LIMITS.small[1] ? 'small' : 'secondary']),
  ),
});

/** What a solution must hold to in one division: numerator, rest and denominator between bounds. */
interface Rule {
  readonly numerator: readonly [number, number];
  readonly rest: readonly [number, number];
  readonly denominator: readonly [number, number];
}

const ruleOf = (view: View, { code, numerator, denominator }: Figure): Rule => {
  const label = view.labels.get(code);
  const any = [0, Number.POSITIVE_INFINITY] as const;
  if (label === undefined)
    return {
      numerator: [numerator, numerator],
      rest: [denominator - numerator, denominator - numerator],
      denominator: [denominator, denominator],
    };
  return { numerator: any, rest: any, denominator: view.denominatorsPublished ? [denominator, denominator] : LIMITS[label] };
};

/** How many first digits two codes share. */
const closeness = (a: string, b: string): number => {
  let shared = 0;
  while (shared < b.length && a[shared] === b[shared]) shared++;
  return shared;
};

/** What has been written below a division so far; `last` is the place in the order of the last community below it. */
interface Sum {
  n: number;
  d: number;
  last: number;
  readonly rule: Rule;
}

/** Whether what has been written agrees with what is known; `full`, when nothing is to come. */
const fits = ({ n, d, rule }: Sum, full: boolean): boolean =>
  n <= rule.numerator[1] &&
  d - n <= rule.rest[1] &&
  d <= rule.denominator[1] &&
  (!full || (n >= rule.numerator[0] && d - n >= rule.rest[0] && d >= rule.denominator[0]));

/**
 * The first: writes figures into every community, one after the other, as long as nothing published speaks against it, until the whole
 * country fits; then that is a possible world. A community is given at most `cap` where nothing published bounds it.
 */
export const byEnumeration = (view: View, cap: number, enough = ENOUGH): Findings => {
  const parents = new Set(view.figures.map(({ code }) => parentOf(code)));
  const leaves = view.figures.map(({ code }) => code).filter((code) => !parents.has(code));
  const published = new Map(view.figures.map((figure) => [figure.code, ruleOf(view, figure)]));

  /** Whether a world fits in which all is as published and `code` holds to `rule` beside. */
  const isPossible = (code: DivisionCode, rule: Rule): boolean => {
    // The communities nearest to it first: if it is impossible, this shows early.
    const near = leaves.toSorted((a, b) => closeness(b, code) - closeness(a, code) || (a < b ? -1 : 1));
    const sums = new Map<string, Sum>();
    for (const [each, known] of published) sums.set(each, { n: 0, d: 0, last: 0, rule: each === code ? rule : known });
    const chains = near.map((leaf) => [...sums].filter(([each]) => leaf.startsWith(each)).map(([, sum]) => sum));
    for (const [index, chain] of chains.entries()) for (const sum of chain) sum.last = index;

    const fill = (index: number): boolean => {
      const chain = chains[index];
      if (chain === undefined) return true;
      const most = Math.min(...chain.map((sum) => sum.rule.denominator[1] - sum.d));
      const add = (n: number, d: number): void => {
        for (const sum of chain) {
          sum.n += n;
          sum.d += d;
        }
      };
      for (let d = 0; d <= (most === Number.POSITIVE_INFINITY ? cap : most); d++)
        for (let n = 0; n <= d; n++) {
          add(n, d);
          if (chain.every((sum) => fits(sum, sum.last === index)) && fill(index + 1)) return true;
          add(-n, -d);
        }
      return false;
    };
    return fill(0);
  };

  const found = new Map<string, number>();
  for (const { code, numerator, denominator } of view.figures) {
    const rule = published.get(code);
    if (rule === undefined || !view.labels.has(code)) continue;
    for (const what of ['numerator', 'denominator'] as const) {
      const truth = what === 'numerator' ? numerator : denominator;
      const [low] = rule[what];
      const high = Math.min(rule[what][1], rule.denominator[1], truth + cap);
      // Nearest to the truth first, where most of what is possible lies.
      const tries = Array.from({ length: high - low + 1 }, (_, index) => low + index).toSorted(
        (a, b) => Math.abs(a - truth) - Math.abs(b - truth),
      );
      let possible = 0;
      for (const value of tries) {
        if (possible === enough) break;
        if (isPossible(code, { ...rule, [what]: [value, value] })) possible++;
      }
      found.set(`${code} ${what === 'numerator' ? 'n' : 'd'}`, possible);
    }
  }
  return found;
};

interface Pipe {
  readonly from: string;
  readonly to: string;
  readonly low: number;
  readonly high: number;
  flow: number;
}

/**
 * The second: people flow from the outside down through the denominators of province, city, county and street into their community, there
 * into its numerator or its rest, and through those of street, county, city and province out again. A published figure is a pipe whose flow
 * is known. The hidden ones may change by whatever can run in a circle through hidden pipes, and as flows in a network are whole numbers
 * wherever the pipes' limits are, what can run through one is exact.
 */
export const byFlow = (view: View, enough = ENOUGH): Findings => {
  const parents = new Set(view.figures.map(({ code }) => parentOf(code)));
  const pipes = new Map<string, Pipe>();
  const at = new Map<string, Pipe[]>();
  for (const figure of view.figures) {
    const { code, numerator, denominator } = figure;
    if (!view.labels.has(code)) continue;
    const rule = ruleOf(view, figure);
    const parent = parentOf(code);
    const inside = (what: string): string => (parents.has(code) ? `${code} ${what}` : code);
    const outside = (what: string): string => (parent === undefined ? 'outside' : `${parent} ${what}`);
    const lay = (what: string, from: string, to: string, flow: number, [low, high]: readonly [number, number]): void => {
      if (low === high) return;
      const pipe = { from, to, low, high, flow };
      pipes.set(`${code} ${what}`, pipe);
      for (const end of [from, to]) at.set(end, [...(at.get(end) ?? []), pipe]);
    };
    lay('d', outside('d'), inside('d'), denominator, rule.denominator);
    lay('n', inside('n'), outside('n'), numerator, rule.numerator);
    lay('u', inside('u'), outside('u'), denominator - numerator, rule.rest);
  }

  /** Sends what it can, up to `wanted`, from one place to another without using `closed`, and says how much. */
  const send = (start: string, goal: string, wanted: number, closed: Pipe): number => {
    const cameBy = new Map<string, { readonly pipe: Pipe; readonly place: string; readonly room: number }>();
    const open = [start];
    const seen = new Set(open);
    for (const place of open) {
      for (const pipe of at.get(place) ?? []) {
        const forward = pipe.from === place;
        const next = forward ? pipe.to : pipe.from;
        const room = forward ? pipe.high - pipe.flow : pipe.flow - pipe.low;
        if (pipe === closed || room <= 0 || seen.has(next)) continue;
        seen.add(next);
        cameBy.set(next, { pipe, place, room });
        open.push(next);
      }
      if (seen.has(goal)) break;
    }
    const way = [];
    for (let step = cameBy.get(goal); step !== undefined; step = cameBy.get(step.place)) way.push(step);
    if (way.length === 0) return 0;
    const sent = Math.min(wanted, ...way.map(({ room }) => room));
    for (const { pipe, place } of way) pipe.flow += pipe.from === place ? sent : -sent;
    return sent === wanted ? sent : sent + send(start, goal, wanted - sent, closed);
  };

  const found = new Map<string, number>();
  for (const code of view.labels.keys())
    for (const what of ['n', 'd']) {
      const pipe = pipes.get(`${code} ${what}`);
      if (pipe === undefined) {
        found.set(`${code} ${what}`, 1);
        continue;
      }
      const flows = [...pipes.values()].map((each) => [each, each.flow] as const);
      const restore = (): void => {
        for (const [each, flow] of flows) each.flow = flow;
      };
      const more = send(pipe.to, pipe.from, Math.min(enough - 1, pipe.high - pipe.flow), pipe);
      restore();
      const less = send(pipe.from, pipe.to, Math.min(enough - 1, pipe.flow - pipe.low), pipe);
      restore();
      found.set(`${code} ${what}`, Math.min(enough, 1 + more + less));
    }
  return found;
};
