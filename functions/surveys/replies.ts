/** What every change of a survey answers with. */
import type { Call, Outcome } from '../http/call.ts';
import type { Failure } from '../http/problem.ts';
import type { OperationSpec } from '../http/operation.ts';
import { err, ok } from '../kernel/result.ts';
import type { readSurvey } from './contract.ts';
import { surveyRepository } from './repository.ts';
import { actionsOf, type Survey } from './survey.ts';
import { surveyView } from './view.ts';

/** Its state changes by the clock, though its version stands still: it is sent anew each time. */
export const shownAs = ({ caller, now }: Pick<Call, 'caller' | 'now'>, survey: Survey) =>
  ({ status: 200, body: surveyView(survey, caller, now), version: survey.version, transient: true }) as const;

export const wrongStateOf = ({ caller, now }: Pick<Call, 'caller' | 'now'>, survey: Survey): Failure => ({
  code: 'wrongState',
  actions: actionsOf(survey, caller, now),
});

/** The answer of a change again, from what there is. */
export const replayed = async <O extends OperationSpec>(
  call: Pick<Call<O>, 'runtime' | 'caller' | 'now'>,
  id: string,
): Promise<Outcome<typeof readSurvey>> => {
  const survey = await surveyRepository(call.runtime.database).read(id);
  return survey === undefined ? err({ code: 'notFound' }) : ok(shownAs(call, survey));
};
