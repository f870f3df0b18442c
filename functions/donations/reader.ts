/** What other domains may know of the foundation: its journals, as figures are made of them, and which report has a picture. */
import type { Database } from '../data/database.ts';
import { pagesOf } from '../data/pages.ts';
import type { DivisionCode } from '../kernel/division.ts';
import type { Instant } from '../kernel/time.ts';
import { foundationRepository } from './repository.ts';

/** A journal as the figures of a month need it: never changed. */
export interface JournalImage {
  readonly id: string;
  readonly version: number;
  readonly fund: string;
  /** The fund's: of any level. */
  readonly division: DivisionCode;
  readonly at: Instant;
  readonly kind: string;
  /** Fen that came in or went out, above 0. */
  readonly amount: number;
}

const FUNDS_PAGE = 100;

/** All journals of the funds of exactly that division, a page at a time. */
export async function* journalImages(database: Database, division: DivisionCode): AsyncGenerator<readonly JournalImage[]> {
  const repository = foundationRepository(database);
  for await (const funds of pagesOf((after) => repository.listFunds(`${division}#`, FUNDS_PAGE, after)))
    for (const fund of funds) yield* repository.allJournals(fund);
}

/** The grant whose report a picture belongs to, as its claim says now. */
export const mediaClaim = (database: Database, media: string): Promise<string | undefined> =>
  foundationRepository(database).mediaClaim(media);

/** The `sub` of whoever gave; undefined where they were not signed in, or are forgotten. */
export const donorOf = async (database: Database, donation: string): Promise<string | undefined> =>
  (await foundationRepository(database).donors([donation])).get(donation)?.owner;
