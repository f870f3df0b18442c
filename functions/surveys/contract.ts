/** What clients see of surveys (满意度调查). */
import * as z from 'zod/mini';
import { operation } from '../http/operation.ts';
import {
  communityCode,
  count,
  divisionCode,
  id,
  instant,
  line,
  moment,
  named,
  page,
  paging,
  prose,
  stored,
  texts,
} from '../http/schema.ts';
import { MOST_TEXT, QUESTION_KINDS, RESPONSE_CHANNELS } from './question.ts';
import { SURVEY_MODES, SURVEY_STATES } from './survey.ts';

const MOST_QUESTIONS = 50;
const MOST_OPTIONS = 50;
const MOST_DIVISIONS = 100;
/** A transaction has a hundred writes, one of them the record of the key. */
const MOST_CODES = 90;

/** Its makers' own: what every object has already is no name for something new. */
const ownId = z.string().check(
  z.regex(/^[a-zA-Z0-9][a-zA-Z0-9_-]{0,31}$/),
  z.refine((text) => !(text in {})),
);
const option = z.strictObject({ id: ownId, text: texts(300) });
const options = z.optional(z.array(option).check(z.minLength(1), z.maxLength(MOST_OPTIONS)));

const question = named(
  'SurveyQuestion',
  z.strictObject({
    id: ownId,
    kind: z.enum(QUESTION_KINDS),
    text: texts(1000),
    /** Of `single` and `multiple`; the columns of a `matrix` with `rows`, or else its lines. */
    options,
    /** The lines of a `matrix`, each answered with one of its options; without them each option gets a level from `min` to `max`, 1 to 5 unless said. */
    rows: options,
    /** Bounds of a `number`; of `multiple` how many; of `text` how many characters, 1,000 unless said and 2,000 at most; levels of a `matrix` without rows. */
    min: z.optional(stored(6)),
    max: z.optional(stored(6)),
    required: z.boolean(),
    /** What the satisfaction rate is made of: of one `rating` at most. */
    satisfaction: z.optional(z.boolean()),
    /** Asked only of whom an earlier question was answered by with one of these: ids of options, or levels, as text or as numbers. */
    showIf: z.optional(
      z.strictObject({ question: ownId, in: z.array(z.union([ownId, z.int()])).check(z.minLength(1), z.maxLength(MOST_OPTIONS)) }),
    ),
  }),
);

const audience = z.strictObject({ divisions: z.array(divisionCode).check(z.minLength(1), z.maxLength(MOST_DIVISIONS)) });

const facts = {
  title: texts(200),
  questions: z.array(question).check(z.minLength(1), z.maxLength(MOST_QUESTIONS)),
  audience,
  mode: z.enum(SURVEY_MODES),
};

const surveyInput = named('SurveyInput', z.strictObject({ ...facts, opensAt: moment, closesAt: moment }));
export type SurveyInput = z.output<typeof surveyInput>;

const summary = {
  id,
  title: texts(200),
  audience: z.object({ divisions: z.array(divisionCode) }),
  mode: facts.mode,
  /** By the clock: `open` from `opensAt` on until, and not including, `closesAt`. */
  state: z.enum(SURVEY_STATES),
  opensAt: instant,
  closesAt: instant,
  /** When it ended: at `closesAt`, or earlier. */
  closedAt: z.optional(instant),
};
const surveySchema = named(
  'Survey',
  z.object({
    ...summary,
    questions: z.array(question),
    createdAt: instant,
    updatedAt: instant,
    publishedAt: z.optional(instant),
    /** From when on its results are there. */
    countedAt: z.optional(instant),
    /** Of an anonymous one: when its key was destroyed; from here on nobody can open what was not opened. */
    keyDestroyedAt: z.optional(instant),
    /** What the caller may do with it now. */
    actions: z.array(z.string()),
  }),
);
const surveySummary = named('SurveySummary', z.object(summary));

const params = z.object({ id });

const example = {
  title: { 'zh-CN': '社区服务满意度调查', en: 'How satisfied are you with your community’s services?' },
  questions: [
    { id: 'overall', kind: 'rating', text: { 'zh-CN': '总体满意程度', en: 'Overall' }, required: true, satisfaction: true },
    {
      id: 'why',
      kind: 'multiple',
      text: { 'zh-CN': '哪些方面需要改进？', en: 'What should be better?' },
      options: [
        { id: 'meals', text: { 'zh-CN': '助餐' } },
        { id: 'repairs', text: { 'zh-CN': '维修' } },
      ],
      required: false,
      showIf: { question: 'overall', in: ['1', '2', '3'] },
    },
  ],
  audience: { divisions: ['510104017'] },
  opensAt: '2026-11-24T09:00:00+08:00',
  closesAt: '2099-12-31T18:00:00+08:00',
  mode: 'anonymous',
} as const;
const anId = { params: { id: '00000000000000000000000000' } };

const makers = { access: 'signedIn', roles: ['dispatcher', 'admin'] } as const;

export const createSurvey = operation({
  id: 'createSurvey',
  method: 'POST',
  path: '/v1/surveys',
  summary: 'Drafts a survey; for dispatchers and administrators of every division of its audience',
  ...makers,
  body: surveyInput,
  responses: { 201: surveySchema },
  problems: ['forbidden', 'invalid'],
  uses: { surveys: 'remove', divisions: 'read' },
  examples: { body: example },
});

export const reviseSurvey = operation({
  id: 'reviseSurvey',
  method: 'PUT',
  path: '/v1/surveys/{id}',
  summary: 'Replaces a draft as a whole',
  ...makers,
  params,
  body: surveyInput,
  responses: { 200: surveySchema },
  problems: ['forbidden', 'notFound', 'invalid', 'wrongState', 'preconditionFailed', 'conflict'],
  ifMatch: true,
  uses: { surveys: 'remove', divisions: 'read' },
  examples: { ...anId, body: example },
});

export const publishSurvey = operation({
  id: 'publishSurvey',
  method: 'POST',
  path: '/v1/surveys/{id}/publish',
  summary: 'Publishes a draft: from here on its questions stand, and its times count',
  description: 'What would be over at once cannot be published: its draft must say a later `closesAt` first (422).',
  ...makers,
  params,
  responses: { 200: surveySchema },
  problems: ['forbidden', 'notFound', 'invalid', 'wrongState', 'preconditionFailed', 'conflict'],
  ifMatch: true,
  vault: 'create',
  uses: { surveys: 'remove' },
  examples: anId,
});

export const extendSurvey = operation({
  id: 'extendSurvey',
  method: 'POST',
  path: '/v1/surveys/{id}/extend',
  summary: 'Lets a survey that is not over end later',
  ...makers,
  params,
  body: z.strictObject({ closesAt: moment }),
  responses: { 200: surveySchema },
  problems: ['forbidden', 'notFound', 'invalid', 'wrongState', 'preconditionFailed', 'conflict'],
  ifMatch: true,
  uses: { surveys: 'remove' },
  examples: { ...anId, body: { closesAt: '2100-01-31T18:00:00+08:00' } },
});

export const closeSurvey = operation({
  id: 'closeSurvey',
  method: 'POST',
  path: '/v1/surveys/{id}/close',
  summary: 'Ends a survey before its time; its results follow at once',
  ...makers,
  params,
  responses: { 200: surveySchema },
  problems: ['forbidden', 'notFound', 'wrongState', 'preconditionFailed', 'conflict'],
  ifMatch: true,
  uses: { surveys: 'remove' },
  examples: anId,
});

export const listSurveys = operation({
  id: 'listSurveys',
  method: 'GET',
  path: '/v1/surveys',
  summary: 'The surveys of a place, newest first: open ones unless said',
  description:
    'Those whose audience is that division, lies in it, or has it; of the whole country without one. `state=closed` lists those that have ended and have results, `state=draft` drafts, to staff and administrators of all of their audience; a draft that reaches beyond one province is listed without `division` only.',
  access: 'optional',
  query: z.strictObject({ division: z.optional(divisionCode), state: z.optional(z.enum(['open', 'closed', 'draft'])), ...paging }),
  responses: { 200: page(surveySummary) },
  problems: ['cursorInvalid'],
  // Whoever comes first after the end closes it.
  uses: { surveys: 'remove' },
  examples: { query: { division: '510104017' } },
});

export const readSurvey = operation({
  id: 'readSurvey',
  method: 'GET',
  path: '/v1/surveys/{id}',
  summary: 'A survey; a draft for staff and administrators of all of its audience only',
  access: 'optional',
  params,
  responses: { 200: surveySchema },
  problems: ['notFound'],
  uses: { surveys: 'read' },
  examples: anId,
});

const answer = z.union([
  prose(MOST_TEXT.ever),
  z.number(),
  z.array(ownId).check(z.maxLength(MOST_OPTIONS)),
  z.record(ownId, z.union([ownId, z.int()])),
]);
const responseInput = named(
  'SurveyResponseInput',
  z.strictObject({
    /** By the question’s id: an option by its id, `multiple` a list of them, `rating` and `nps` a level, `date` a day, `matrix` options by row, or levels by option. */
    answers: z.record(z.string().check(z.maxLength(64)), answer),
    /** `app` unless said; `phone` and `paper` are entered by a worker, with a code. */
    channel: z.optional(z.enum(RESPONSE_CHANNELS)),
    code: z.optional(line(40)),
  }),
);
export type ResponseInput = z.output<typeof responseInput>;

export const respondToSurvey = operation({
  id: 'respondToSurvey',
  method: 'POST',
  path: '/v1/surveys/{id}/responses',
  summary: 'Answers a survey, once: a resident whose home is in its audience, or a worker for who answers by telephone or on paper',
  description:
    'Every person and every code answers once: 409 after that. The same `Idempotency-Key` again gives the same answer with `Idempotency-Replayed`; of an anonymous survey nothing is kept of the body, so it is not compared, and the key counts as long as the survey is kept; with another `code` it is 422. `code` is a one-time code of `…/codes`, whose community is that of the answer.',
  access: 'signedIn',
  params,
  body: responseInput,
  headers: z.object({ 'idempotency-key': z.optional(z.string()) }),
  responses: {
    201: z.object({
      survey: id,
      received: z.literal(true),
      /** Of a confidential survey: under which it is kept. */
      response: z.optional(id),
    }),
  },
  problems: ['forbidden', 'notFound', 'invalid', 'wrongState', 'conflict'],
  // Whoever comes first after the end closes it.
  uses: { surveys: 'remove' },
  examples: { ...anId, body: { answers: { overall: 2, why: ['repairs'] }, channel: 'app' } },
});

export const readSurveyResponse = operation({
  id: 'readSurveyResponse',
  method: 'GET',
  path: '/v1/surveys/{id}/responses/{response}',
  summary: 'A response to a confidential survey and whose it is; for an auditor of its audience, who says why, which is recorded',
  access: 'signedIn',
  roles: ['auditor'],
  params: z.object({ id, response: id }),
  query: z.strictObject({ reason: line(500) }),
  responses: {
    200: z.object({
      id,
      survey: id,
      /** Not there where a code stands for the person. */
      sub: z.optional(z.string()),
      /** The worker who entered it for them. */
      enteredBy: z.optional(z.string()),
      community: communityCode,
      channel: z.enum(RESPONSE_CHANNELS),
      at: instant,
      answers: z.record(z.string(), answer),
    }),
  },
  problems: ['forbidden', 'notFound'],
  tag: 'content',
  uses: { surveys: 'read', audit: 'append' },
  examples: {
    params: { id: '00000000000000000000000000', response: '00000000000000000000000000' },
    query: { reason: '举报核查' },
  },
});

export const issueSurveyCodes = operation({
  id: 'issueSurveyCodes',
  method: 'POST',
  path: '/v1/surveys/{id}/codes',
  summary: 'One-time codes for answers by telephone and on paper in a community; for its workers and dispatchers',
  description: 'Each is 8 characters and a check sign, to be read aloud. They are kept as hashes: nobody sees them again.',
  access: 'signedIn',
  roles: ['worker', 'dispatcher'],
  params,
  body: z.strictObject({
    /** Where the caller works unless said, or where all that are asked live, if that is one community. */
    community: z.optional(communityCode),
    /** 1 unless said. */
    count: z.optional(z.int().check(z.gte(1), z.lte(MOST_CODES))),
  }),
  responses: {
    201: z.object({
      survey: id,
      community: communityCode,
      /** The first of them. */
      code: z.string(),
      codes: z.array(z.string()),
    }),
  },
  problems: ['forbidden', 'notFound', 'invalid', 'wrongState'],
  uses: { surveys: 'write', divisions: 'read' },
  examples: { ...anId, body: { community: '510104017001', count: 3 } },
});

const suppressed = z.optional(z.enum(['small', 'secondary']));
const optionResult = z.object({
  id: z.string(),
  count,
  /** Of those who answered the question or the row, with its 95 % Wilson interval: fractions of 6 decimals. */
  share: z.nullable(z.number()),
  low: z.nullable(z.number()),
  high: z.nullable(z.number()),
});
const questionResult = named(
  'SurveyQuestionResult',
  z.object({
    id: z.string(),
    kind: z.enum(QUESTION_KINDS),
    /** Who answered it. */
    n: z.optional(count),
    /** A rating’s are its levels; of a `date`, periods. */
    options: z.optional(z.array(optionResult)),
    rows: z.optional(
      z.array(
        z.object({
          id: z.string(),
          n: z.optional(count),
          options: z.optional(z.array(optionResult)),
          mean: z.optional(z.number()),
          suppressed,
        }),
      ),
    ),
    mean: z.optional(z.number()),
    median: z.optional(z.number()),
    /** From −100 to 100. */
    nps: z.optional(z.number()),
    suppressed,
  }),
);
const groupResult = z.object({
  key: z.string(),
  suppressed,
  responses: z.optional(count),
  questions: z.optional(z.array(questionResult)),
});

export const readSurveyResults = operation({
  id: 'readSurveyResults',
  method: 'GET',
  path: '/v1/surveys/{id}/results',
  summary: 'What was answered: counts, shares and figures; public once it has ended',
  description:
    'Before the end it is for staff of all of its audience, of what is counted by then, without groups and without questions that not everybody must answer (`secondary`). Fewer than 5 answers are never shown: a group of 1 to 4 is `small`, and what would give it away `secondary`. With `by=community`, communities come in order, a thousand or 3 MB at a time.',
  access: 'optional',
  params,
  query: z.strictObject({
    by: z.optional(z.enum(['community', 'channel'])),
    /** Of `by=community`: those that lie in it. */
    division: z.optional(divisionCode),
    /** Of `by=community`: those that come after this one. */
    after: z.optional(communityCode),
  }),
  responses: {
    200: z.object({
      survey: id,
      /** Nobody’s answers are missing: false while it goes on. */
      final: z.boolean(),
      responses: z.optional(count),
      suppressed,
      questions: z.array(questionResult),
      by: z.optional(z.object({ community: z.optional(z.array(groupResult)), channel: z.optional(z.array(groupResult)) })),
      /** With `by`: whether more communities come `after` the last of these. */
      more: z.optional(z.boolean()),
    }),
  },
  problems: ['forbidden', 'notFound', 'resultsPending'],
  tag: 'content',
  // Whoever comes first after the end closes it.
  uses: { surveys: 'remove' },
  examples: { ...anId, query: { by: 'community' } },
});

export const listSurveyTexts = operation({
  id: 'listSurveyTexts',
  method: 'GET',
  path: '/v1/surveys/{id}/texts',
  summary: 'What was written in answer to a question of kind `text`; for staff and auditors of all of its audience, once it is counted',
  description:
    'Free text is for nobody else. It comes in an order that says nothing, and without where it comes from. Where fewer than 5 answered the question, there is none (`small`).',
  access: 'signedIn',
  roles: ['worker', 'dispatcher', 'auditor'],
  params,
  query: z.strictObject({ question: z.string().check(z.minLength(1)), ...paging }),
  responses: { 200: z.extend(page(z.string()), { suppressed }) },
  problems: ['forbidden', 'notFound', 'invalid', 'resultsPending', 'cursorInvalid'],
  tag: 'content',
  uses: { surveys: 'read' },
  examples: { ...anId, query: { question: 'wish' } },
});

const files = {
  method: 'GET',
  access: 'signedIn',
  roles: ['auditor'],
  params,
  responses: { 200: z.string() },
  media: ['text/csv; charset=utf-8'],
  tag: 'content',
  uses: { surveys: 'read' },
} as const;

export const readSurveyResponses = operation({
  id: 'readSurveyResponses',
  path: '/v1/surveys/{id}/responses.csv',
  summary: 'Every response as a line of CSV, in no order; for an auditor of its audience, once it is counted',
  description:
    'Some 4 MB at once: where there is more, a `Link` with `rel="next"` (RFC 8288) leads to it, and that part has no heads of columns, so that parts are put together as they are. Of an anonymous survey no line says where it comes from; of another, where the results tell of that community, and `_response` is the id by which an auditor may ask whose it is.',
  ...files,
  /** Where a part begins, as the link says. */
  query: z.strictObject({ from: z.optional(z.string().check(z.minLength(1))) }),
  problems: ['forbidden', 'notFound', 'invalid', 'resultsPending'],
  examples: anId,
});

export const readSurveyCodebook = operation({
  id: 'readSurveyCodebook',
  path: '/v1/surveys/{id}/codebook',
  summary: 'What the columns of the responses and their values mean, as CSV',
  ...files,
  problems: ['forbidden', 'notFound'],
  examples: anId,
});

export const surveyOperations = {
  createSurvey,
  reviseSurvey,
  publishSurvey,
  extendSurvey,
  closeSurvey,
  listSurveys,
  readSurvey,
  respondToSurvey,
  readSurveyResponse,
  issueSurveyCodes,
  readSurveyResults,
  listSurveyTexts,
  readSurveyResponses,
  readSurveyCodebook,
};
