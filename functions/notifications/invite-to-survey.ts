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

const ATTEMPTS = 8;

export const inviteToSurvey = (outer: Runtime) => {
  const runtime = withUses(outer, declaration.uses, declaration.name);
  const repository = invitationRepository(runtime.database);
  const { begin } = roundsIn(runtime);

  /** Its events may come all at once: who was slower looks again. */
  const noted = async (survey: AskedSurvey): Promise<void> => {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const before = await repository.read(survey.id);
      const invitation = heard(before, survey);
      if (invitation === undefined || (await repository.put(invitation, before)).ok) return;
    }
    throw new Error(`too many events of the survey ${survey.id} at once`);
  };

  return async ({ detail }: EventBridgeEvent<string, CloudEvent<AskedSurvey>>): Promise<void> => {
    const survey = { ...detail.data.item, version: detail.data.version };
    await noted(survey);
    await begin(survey.id, runtime.now());
  };
};

export const handler = lambda(inviteToSurvey);
