/** Drafts: making one, and replacing it as long as nobody has been asked. */
import { divisionsReader } from '../divisions/reader.ts';
import { isMatch, type Repeatable, type Run } from '../http/call.ts';
import type { FieldError, Failure } from '../http/problem.ts';
import type { Runtime } from '../data/runtime.ts';
import { withoutParts } from '../kernel/division.ts';
import { newId } from '../kernel/id.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import { parseInstant, toInstant, type EpochMs } from '../kernel/time.ts';
import type { createSurvey, reviseSurvey, SurveyInput } from './contract.ts';
import { faultsOf, questionFrom } from './questionnaire.ts';
import { replayed, shownAs, wrongStateOf } from './replies.ts';
import { surveyRepository } from './repository.ts';
import { draftFrom, makes, maySee, revised, type SurveyFacts } from './survey.ts';

/** What was sent as the facts of a survey; every wrong field named. */
const factsOf = async (
  { database }: Pick<Runtime, 'database'>,
  input: SurveyInput,
  now: EpochMs,
): Promise<Result<SurveyFacts, readonly FieldError[]>> => {
  const [opens, closes] = [parseInstant(input.opensAt), parseInstant(input.closesAt)];
  if (opens === undefined || closes === undefined) throw new Error('the schema lets moments through only');
  const questions = input.questions.map(questionFrom);
  const divisions = [...new Set(input.audience.divisions)];
  const known = new Set((await divisionsReader(database).findMany(divisions)).map(({ code }) => code));
  const errors: FieldError[] = [
    ...faultsOf(questions).map(({ path, message }) => ({ path: path === '' ? 'questions' : `questions.${path}`, message })),
    ...input.audience.divisions.flatMap((code, index) =>
      known.has(code) ? [] : [{ path: `audience.divisions.${index}`, message: { 'zh-CN': '没有这个区划', en: 'is no division here' } }],
    ),
    ...(closes <= opens || closes <= now
      ? [{ path: 'closesAt', message: { 'zh-CN': '应晚于 opensAt，且晚于现在', en: 'must be later than opensAt, and than now' } }]
      : []),
  ];
  if (errors.length > 0) return err(errors);
  return ok({
    ...input,
    questions,
    audience: { divisions: withoutParts(divisions) },
    opensAt: toInstant(opens),
    closesAt: toInstant(closes),
  });
};

const invalid = (errors: readonly FieldError[]): Failure => ({ code: 'invalid', errors });

export const create: Repeatable<typeof createSurvey> = {
  async run(call) {
    const { runtime, caller, body, now, requestId } = call;
    if (!makes(caller, body)) return err({ code: 'forbidden' });
    const facts = await factsOf(runtime, body, now);
    if (!facts.ok) return err(invalid(facts.error));
    const repository = surveyRepository(runtime.database);
    const survey = draftFrom(newId(runtime.random), facts.value, caller.sub, now);
    const written = await repository.write([
      repository.puts(survey, undefined, requestId),
      ...repository.lists(survey, 'draft'),
      ...call.once(201, survey.id),
    ]);
    if (!written.ok) return err({ code: 'conflict' });
    return ok({ ...shownAs(call, survey), status: 201, location: `/v1/surveys/${survey.id}` });
  },
  replay: async (call, resource) => {
    const again = await replayed(call, resource);
    return again.ok ? ok({ ...again.value, location: `/v1/surveys/${resource}` }) : again;
  },
};

export const revise: Run<typeof reviseSurvey> = async (call) => {
  const { runtime, caller, params, body, ifMatch, now, requestId } = call;
  const repository = surveyRepository(runtime.database);
  const survey = await repository.read(params.id);
  if (survey === undefined || !maySee(caller, survey)) return err({ code: 'notFound' });
  if (!makes(caller, survey) || !makes(caller, body)) return err({ code: 'forbidden' });
  if (!isMatch(ifMatch, survey.version)) return err({ code: 'preconditionFailed' });
  const facts = await factsOf(runtime, body, now);
  if (survey.publishedAt !== undefined) return err(wrongStateOf(call, survey));
  if (!facts.ok) return err(invalid(facts.error));
  const after = revised(survey, facts.value, now);
  if (!after.ok) return err(wrongStateOf(call, survey));
  const written = await repository.write([
    repository.puts(after.value, survey, requestId),
    ...repository.lists(after.value, 'draft', { survey, kind: 'draft' }),
  ]);
  if (!written.ok) return err({ code: ifMatch === undefined ? 'conflict' : 'preconditionFailed' });
  return ok(shownAs(call, after.value));
};
