/** What other domains may ask of surveys. */
import type { Database } from '../data/database.ts';
import type { DivisionCode } from '../kernel/division.ts';
import { surveyRepository, type SurveyCount } from './repository.ts';

export interface SurveysReader {
  /**
   * What was answered to a survey's question of satisfaction in a community, as far as it is shown: nothing of so few that their answers could
   * be told. Made once, when the survey has ended, and never changed.
   */
  satisfaction(survey: string, community: DivisionCode): Promise<SurveyCount | undefined>;
}

/** What is counted of one survey in one community. */
export type SurveyCountImage = SurveyCount & { readonly version: number };

/** What all surveys have counted in a community, a page at a time: for who counts its months again. */
export async function* surveyCountImages(database: Database, community: DivisionCode): AsyncGenerator<readonly SurveyCountImage[]> {
  const repository = surveyRepository(database);
  let after: Record<string, unknown> | undefined;
  do {
    const page = await repository.surveyCounts(community, after);
    yield page.items;
    after = page.after;
  } while (after !== undefined);
}

export const surveysReader = (database: Database): SurveysReader => {
  const repository = surveyRepository(database);
  return { satisfaction: repository.readSurveyCount };
};
