import { audit } from '../audit/writer.ts';
import type { Run } from '../http/call.ts';
import { err, ok } from '../kernel/result.ts';
import type { readSurveyResponse } from './contract.ts';
import { surveyRepository } from './repository.ts';
import { seen } from './seen.ts';
import { audits } from './survey.ts';
import { answersView } from './view.ts';

/** Whose a confidential response is; written down with the reason before the answer leaves. */
export const readResponse: Run<typeof readSurveyResponse> = async (call) => {
  const { runtime, caller, params, query, now, requestId } = call;
  const found = await seen(call, params.id);
  if (!found.ok) return found;
  const survey = found.value;
  if (!audits(caller, survey)) return err({ code: 'forbidden' });
  const response = survey.mode === 'confidential' ? await surveyRepository(runtime.database).response(survey, params.response) : undefined;
  if (response === undefined || !('answers' in response)) return err({ code: 'notFound' });
  const { answers, community, channel, sub, enteredBy, at } = response;
  if (community === undefined || channel === undefined || at === undefined)
    throw new Error('a confidential response says where it is from');
  // Nobody audits their own work, nor reads their own answer as somebody else's.
  if (sub === caller.sub || enteredBy === caller.sub) return err({ code: 'forbidden' });
  await audit(runtime.database, {
    resource: `surveys/${survey.id}/responses/${params.response}`,
    community,
    action: `read: ${query.reason}`,
    caller,
    now,
    requestId,
  });
  return ok({
    status: 200,
    body: {
      id: params.response,
      survey: survey.id,
      sub,
      enteredBy,
      community,
      channel,
      at,
      answers: answersView(survey.questions, answers),
    },
  });
};
