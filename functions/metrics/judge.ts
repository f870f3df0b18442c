/**
 * Says what of a final month the public does not see. The first time, the whole province is looked at; after that a revision adds nothing to
 * what can be reckoned from both: where any figure that it changes is or was hidden, all that it changes is hidden of that indicator.
 */
import { canonical } from '../kernel/canonical.ts';
import { ancestorOf, levelOf, LEVELS, type DivisionCode } from '../kernel/division.ts';
import type { Month } from '../kernel/time.ts';
import type { Sums } from './count.ts';
import type { Indicator } from './indicator.ts';
import { inParallel } from '../kernel/parallel.ts';
import { isUnjudged } from './publish.ts';
import type { Figure, Hidden, MetricsRepository } from './repository.ts';
import { INDICATORS } from './sources.ts';
import { isSmall, suppress, type Suppressed } from '../kernel/suppression.ts';

const AT_ONCE = 16;
const SENSITIVE = INDICATORS.filter(({ sensitive }) => sensitive);

interface Judging {
  readonly repository: MetricsRepository;
  readonly writer: string;
  readonly month: Month;
  /** It is final already, and not only about to be. */
  readonly isFinal: boolean;
}

type Enters = (figure: Figure) => boolean;

/** The province's figure says whether its month has been judged at all. */
const isProvince = ({ division }: Figure): boolean => levelOf(division) === 'province';

/** A figure and all below it, of those that `enters` lets in, level by level. */
const below = async ({ repository, month }: Judging, root: Figure, enters: Enters): Promise<readonly Figure[]> => {
  const found: Figure[] = [];
  for (let level: readonly Figure[] = [root]; level.length > 0;) {
    found.push(...level);
    const parents = level.filter(({ division }) => levelOf(division) !== 'community');
    const children = await inParallel(parents, AT_ONCE, ({ division }) => repository.children(division, month));
    level = children.flat().filter(enters);
  }
  return found;
};

const sumsOf = (sums: Sums, { id }: Indicator): readonly [number, number] => sums[id] ?? [0, 0];

type Labels = ReadonlyMap<DivisionCode, Suppressed>;

const hiddenOf = (labels: ReadonlyMap<string, Labels>, division: DivisionCode): Hidden | undefined => {
  const hidden = SENSITIVE.flatMap(({ id }): [string, Suppressed][] => {
    const label = labels.get(id)?.get(division);
    return label === undefined ? [] : [[id, label]];
  });
  return hidden.length === 0 ? undefined : Object.fromEntries(hidden);
};

/** Writes what is hidden of a figure, unless somebody has changed the figure since: then it is judged again. */
const write = async ({ repository, writer }: Judging, figure: Figure, hidden: Hidden | undefined): Promise<void> => {
  const judged = figure.revision;
  const { pk: _pk, sk: _sk, version: _version, hides, below: hasBelow, ...same } = figure;
  const isSaid = (isProvince(figure) ? figure.judged : (figure.judged ?? 1)) === judged && hides === undefined && hasBelow === undefined;
  if (isSaid && canonical(figure.hidden ?? null) === canonical(hidden ?? null)) return;
  const written = await repository.write([repository.putsFigure({ ...same, hidden, judged, requestId: writer }, figure)]);
  if (!written.ok) throw new Error(`${figure.division} ${figure.month} was computed again while it was judged: try again`);
};

const judgeAll = async (judging: Judging, root: Figure): Promise<void> => {
  const figures = await below(judging, root, () => true);
  const labels = new Map<string, Labels>();
  for (const indicator of SENSITIVE) {
    const cells = figures.map(({ division, sums }) => {
      const [numerator, denominator] = sumsOf(sums, indicator);
      return { code: division, numerator, denominator };
    });
    const denominators = indicator.denominatorOf === undefined ? 'hidden' : 'published';
    const also = new Set(labels.get(indicator.hiddenWith ?? '')?.keys());
    labels.set(indicator.id, suppress(cells, { denominators, also }));
  }
  await inParallel(figures, AT_ONCE, (figure) => write(judging, figure, hiddenOf(labels, figure.division)));
};

/** Says on a province's figure of which indicators everything that has changed is hidden. */
const keepDecision = async ({ repository, writer }: Judging, root: Figure, hides: readonly Indicator[]): Promise<Figure> => {
  const { pk: _pk, sk: _sk, version: _version, ...same } = root;
  const figure = { ...same, hides: hides.map(({ id }) => id), requestId: writer };
  const written = await repository.write([repository.putsFigure(figure, root)]);
  if (!written.ok) throw new Error(`${root.division} ${root.month} was computed again while it was judged: try again`);
  return { ...root, ...figure, version: root.version + 1 };
};

const judgeRevision = async (judging: Judging, root: Figure): Promise<void> => {
  const { repository, month } = judging;
  const onTheWay = await below(judging, root, (figure) => isUnjudged(figure) || figure.below === true);
  const revised = onTheWay.filter(isUnjudged);
  const before = await inParallel(revised, AT_ONCE, async ({ division, judged }) => {
    const last = await repository.revision(division, month, judged ?? 1);
    return last?.sums ?? {};
  });
  const changedIn = (indicator: Indicator): readonly Figure[] =>
    revised.filter(({ sums }, index) => sumsOf(sums, indicator).join() !== sumsOf(before[index] ?? {}, indicator).join());
  const isHiding = (indicator: Indicator): boolean =>
    root.hides?.includes(indicator.id) === true ||
    SENSITIVE.some((other) => other.id === indicator.hiddenWith && isHiding(other)) ||
    changedIn(indicator).some(({ sums, hidden }) => hidden?.[indicator.id] !== undefined || isSmall(sumsOf(sums, indicator)[1]));
  const hides = SENSITIVE.filter(isHiding);
  // Kept before anything is judged by it: whoever tries again sees only what is left, and must not decide otherwise.
  const decided = hides.length === 0 ? root : await keepDecision(judging, root, hides);
  const labels = new Map(
    SENSITIVE.map((indicator): [string, Labels] => {
      const changed = new Set(hides.includes(indicator) ? changedIn(indicator).map(({ division }) => division) : []);
      const labelOf = ({ division, sums, hidden }: Figure): Suppressed | undefined => {
        // What was hidden keeps its label: another one would tell.
        const before = hidden?.[indicator.id];
        if (before !== undefined || !changed.has(division)) return before;
        // Where a sum above is still shown, which of those that make it is small would tell what the others are.
        const tellsNothing = indicator.denominatorOf !== undefined || LEVELS.every((level) => changed.has(ancestorOf(division, level)));
        return tellsNothing && isSmall(sumsOf(sums, indicator)[1]) ? 'small' : 'secondary';
      };
      const labelled = onTheWay.flatMap((figure): [DivisionCode, Suppressed][] => {
        const label = labelOf(figure);
        return label === undefined ? [] : [[figure.division, label]];
      });
      return [indicator.id, new Map(labelled)];
    }),
  );
  // From below: as long as a figure above is not judged, whoever tries again comes down to those that are left.
  const all = onTheWay.map((each) => (each === root ? decided : each));
  for (const level of LEVELS.toReversed()) {
    const ofLevel = all.filter(({ division }) => levelOf(division) === level);
    await inParallel(ofLevel, AT_ONCE, (figure) => write(judging, figure, hiddenOf(labels, figure.division)));
  }
};

/** Judges a final month, or one that is about to be, in one province. */
export const judge = async (judging: Judging, province: DivisionCode): Promise<void> => {
  const { repository, month } = judging;
  const root = await repository.figure(province, month);
  if (root === undefined) return;
  // As long as it is not final, nobody has seen it.
  if (!judging.isFinal || root.judged === undefined) await judgeAll(judging, root);
  else if (isUnjudged(root) || root.below === true || root.hides !== undefined) await judgeRevision(judging, root);
};
