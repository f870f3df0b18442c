/** What other domains may know of the foundation: its journals, as the figures of a month need them. */
import type { Database } from '../data/database.ts';
import type { DivisionCode } from '../kernel/division.ts';
import type { Instant } from '../kernel/time.ts';

/** A journal as the figures of a month need it: pure data, never changed. */
export interface JournalImage {
  readonly id: string;
  readonly version: number;
  readonly fund: string;
  readonly division: DivisionCode;
  readonly at: Instant;
  /** `donation`, `grant`, and others that no figure counts. */
  readonly kind: string;
  /** Fen that came in or went out, positive. */
  readonly amount: number;
}

/** All journals of the funds of exactly that division, a page at a time. There are none until the foundation's tables are there. */
// oxlint-disable-next-line require-yield
export async function* journalImages(_database: Database, _division: DivisionCode): AsyncGenerator<readonly JournalImage[]> {
  // Nothing yet.
}
