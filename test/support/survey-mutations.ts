/** A call of every operation of surveys that changes something: see mutations.ts. */
import { surveyOperations } from '../../functions/surveys/contract.ts';
import type { House } from './house.ts';
import type { Mutation, Sample } from './mutations.ts';
import { dispatcher, resident, SHUIJINGFANG, worker } from './people.ts';

const EXAMPLE = surveyOperations.createSurvey.examples.body;

const draft = async (house: House, mode = 'anonymous'): Promise<string> =>
  (await house.post('/v1/surveys', dispatcher, { ...EXAMPLE, mode })).body.id;
const open = async (house: House, mode?: string): Promise<string> => {
  const id = await draft(house, mode);
  await house.post(`/v1/surveys/${id}/publish`, dispatcher);
  return id;
};
const on =
  (make: (house: House) => Promise<string>, action: string, body: unknown, as = dispatcher) =>
  async (house: House): Promise<Mutation> => ({ method: 'POST', path: `/v1/surveys/${await make(house)}/${action}`, as, body });

const answers = { answers: { overall: 2, why: ['repairs'] } };

export const SURVEY_MUTATIONS: readonly Sample[] = [
  { operation: 'createSurvey', prepare: () => Promise.resolve({ method: 'POST', path: '/v1/surveys', as: dispatcher, body: EXAMPLE }) },
  {
    operation: 'reviseSurvey',
    prepare: async (house) => ({
      method: 'PUT',
      path: `/v1/surveys/${await draft(house)}`,
      as: dispatcher,
      body: { ...EXAMPLE, audience: { divisions: [SHUIJINGFANG] } },
    }),
  },
  // Without a key: another try makes another one.
  { operation: 'publishSurvey', prepare: on((house) => draft(house, 'confidential'), 'publish', undefined) },
  { operation: 'extendSurvey', prepare: on(open, 'extend', { closesAt: '2100-01-31T18:00:00+08:00' }) },
  { operation: 'closeSurvey', prepare: on(open, 'close', undefined) },
  { operation: 'respondToSurvey', of: 'confidential', prepare: on((house) => open(house, 'confidential'), 'responses', answers, resident) },
  { operation: 'issueSurveyCodes', prepare: on(open, 'codes', { community: SHUIJINGFANG, count: 3 }, worker) },
];
