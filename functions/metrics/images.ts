/**
 * What lies in the tables of each kind of thing that is counted, for who makes all facts again. It stands apart from the sources: who counts
 * and shows loads no other domain's repository.
 */
import { recipientImages } from '../care/reader.ts';
import type { Database } from '../data/database.ts';
import { communityImages } from '../divisions/reader.ts';
import { journalImages } from '../donations/reader.ts';
import type { DivisionCode } from '../kernel/division.ts';
import { reachImages } from '../notifications/reader.ts';
import { mealDayImages } from '../places/reader.ts';
import { rectificationImages, requestImages } from '../service-requests/reader.ts';
import { surveyCountImages } from '../surveys/reader.ts';
import type { AnySource, SourceOf } from './indicator.ts';
import type { Life } from './life.ts';
import type { SourceKind } from './sources.ts';
import { alerts } from './sources/alerts.ts';
import { care } from './sources/care.ts';
import { donations } from './sources/donations.ts';
import { communities, meals } from './sources/meals.ts';
import { rectifications } from './sources/rectifications.ts';
import { requests } from './sources/requests.ts';
import { surveys } from './sources/surveys.ts';

/** A source, and the lives of all that lie in exactly one division, a page at a time. */
export interface Rereadable {
  readonly source: AnySource;
  readonly lives: (database: Database, division: DivisionCode) => AsyncIterable<readonly Life[]>;
}

export const rereadable = <Image>(
  source: SourceOf<string, Image>,
  images: (database: Database, division: DivisionCode) => AsyncIterable<readonly Image[]>,
): Rereadable => ({
  source,
  async *lives(database, division) {
    for await (const page of images(database, division)) yield page.map((image) => source.life(image));
  },
});

/** Of every kind that is counted: one that comes has its line here, or this does not compile. */
export const REREADABLE: Readonly<Record<SourceKind, Rereadable>> = {
  request: rereadable(requests, requestImages),
  rectification: rereadable(rectifications, rectificationImages),
  journal: rereadable(donations, journalImages),
  reach: rereadable(alerts, reachImages),
  surveyCount: rereadable(surveys, surveyCountImages),
  recipient: rereadable(care, recipientImages),
  community: rereadable(communities, communityImages),
  mealDay: rereadable(meals, mealDayImages),
};
