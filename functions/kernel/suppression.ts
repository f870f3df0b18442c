/**
 * Which sensitive figures the public does not see (statistical disclosure control): the small ones, and of the others as many as it takes
 * that no hidden numerator or denominator can be worked out from what is shown. Of divisions, each the sum of those below it; and of the
 * parts of a whole that is shown.
 *
 * What counts as known: every shown figure, that a division's figures are the sums of its children's, and what the labels say. Not counted
 * is what the rule of choice itself betrays (that a secondary one is no larger than the siblings that were left, or, where none of its
 * children was hidden beside the small ones, that they would not have been enough).
 *
 * How what is known is computed: of each division the numerator n, the rest u = d - n and the denominator d lie between bounds. Such a set
 * of integer points stays one of its kind under sums, differences and intersections, with nothing lost, and the sums form a tree: one pass
 * up through the hidden divisions and one down give exactly what each can be. `test/metrics/suppression.test.ts` proves it by enumeration.
 */
import { isDivisionCode, parentOf, type DivisionCode } from './division.ts';

/** One figure: 0 ≤ numerator ≤ denominator, integers. */
interface Figure {
  readonly numerator: number;
  readonly denominator: number;
}

/** One division's figure for one indicator and month. */
export interface Cell extends Figure {
  readonly code: DivisionCode;
}

/** The figure of a part of a whole. */
export interface Part extends Figure {
  readonly key: string;
  /** Beside the label it is known that the denominator is no greater. */
  readonly most?: number | undefined;
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

/** A division, or what else has parts or is one. */
interface Division extends Figure {
  readonly code: string;
  readonly parent: Division | undefined;
  /** A whole that is shown whatever it tells. */
  readonly isKept: boolean;
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

const figureOf = ({ numerator, denominator }: Figure): Region => point(numerator, denominator);

const NOTHING = point(0, 0);

/** What one of several can be, going by what the `whole` of them can be; `sum` is what they make, each by itself, and `own` its part in that. */
const beside = (whole: Region, sum: Region, own: Region): Region => each(minus, whole, each(without, sum, own));

const sumOf = (divisions: readonly Figure[], what: 'numerator' | 'denominator'): number =>
  divisions.reduce((sum, division) => sum + division[what], 0);

const sumOfOpen = ({ children }: Division): Region => children.reduce((sum, child) => each(plus, sum, child.openFromBelow), NOTHING);

interface Options {
  readonly denominators?: 'hidden' | 'published';
  /** What is hidden in any case, for what its figure would tell of another's. */
  readonly also?: ReadonlySet<string>;
}

/** What a tree is made of: a code is longer than that of what is above it. */
interface Leaves {
  readonly cells: readonly (Figure & { readonly code: string; readonly most?: number | undefined })[];
  readonly parentOf: (code: string) => string | undefined;
  /** Whether what has nothing above it is shown whatever it tells. */
  readonly isTopShown: boolean;
}

const divisionsOf = (cells: readonly Cell[]): Leaves => ({
  cells,
  parentOf: (code) => (isDivisionCode(code) ? parentOf(code) : undefined),
  isTopShown: false,
});

/** Everything with a denominator, each after its parent. What is without is never hidden and adds nothing to any sum. */
const treeOf = ({ cells, parentOf: aboveOf, isTopShown }: Leaves, { denominators = 'hidden' }: Options): readonly Division[] => {
  const divisions = new Map<string, Division>();
  const order = (a: Leaves['cells'][number], b: Leaves['cells'][number]): number =>
    a.code.length - b.code.length || (a.code < b.code ? -1 : 1);
  for (const { code, numerator, denominator, most = FAR } of cells.filter((cell) => cell.denominator > 0).toSorted(order)) {
    const above = aboveOf(code);
    const parent = above === undefined ? undefined : divisions.get(above);
    if (above !== undefined && parent === undefined) throw new Error(`${code} has a figure and ${above} has none`);
    const said = meet(SAID_BY[isSmall(denominator) ? 'small' : 'secondary'], withDenominator(span(0, most)));
    const label = denominators === 'published' ? withDenominator(span(denominator, denominator)) : said;
    const isKept = isTopShown && parent === undefined;
    const open = isKept ? point(numerator, denominator) : label;
    const division = { code, numerator, denominator, parent, isKept, children: [], hiddenChildren: [], label, openFromBelow: label, open };
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
    if (division.parent === undefined && !division.isKept) division.open = division.openFromBelow;
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
  labels: ReadonlyMap<string, Suppressed>,
  options: Options = {},
): ReadonlyMap<string, { readonly numerator: Span; readonly denominator: Span }> => {
  const tree = treeOf(divisionsOf(cells), options);
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
 * Of the parts of a whole, the one that is next in turn among those that help by themselves: it has of what the hidden ones lack. Without it,
 * an option that hardly anybody chose would hide all parts smaller than those in which somebody did.
 */
const nextToHelp = (whole: Division, exposed: Division): Division | undefined => {
  const next = nextToHide(whole);
  const [sum, own, now] = [sumOfChildren(whole), fromBelow(exposed), exactly(exposed)];
  const isHelping = (part: Division): boolean => {
    const once = each(plus, each(without, sum, figureOf(part)), part.label);
    const { n, d } = meet(own, beside(figureOf(whole), once, own));
    return part.hidden === undefined && (width(n) > width(now.n) || width(d) > width(now.d));
  };
  return whole.queue?.findLast(isHelping) ?? next;
};

/**
 * Hides what is next in turn to protect a division that can be told too closely: a sibling, if its siblings could do it, or else one of its
 * parent's, and so on. If none below a shown division could, for its own figure is too telling, that one is hidden at once, and alone. With
 * nothing shown above them, all hidden ones are safe: `hideSecondary` has seen to it that they are so from below.
 */
const widen = (exposed: Division): void => {
  for (let family = exposed.parent; family !== undefined; family = family.parent) {
    const next = family.isKept ? nextToHelp : nextToHide;
    const sibling = isExposed(exposed, reachable(exposed, family)) ? undefined : next(family, exposed);
    if (sibling !== undefined) return hideSecondary(sibling);
    if (family.hidden === undefined) return hideSecondary(family);
  }
  throw new Error(`nothing is left that could protect ${exposed.code}`);
};

const suppressIn = (tree: readonly Division[], { also }: Options): readonly Division[] => {
  for (const division of tree) if (isSmall(division.denominator)) hide(division, 'small');
  for (const division of tree) if (division.hidden === undefined && also?.has(division.code) === true) hideSecondary(division);
  // From the bottom up: what a family cannot hold, the one above it has to. Hiding more never tells more, so what was put right stays so.
  for (const top of tree.toReversed())
    for (;;) {
      const exposed = isTop(top) ? hanging(top).filter(([division, region]) => isExposed(division, region)) : [];
      if (exposed.length === 0) break;
      for (const [division] of exposed) while (isTop(top) && isExposed(division, exactly(division))) widen(division);
    }
  return tree;
};

const labelsIn = <Code extends string>(codes: readonly Code[], tree: readonly Division[]): ReadonlyMap<Code, Suppressed> => {
  const hidden = new Map(tree.map((division) => [division.code, division.hidden]));
  const labels = codes.flatMap((code): [Code, Suppressed][] => {
    const label = hidden.get(code);
    return label === undefined ? [] : [[code, label]];
  });
  return new Map(labels.toSorted(([a], [b]) => (a < b ? -1 : 1)));
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
export const suppress = (cells: readonly Cell[], options: Options = {}): ReadonlyMap<DivisionCode, Suppressed> =>
  labelsIn(
    cells.map(({ code }) => code),
    suppressIn(treeOf(divisionsOf(cells), options), options),
  );

/** The code of a whole: no part has it. */
const WHOLE = '';

const wholeOf = (parts: readonly Part[]): Leaves => ({
  cells: [
    { code: WHOLE, numerator: sumOf(parts, 'numerator'), denominator: sumOf(parts, 'denominator') },
    ...parts.map(({ key, ...figure }) => ({ code: key, ...figure })),
  ],
  parentOf: (code) => (code === WHOLE ? undefined : WHOLE),
  isTopShown: true,
});

/**
 * The same for parts of a whole of at least 5, which is shown whatever it tells: the small parts and those to be hidden with them, by key,
 * so many that those hidden make at least 5 together.
 *
 * Afterwards no hidden numerator can be bounded to fewer than three values, or than the whole alone would leave it, and no hidden denominator
 * to fewer than three; undefined where that cannot be had, because even the labels would tell: then nothing may be said of any part. With
 * `denominators: 'published'` only the numerators are protected.
 */
export const suppressParts = (parts: readonly Part[], options: Options = {}): ReadonlyMap<string, Suppressed> | undefined => {
  const whole = wholeOf(parts);
  const [size, keys] = [sumOf(parts, 'denominator'), parts.map(({ key }) => key)];
  if (size < SHOWABLE) return size === 0 ? new Map() : undefined;
  const also = new Set(options.also);
  if (also.size === 0 && !parts.some(({ denominator }) => isSmall(denominator))) return new Map();
  for (;;) {
    const tree = suppressIn(treeOf(whole, options), { ...options, also });
    const [top] = tree;
    if (top === undefined || top.hiddenChildren.length === 0) return new Map();
    if (sumOf(top.hiddenChildren, 'denominator') >= SHOWABLE) {
      const isTold = ([, { d }]: readonly [Division, Region]): boolean => width(d) < POSSIBILITIES;
      return options.denominators !== 'published' && hanging(top).some(isTold) ? undefined : labelsIn(keys, tree);
    }
    const next = nextToHide(top);
    if (next === undefined) throw new Error('all parts of a whole are fewer than it is');
    also.add(next.code);
  }
};
