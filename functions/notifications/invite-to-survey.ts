/** Notes when those who allow it are invited to a survey and reminded of it; what is open already, they are invited to now. */
import type { EventBridgeEvent } from 'aws-lambda';
import { lambda } from '../data/lambda.ts';
import type { CloudEvent } from '../data/reaction.ts';
import type { Runtime } from '../data/runtime.ts';
import { withUses } from '../data/scope.ts';
import { roundsIn } from './invitations/begin-round.ts';
import { heard, type AskedSurvey } from './invitations/invitation.ts';
import { invitationRepository } from './invitations/repository.ts';
import { inviteToSurvey as declaration } from './reactions.ts';

export const inviteToSurvey = (outer: Runtime) => {
  const runtime = withUses(outer, declaration.uses, declaration.name);
  const repository = invitationRepository(runtime.database);
  const { begin } = roundsIn(runtime);
  return async ({ detail }: EventBridgeEvent<string, CloudEvent<AskedSurvey>>): Promise<void> => {
    const survey = { ...detail.data.item, version: detail.data.version };
    const before = await repository.read(survey.id);
    const invitation = heard(before, survey);
    if (invitation !== undefined && !(await repository.put(invitation, before)).ok)
      throw new Error('another event of the survey is noted: again');
    await begin(survey.id, runtime.now());
  };
};

export const handler = lambda(inviteToSurvey);
