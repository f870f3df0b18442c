/** Puts a figure in its place: what has not changed stays as it is, and what was final is kept beside its new revision. */
import type { DivisionCode } from '../kernel/division.ts';
import type { Instant, Month } from '../kernel/time.ts';
import { isSameSums, type Sums } from './count.ts';
import type { Figure, MetricsRepository } from './repository.ts';
import { INDICATORS } from './sources.ts';

const ATTEMPTS = 8;
/** What the public sees while a month lasts. */
const ALWAYS_PUBLIC = INDICATORS.filter(({ sensitive }) => !sensitive).map(({ id }) => id);

/** The run that a figure is computed in. */
export interface Computing {
  readonly repository: MetricsRepository;
  /** The moment that the run is for. */
  readonly at: Instant;
  /** Names who writes: a run may be worked on twice at once. */
  readonly writer: string;
  /** The last month that is final now: a worker may be held up, and a month close meanwhile. */
  readonly closedThrough: () => Promise<Month | undefined>;
}

const isClosed = async ({ closedThrough }: Pick<Computing, 'closedThrough'>, month: Month): Promise<boolean> => {
  const through = await closedThrough();
  return through !== undefined && month <= through;
};

/**
 * Puts what `count` finds. The figure is read before it counts, and written on condition that it is still the same: whoever else has put one
 * meanwhile may have seen more, and then it is counted again.
 */
export const publish = async <T extends { readonly sums: Sums; readonly below?: boolean }>(
  computing: Computing,
  division: DivisionCode,
  month: Month,
  count: () => Promise<T>,
): Promise<T> => {
  const { repository, at, writer } = computing;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const before = await repository.figure(division, month);
    const counted = await count();
    const isSame = isSameSums(before?.sums ?? {}, counted.sums);
    const below = before?.below === true || counted.below === true;
    if (isSame && (before === undefined || below === (before.below === true))) return counted;
    const closed = await isClosed(computing, month);
    const revision = before?.revision ?? 1;
    const restates = closed && !isSame;
    const figure: Omit<Figure, 'pk' | 'sk' | 'version'> = {
      division,
      month,
      sums: counted.sums,
      computedAt: isSame ? (before?.computedAt ?? at) : at,
      publicAt: isSameSums(before?.sums ?? {}, counted.sums, ALWAYS_PUBLIC) ? before?.publicAt : at,
      requestId: writer,
      // A final month without a figure was nothing everywhere: that was its first revision.
      revision: restates ? revision + 1 : revision,
      ...(closed ? { judged: before?.judged, hidden: before?.hidden, hides: before?.hides } : {}),
      ...(closed && below ? { below } : {}),
    };
    const kept = restates && before !== undefined ? [repository.keepsRevision(before)] : [];
    const written = await repository.write([repository.putsFigure(figure, before), ...kept]);
    if (written.ok) return counted;
  }
  throw new Error(`too many at once compute ${division} ${month}: try again`);
};

/**
 * Puts what lies in a division above communities itself beside its children's figures, to be summed up with them. Nobody is shown it by itself,
 * so it has no revisions, and there is nothing to judge.
 */
export const publishShare = async <T extends { readonly sums: Sums }>(
  { repository, at, writer }: Computing,
  division: DivisionCode,
  month: Month,
  count: () => Promise<T>,
): Promise<T> => {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const before = await repository.share(division, month);
    const counted = await count();
    if (isSameSums(before?.sums ?? {}, counted.sums)) return counted;
    const share = { division, month, sums: counted.sums, computedAt: at, requestId: writer };
    if ((await repository.write([repository.putsShare(share, before)])).ok) return counted;
  }
  throw new Error(`too many at once compute what is in ${division} ${month} itself: try again`);
};

/** Whether it is still to be said of a revision, or of one below it, what is hidden. What was computed before the month closed is judged with it. */
export const isUnjudged = ({ revision, judged }: Figure): boolean => revision !== (judged ?? 1);
