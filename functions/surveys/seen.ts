/** Loads a survey for who may know of it: what every route of one begins with. */
import type { Call } from '../http/call.ts';
import type { Failure } from '../http/problem.ts';
import type { OperationSpec } from '../http/operation.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import { surveyRepository } from './repository.ts';
import { maySee, type Survey } from './survey.ts';

/** The survey as this caller finds it; one that they may not know of is none. */
export const seen = async <O extends OperationSpec>(
  { runtime, caller }: Pick<Call<O>, 'runtime' | 'caller'>,
  id: string,
): Promise<Result<Survey, Failure>> => {
  const survey = await surveyRepository(runtime.database).read(id);
  return survey === undefined || !maySee(caller, survey) ? err({ code: 'notFound' }) : ok(survey);
};
