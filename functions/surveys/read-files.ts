/** Responses and codebook as CSV. */
import type { Run } from '../http/call.ts';
import { csvLines } from '../http/csv.ts';
import { wrongField } from '../http/problem.ts';
import { seal, unseal } from '../http/secret.ts';
import { err, ok } from '../kernel/result.ts';
import { codebook } from './codebook.ts';
import type { readSurveyCodebook, readSurveyResponses } from './contract.ts';
import { surveyRepository, type OpenedPage, type OpenedPlace, type SurveyRepository } from './repository.ts';
import { responseLines } from './responses-csv.ts';
import { seen } from './seen.ts';
import { audits, type Survey } from './survey.ts';

/** Characters after which no other page is begun; one has a megabyte. */
const ENOUGH = 3_000_000;
const GROUPS = 1000;
const PLACE = 'surveyResponses';

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
  const context = JSON.stringify([survey.id, caller.sub]);
  const opened = query.from === undefined ? undefined : unseal(runtime.secrets, PLACE, context, query.from);
  if (query.from !== undefined && opened === undefined)
    return err(wrongField('from', { 'zh-CN': '不是上一部分给出的位置', en: 'is no place that the part before has given' }));
  // Only what we sealed opens, so its shape is ours.
  const position = opened === undefined ? undefined : (JSON.parse(opened) as OpenedPlace);

  const repository = surveyRepository(runtime.database);
  const whole = await repository.readResults(survey.id);
  let next: OpenedPlace | undefined;
  let text = '';
  const pages = async function* (): AsyncGenerator<OpenedPage['items']> {
    // Of so few nothing is told at all.
    if (whole?.suppressed !== undefined) return;
    for await (const page of repository.opened(survey, position)) {
      ({ next } = page);
      yield page.items;
      if (text.length >= ENOUGH) return;
    }
  };
  const begins = position === undefined;
  let isHead = true;
  for await (const lines of responseLines(survey, pages(), await toldOf(repository, survey))) {
    if (begins || !isHead) text += csvLines(lines, { begins: isHead });
    isHead = false;
  }
  const link = next === undefined ? undefined : seal(runtime.secrets, PLACE, context, JSON.stringify(next), runtime.random);
  return ok({
    status: 200,
    body: text,
    ...(link === undefined
      ? {}
      : { headers: { link: `</v1/surveys/${survey.id}/responses.csv?from=${encodeURIComponent(link)}>; rel="next"` } }),
  });
};

export const readCodebook: Run<typeof readSurveyCodebook> = async (call) => {
  const found = await seen(call, call.params.id);
  if (!found.ok) return found;
  if (!audits(call.caller, found.value)) return err({ code: 'forbidden' });
  return ok({ status: 200, body: csvLines(codebook(found.value), { begins: true }) });
};
