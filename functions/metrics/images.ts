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
import type { AnySource } from './indicator.ts';
import type { Life } from './life.ts';

type Images = (database: Database, division: DivisionCode) => AsyncIterable<readonly object[]>;

const IMAGES: Readonly<Record<string, Images>> = {
  request: requestImages,
  rectification: rectificationImages,
  journal: journalImages,
  reach: reachImages,
  surveyCount: surveyCountImages,
  recipient: recipientImages,
  community: communityImages,
  mealDay: mealDayImages,
};

/** The lives of all that lie in exactly that division, a page at a time. */
export async function* livesIn(source: AnySource, database: Database, division: DivisionCode): AsyncGenerator<readonly Life[]> {
  if (source.lives !== undefined) return yield* source.lives(database, division);
  const images = IMAGES[source.kind];
  if (images === undefined) throw new Error(`nobody says where each ${source.kind} lies: has its line in images.ts been forgotten?`);
  // What is read of a kind is what its own source makes a life of.
  for await (const page of images(database, division)) yield page.map((image) => source.life(image as never));
}
