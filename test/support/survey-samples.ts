/** What the generated tests need to know of surveys: see samples.ts. */
import { surveyOperations } from '../../functions/surveys/contract.ts';
import type { TokenClaims } from '../../lib/local/issuer.ts';
import type { Made } from './operations.ts';
import { auditor, dispatcher, resident, SHUIJINGFANG, worker } from './people.ts';
import type { Sample } from './samples.ts';
import type { Answer, World } from './world.ts';

const EXAMPLE = surveyOperations.createSurvey.examples.body;
const STREET = '510104017';
const LISTED = 6;
const ANSWERS = { answers: { overall: 2, why: ['repairs'] }, channel: 'app' } as const;

const succeeded = (answer: Answer): Answer => {
  if (answer.status >= 300) throw new Error(`a sample cannot be made: ${answer.status} ${answer.text}`);
  return answer;
};

type State = 'draft' | 'open' | 'closed';

/** A confidential one: of an anonymous one no body is compared. */
const surveyIn = async (world: World, state: State): Promise<string> => {
  const { id } = succeeded(await world.post('/v1/surveys', dispatcher, { ...EXAMPLE, mode: 'confidential' })).body;
  if (state !== 'draft') succeeded(await world.post(`/v1/surveys/${id}/publish`, dispatcher));
  if (state === 'closed') succeeded(await world.post(`/v1/surveys/${id}/close`, dispatcher));
  await world.settle();
  return id;
};

const on =
  (state: State, as: TokenClaims): ((world: World) => Promise<Made>) =>
  async (world) => ({ as, params: { id: await surveyIn(world, state) } });

const makers = { another: 'allowed' } as const;

const answered = async (world: World): Promise<Record<string, string>> => {
  const id = await surveyIn(world, 'open');
  const { body } = succeeded(await world.post(`/v1/surveys/${id}/responses`, resident, ANSWERS));
  return { id, response: body.response };
};

/** One in which several have written something, each something else, to two questions. */
const written = async (world: World): Promise<Record<string, string>> => {
  const questions = ['wish', 'thanks'].map((id) => ({ id, kind: 'text', text: { 'zh-CN': id }, required: true }));
  const { id } = succeeded(await world.post('/v1/surveys', dispatcher, { ...EXAMPLE, questions, mode: 'confidential' })).body;
  succeeded(await world.post(`/v1/surveys/${id}/publish`, dispatcher));
  for (let each = 0; each < LISTED; each++)
    succeeded(
      await world.post(
        `/v1/surveys/${id}/responses`,
        { ...resident, sub: `writer-${each}` },
        { answers: { wish: `wish ${each}`, thanks: `thanks ${each}` } },
      ),
    );
  succeeded(await world.post(`/v1/surveys/${id}/close`, dispatcher));
  await world.settle();
  return { id };
};

export const SURVEY_SAMPLES: Readonly<Record<string, Sample>> = {
  createSurvey: { make: () => Promise.resolve({ as: dispatcher }), ...makers },
  reviseSurvey: { make: on('draft', dispatcher), wrongState: on('open', dispatcher), ...makers, transient: true },
  publishSurvey: { make: on('draft', dispatcher), wrongState: on('open', dispatcher), ...makers },
  extendSurvey: { make: on('open', dispatcher), wrongState: on('draft', dispatcher), ...makers },
  closeSurvey: { make: on('open', dispatcher), wrongState: on('closed', dispatcher), ...makers, movesOn: true },
  listSurveys: {
    make: async (world) => {
      for (let each = 0; each < LISTED; each++) await surveyIn(world, 'draft');
      return { as: dispatcher, query: { division: STREET, state: 'draft' } };
    },
    roles: ['worker', 'dispatcher', 'admin'],
    anybody: 'nothing',
    another: 'allowed',
    elsewhere: 'nothing',
    nowhere: 'nothing',
    otherList: (_, made) => ({ ...made, query: { division: '510104' } }),
  },
  readSurvey: { make: on('draft', dispatcher), roles: ['worker', 'dispatcher', 'admin'], another: 'allowed', transient: true },
  respondToSurvey: {
    make: on('open', resident),
    wrongState: on('closed', resident),
    roles: ['resident'],
    another: 'allowed',
    otherBody: { answers: { overall: 5 } },
    answersInPart: true,
  },
  readSurveyResponse: {
    make: async (world) => ({ as: auditor, params: await answered(world), query: { reason: '举报核查' } }),
    another: 'allowed',
  },
  issueSurveyCodes: {
    make: on('open', worker),
    wrongState: on('closed', worker),
    another: 'allowed',
    otherBody: { community: SHUIJINGFANG, count: 2 },
    answersInPart: true,
  },
  readSurveyResponses: {
    make: async (world) => ({ as: auditor, params: { id: await surveyIn(world, 'closed') } }),
    another: 'allowed',
  },
  readSurveyCodebook: {
    make: async (world) => ({ as: auditor, params: { id: await surveyIn(world, 'open') } }),
    another: 'allowed',
  },
  listSurveyTexts: {
    make: async (world) => ({ as: dispatcher, params: await written(world), query: { question: 'wish' } }),
    another: 'allowed',
    otherList: (_, made) => ({ ...made, query: { question: 'thanks' } }),
  },
  readSurveyResults: {
    make: async (world) => {
      const { id } = await answered(world);
      succeeded(await world.post(`/v1/surveys/${id}/close`, dispatcher));
      await world.settle();
      return { as: dispatcher, params: { id: String(id) } };
    },
    anybody: 'asPublic',
    another: 'allowed',
    elsewhere: 'asPublic',
    nowhere: 'asPublic',
  },
};
