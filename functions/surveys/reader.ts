/** What other domains may know of surveys: what of each community the satisfaction rate is made of. */
import type { Database } from '../data/database.ts';
import { pagesOf } from '../data/pages.ts';
import type { DivisionCode } from '../kernel/division.ts';
import { surveyRepository, type SurveyCount } from './repository.ts';

/**
 * What was answered to a survey's question of satisfaction in a community, as far as it is shown: nothing of so few that their answers could be
 * told. Made once, when the survey has ended, and never changed.
 */
export type SurveyCountImage = SurveyCount & { readonly version: number };

/** Those of all surveys in a community, a page at a time. */
export async function* surveyCountImages(database: Database, community: DivisionCode): AsyncGenerator<readonly SurveyCountImage[]> {
  const repository = surveyRepository(database);
  yield* pagesOf((after) => repository.surveyCounts(community, after));
}
