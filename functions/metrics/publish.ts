/** Puts a figure in its place: what has not changed stays as it is, and what was final is kept beside its new revision. */
import type { DivisionCode } from '../kernel/division.ts';
import type { Instant, Month } from '../kernel/time.ts';
import { isSameSums, type Sums } from './count.ts';
import type { Figure, MetricsRepository } from './repository.ts';

const ATTEMPTS = 8;

/** The run that a figure is computed in. */
export interface Computing {
  readonly repository: MetricsRepository;
  /** The moment that the run is for. */
  readonly at: Instant;
  /** Names the run in what it writes. */
  readonly runId: string;
  /** Months up to this one are final. */
  readonly closedThrough: Month | undefined;
}

export const isClosed = ({ closedThrough }: Pick<Computing, 'closedThrough'>, month: Month): boolean =>
  closedThrough !== undefined && month <= closedThrough;

export const publish = async (computing: Computing, division: DivisionCode, month: Month, sums: Sums): Promise<void> => {
  const { repository, at, runId } = computing;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const before = await repository.figure(division, month);
    if (isSameSums(before?.sums ?? {}, sums)) return;
    const closed = isClosed(computing, month);
    const revision = before?.revision ?? 1;
    const figure: Omit<Figure, 'pk' | 'sk' | 'version'> = {
      division,
      month,
      sums,
      computedAt: at,
      requestId: runId,
      // A final month without a figure was nothing everywhere: that was its first revision.
      revision: closed ? revision + 1 : revision,
      ...(closed ? { judged: before?.judged, hidden: before?.hidden, hides: before?.hides } : {}),
    };
    const kept = closed && before !== undefined ? [repository.keepsRevision(before)] : [];
    const written = await repository.write([repository.putsFigure(figure, before), ...kept]);
    if (written.ok) return;
  }
  throw new Error(`too many at once compute ${division} ${month}: try again`);
};
