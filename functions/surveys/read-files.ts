/** Responses and codebook as CSV. */
import type { Run } from '../http/call.ts';
import { csvLines } from '../http/csv.ts';
import { nextOf, positionOf } from '../http/page.ts';
import { err, ok } from '../kernel/result.ts';
import { codebook } from './codebook.ts';
import type { readSurveyCodebook, readSurveyResponses } from './contract.ts';
import { seen } from './replies.ts';
import { surveyRepository, type OpenedPage, type OpenedPlace, type SurveyRepository } from './repository.ts';
import { responseLines } from './responses-csv.ts';
import { audits, type Survey } from './survey.ts';

/** Characters after which no other page is begun; one has a megabyte. */
const ENOUGH = 3_000_000;
const GROUPS = 1000;

/** The communities of which results tell. */
const toldOf = async (repository: SurveyRepository, survey: Survey): Promise<ReadonlySet<string>> => {
  const told = new Set<string>();
  let after: string | undefined;
  for (;;) {
    const { groups, more } = await repository.groups(survey.id, 'community', '', after, GROUPS);
    for (const { key, suppressed } of groups) if (suppressed === undefined) told.add(key);
    after = groups.at(-1)?.key;
    if (!more || after === undefined) return told;
  }
};

export const readResponses: Run<typeof readSurveyResponses> = async (call) => {
  const { runtime, caller, params, query } = call;
  const found = await seen(call, params.id);
  if (!found.ok) return found;
  const survey = found.value;
  if (!audits(caller, survey)) return err({ code: 'forbidden' });
  if (survey.countedAt === undefined) return err({ code: 'resultsPending' });
  const position = positionOf<OpenedPlace>(call, query.cursor);
  if (!position.ok) return position;

  const repository = surveyRepository(runtime.database);
  const whole = await repository.readResults(survey.id);
  let next: OpenedPlace | undefined;
  let text = '';
  const pages = async function* (): AsyncGenerator<OpenedPage['items']> {
    // Of so few nothing is told at all.
    if (whole?.suppressed !== undefined) return;
    for await (const page of repository.opened(survey, position.value)) {
      ({ next } = page);
      yield page.items;
      if (text.length >= ENOUGH) return;
    }
  };
  const begins = position.value === undefined;
  let isHead = true;
  for await (const lines of responseLines(survey.questions, pages(), await toldOf(repository, survey))) {
    if (begins || !isHead) text += csvLines(lines, { begins: isHead });
    isHead = false;
  }
  const link = nextOf(call, next);
  return ok({
    status: 200,
    body: text,
    ...(link === null
      ? {}
      : { headers: { link: `</v1/surveys/${survey.id}/responses.csv?cursor=${encodeURIComponent(link)}>; rel="next"` } }),
  });
};

export const readCodebook: Run<typeof readSurveyCodebook> = async (call) => {
  const found = await seen(call, call.params.id);
  if (!found.ok) return found;
  if (!audits(call.caller, found.value)) return err({ code: 'forbidden' });
  return ok({ status: 200, body: csvLines(codebook(found.value.questions), { begins: true }) });
};
