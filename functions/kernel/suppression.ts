/**
 * Which sensitive figures the public does not see (statistical disclosure control): the small ones, and of the others as many as it takes
 * that no hidden numerator or denominator can be worked out from what is shown. And of the parts of a whole, which are hidden so that the
 * rest of it is never small.
 *
 * What counts as known: every shown figure, that a division's figures are the sums of its children's, and what the labels say. Not counted
 * is what the rule of choice itself betrays (that a secondary one is no larger than the siblings that were left, or, where none of its
 * children was hidden beside the small ones, that they would not have been enough).
 *
 * How what is known is computed: of each division the numerator n, the rest u = d - n and the denominator d lie between bounds. Such a set
 * of integer points stays one of its kind under sums, differences and intersections, with nothing lost, and the sums form a tree: one pass
 * up through the hidden divisions and one down give exactly what each can be. `test/metrics/suppression.test.ts` proves it by enumeration.
 */
import { parentOf, type DivisionCode } from './division.ts';

/** One division's figure for one indicator and month: 0 ≤ numerator ≤ denominator, integers. */
export interface Cell {
  readonly code: DivisionCode;
  readonly numerator: number;
  readonly denominator: number;
}

/** Why a figure is hidden: `small`, its denominator is 1 to 4; `secondary`, it is 5 or more, and hidden to protect another. */
export type Suppressed = 'small' | 'secondary';

/** The smallest denominator that may be shown. */
const SHOWABLE = 5;

/** Whether so few people are never shown; that there is nobody is. */
export const isSmall = (denominator: number): boolean => denominator > 0 && denominator < SHOWABLE;

/** So many values must each hidden numerator and denominator be able to have. */
const POSSIBILITIES = 3;

/** Beyond any count, and finite: a sum over siblings must be able to give back one of them. */
const FAR = 1e10;

interface Span {
  readonly low: number;
  readonly high: number;
}

/** All that a division's figure can be: the integer points within three spans, each no wider than the other two make it. */
interface Region {
  readonly n: Span;
  readonly u: Span;
  readonly d: Span;
}

interface Division extends Cell {
  readonly parent: Division | undefined;
  readonly children: Division[];
  readonly hiddenChildren: Division[];
  /** All that it can be when it is hidden, going by nothing else. */
  readonly label: Region;
  /** What it could be if everything were hidden: going by its label and what is below it, and going by everything. */
  openFromBelow: Region;
  open: Region;
  hidden?: Suppressed;
  /** The children that may be hidden next, the last of them first; made when the family first needs one. */
  queue?: Division[];
  /** Kept until they change: see the functions of these names. */
  fromBelow?: Region | undefined;
  sumOfChildren?: Region | undefined;
  sumOnceHidden?: Region | undefined;
}

const span = (low: number, high: number): Span => ({ low, high });
const plus = (a: Span, b: Span): Span => span(a.low + b.low, a.high + b.high);
const minus = (a: Span, b: Span): Span => span(a.low - b.high, a.high - b.low);
/** What was added to `part` to make `sum`. */
const without = (sum: Span, part: Span): Span => span(sum.low - part.low, sum.high - part.high);
const overlap = (a: Span, b: Span): Span => span(Math.max(a.low, b.low), Math.min(a.high, b.high));
const width = ({ low, high }: Span): number => high - low + 1;

const each = (join: (a: Span, b: Span) => Span, a: Region, b: Region): Region => ({
  n: join(a.n, b.n),
  u: join(a.u, b.u),
  d: join(a.d, b.d),
});

const meet = (a: Region, b: Region): Region => {
  const { n, u, d } = each(overlap, a, b);
  return { n: overlap(n, minus(d, u)), u: overlap(u, minus(d, n)), d: overlap(d, plus(n, u)) };
};

const point = (numerator: number, denominator: number): Region => ({
  n: span(numerator, numerator),
  u: span(denominator - numerator, denominator - numerator),
  d: span(denominator, denominator),
});

const withDenominator = (d: Span): Region => ({ n: span(0, d.high), u: span(0, d.high), d });

const SAID_BY: Readonly<Record<Suppressed, Region>> = {
  small: withDenominator(span(1, SHOWABLE - 1)),
  secondary: withDenominator(span(SHOWABLE, FAR)),
};

const figureOf = ({ numerator, denominator }: Cell): Region => point(numerator, denominator);

const NOTHING = point(0, 0);

/** What one of several can be, going by what the `whole` of them can be; `sum` is what they make, each by itself, and `own` its part in that. */
const beside = (whole: Region, sum: Region, own: Region): Region => each(minus, whole, each(without, sum, own));

const sumOf = (divisions: readonly Cell[], what: 'numerator' | 'denominator'): number =>
  divisions.reduce((sum, division) => sum + division[what], 0);

const sumOfOpen = ({ children }: Division): Region => children.reduce((sum, child) => each(plus, sum, child.openFromBelow), NOTHING);

interface Options {
  readonly denominators?: 'hidden' | 'published';
  /** Divisions that are hidden in any case, for what their figure would tell of another indicator's. */
  readonly also?: ReadonlySet<DivisionCode>;
}

/** Every division with a denominator, each after its parent. One without is never hidden and adds nothing to any sum. */
const treeOf = (cells: readonly Cell[], { denominators = 'hidden' }: Options): readonly Division[] => {
  const divisions = new Map<DivisionCode, Division>();
  const order = (a: Cell, b: Cell): number => a.code.length - b.code.length || (a.code < b.code ? -1 : 1);
  for (const { code, numerator, denominator } of cells.filter((cell) => cell.denominator > 0).toSorted(order)) {
    const above = parentOf(code);
    const parent = above === undefined ? undefined : divisions.get(above);
    if (above !== undefined && parent === undefined) throw new Error(`${code} has a figure and ${above} has none`);
    const said = SAID_BY[isSmall(denominator) ? 'small' : 'secondary'];
    const label = denominators === 'published' ? withDenominator(span(denominator, denominator)) : said;
    const division = { code, numerator, denominator, parent, children: [], hiddenChildren: [], label, openFromBelow: label, open: label };
    divisions.set(code, division);
    parent?.children.push(division);
  }
  const tree = [...divisions.values()];
  for (const division of tree.toReversed()) {
    const { children, code } = division;
    if (children.length === 0) continue;
    if (sumOf(children, 'numerator') !== division.numerator || sumOf(children, 'denominator') !== division.denominator)
      throw new Error(`the figure of ${code} is not the sum of those below it`);
    division.openFromBelow = meet(division.label, sumOfOpen(division));
  }
  for (const division of tree) {
    if (division.parent === undefined) division.open = division.openFromBelow;
    if (division.children.length === 0) continue;
    const sum = sumOfOpen(division);
    for (const child of division.children) child.open = meet(child.openFromBelow, beside(division.open, sum, child.openFromBelow));
  }
  return tree;
};

/** The next child to hide: the one with the smallest denominator, then the lowest code, that is still shown. */
const nextToHide = (parent: Division): Division | undefined => {
  parent.queue ??= parent.children
    .filter((child) => !isSmall(child.denominator))
    .toSorted((a, b) => b.denominator - a.denominator || (a.code < b.code ? 1 : -1));
  while (parent.queue.at(-1)?.hidden !== undefined) parent.queue.pop();
  return parent.queue.at(-1);
};

/**
 * The sum of a division's children, going by what each is known to be from below. The shown ones' part is a fact to anyone who adds them up,
 * whether their parent is shown or not.
 */
const sumOfChildren = (parent: Division): Region => {
  const known = (child: Division): Region => (child.hidden === undefined ? figureOf(child) : fromBelow(child));
  parent.sumOfChildren ??= parent.children.reduce((sum, child) => each(plus, sum, known(child)), NOTHING);
  return parent.sumOfChildren;
};

/** What a division can be, going by its label and what is below it. */
const fromBelow = (division: Division): Region => {
  const { label, children } = division;
  division.fromBelow ??= children.length === 0 ? label : meet(label, sumOfChildren(division));
  return division.fromBelow;
};

/** What a division can be, going by all but what is below it. */
const fromAbove = (division: Division): Region => {
  const { hidden, parent, label } = division;
  if (hidden === undefined) return figureOf(division);
  return parent === undefined ? label : meet(label, beside(fromAbove(parent), sumOfChildren(parent), fromBelow(division)));
};

/** Exactly what a hidden division can be. */
const exactly = (division: Division): Region => meet(fromBelow(division), fromAbove(division));

const hide = (division: Division, why: Suppressed): void => {
  const { parent } = division;
  division.hidden = why;
  if (parent === undefined) return;
  parent.hiddenChildren.push(division);
  // The siblings are not summed up again: there may be many.
  const sum = parent.sumOfChildren && each(plus, each(without, parent.sumOfChildren, figureOf(division)), fromBelow(division));
  const { sumOnceHidden } = parent;
  for (let above: Division | undefined = parent; above !== undefined; above = above.parent) {
    above.fromBelow = undefined;
    above.sumOfChildren = undefined;
    above.sumOnceHidden = undefined;
  }
  parent.sumOfChildren = sum;
  parent.sumOnceHidden = sumOnceHidden;
};

/** Whether hidden divisions hang on this one and on none above it. */
const isTop = ({ hidden, hiddenChildren, parent }: Division): boolean =>
  hidden === undefined ? hiddenChildren.length > 0 : parent === undefined;

/**
 * The hidden divisions that hang together below `top`, itself included if it is hidden, and exactly what each can be. `top` is shown, or a
 * province: above it nothing hidden bears on them. Level by level, for what is wrong above must be put right first.
 */
const hanging = (top: Division): readonly (readonly [Division, Region])[] => {
  const known = top.hidden === undefined ? fromAbove(top) : fromBelow(top);
  const reached: (readonly [Division, Region])[] = [[top, known]];
  for (const [parent, region] of reached) {
    if (parent.hiddenChildren.length === 0) continue;
    const sum = sumOfChildren(parent);
    for (const child of parent.hiddenChildren) reached.push([child, meet(fromBelow(child), beside(region, sum, fromBelow(child)))]);
  }
  return top.hidden === undefined ? reached.slice(1) : reached;
};

/** The least and the most that anybody can tell of each hidden figure, by code, if the figures in `labels` are hidden. */
export const bounds = (
  cells: readonly Cell[],
  labels: ReadonlyMap<DivisionCode, Suppressed>,
  options: Options = {},
): ReadonlyMap<DivisionCode, { readonly numerator: Span; readonly denominator: Span }> => {
  const tree = treeOf(cells, options);
  for (const division of tree) {
    const label = labels.get(division.code);
    if (label !== undefined) hide(division, label);
  }
  return new Map(
    tree.filter(isTop).flatMap((top) => hanging(top).map(([{ code }, { n, d }]) => [code, { numerator: n, denominator: d }] as const)),
  );
};

/** Whether a hidden division of which this is known has fewer values than it must have: three, or as many as it could. */
const isExposed = ({ open }: Division, { n, d }: Region): boolean =>
  width(n) < Math.min(POSSIBILITIES, width(open.n)) || width(d) < Math.min(POSSIBILITIES, width(open.d));

/** Hides a division, and below it what it takes that its children do not give it away: if all are shown, they do. */
const hideSecondary = (division: Division): void => {
  hide(division, 'secondary');
  for (let next = nextToHide(division); next !== undefined && isExposed(division, fromBelow(division)); next = nextToHide(division))
    hideSecondary(next);
};

/** What a division can be, going by its label and what is below it, or could be if it were the next to be hidden. */
const onceHidden = (division: Division): Region => {
  const next = division.hidden === undefined && division.hiddenChildren.length === 0 ? nextToHide(division) : undefined;
  if (next === undefined) return fromBelow(division);
  return meet(division.label, each(plus, each(without, figureOf(division), figureOf(next)), onceHidden(next)));
};

const sumOnceHidden = (parent: Division): Region => {
  parent.sumOnceHidden ??= parent.children.reduce((sum, child) => each(plus, sum, onceHidden(child)), NOTHING);
  return parent.sumOnceHidden;
};

/** What a hidden division could be if all its siblings were hidden too, and those of all it is below, up to the children of `limit`. */
const reachable = (division: Division, limit: Division): Region => {
  const fromThere = (below: Division): Region => {
    if (below === limit || below.parent === undefined) return fromAbove(below);
    return meet(below.label, beside(fromThere(below.parent), sumOnceHidden(below.parent), fromBelow(below)));
  };
  return meet(fromBelow(division), fromThere(division));
};

/**
 * Hides what is next in turn to protect a division that can be told too closely: a sibling, if its siblings could do it, or else one of its
 * parent's, and so on. If none below a shown division could, for its own figure is too telling, that one is hidden at once, and alone. With
 * nothing shown above them, all hidden ones are safe: `hideSecondary` has seen to it that they are so from below.
 */
const widen = (exposed: Division): void => {
  for (let family = exposed.parent; family !== undefined; family = family.parent) {
    const sibling = isExposed(exposed, reachable(exposed, family)) ? undefined : nextToHide(family);
    if (sibling !== undefined) return hideSecondary(sibling);
    if (family.hidden === undefined) return hideSecondary(family);
  }
  throw new Error(`nothing is left that could protect ${exposed.code}`);
};

/**
 * The small divisions and those to be hidden with them, by code. `cells` holds every division that has a figure and all above it, in any
 * order; a figure is the sum of those below it.
 *
 * Afterwards no hidden numerator or denominator can be bounded to fewer than three values. With `denominators: 'published'` (they are
 * another indicator's public figures) only the numerators are protected, each to 3 values, or to 2 where the denominator is 1. The guarantee
 * is for these two: d - n may be known by itself, so a group in which everybody is satisfied is not hidden for that alone.
 *
 * One limit no choice can lift: in a small division the labels alone say that its 3 or 4 occupied communities have 1 or 2 each, or 1. So
 * what is due to each is three values, or as many as hiding everything would leave.
 */
export const suppress = (cells: readonly Cell[], options: Options = {}): ReadonlyMap<DivisionCode, Suppressed> => {
  const tree = treeOf(cells, options);
  for (const division of tree) if (isSmall(division.denominator)) hide(division, 'small');
  for (const division of tree) if (division.hidden === undefined && options.also?.has(division.code) === true) hideSecondary(division);
  // From the bottom up: what a family cannot hold, the one above it has to. Hiding more never tells more, so what was put right stays so.
  for (const top of tree.toReversed())
    for (;;) {
      const exposed = isTop(top) ? hanging(top).filter(([division, region]) => isExposed(division, region)) : [];
      if (exposed.length === 0) break;
      for (const [division] of exposed) while (isTop(top) && isExposed(division, exactly(division))) widen(division);
    }

  const hidden = tree.flatMap((division) => (division.hidden === undefined ? [] : [[division.code, division.hidden] as const]));
  return new Map(hidden.toSorted(([a], [b]) => (a < b ? -1 : 1)));
};

/** How many a part of a whole has. */
export interface Part {
  readonly key: string;
  readonly size: number;
}

/**
 * Of the parts of a whole of 5 or more that is shown, those that are hidden, by key: the small ones, those in `also`, and the next smallest
 * (then the lowest key) until all that are hidden together have 5 or more, or nobody: so no sum or difference of what is shown is of 1 to 4.
 */
export const suppressParts = (parts: readonly Part[], also: Iterable<string> = []): ReadonlyMap<string, Suppressed> => {
  const inAnyCase = new Set(also);
  const hidden = parts.filter(({ key, size }) => isSmall(size) || inAnyCase.has(key));
  let together = hidden.reduce((sum, { size }) => sum + size, 0);
  const others = parts.filter(({ size, key }) => size >= SHOWABLE && !inAnyCase.has(key));
  for (const next of others.toSorted((a, b) => a.size - b.size || (a.key < b.key ? -1 : 1))) {
    if (!isSmall(together)) break;
    hidden.push(next);
    together += next.size;
  }
  return new Map(hidden.map(({ key, size }) => [key, isSmall(size) ? 'small' : 'secondary']));
};
