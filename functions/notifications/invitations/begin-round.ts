/** Begins a round of invitations that is due: a walk for each list of each county in which somebody is asked. */
import type { Runtime } from '../../data/runtime.ts';
import { levelOf } from '../../kernel/division.ts';
import { toInstant, type EpochMs } from '../../kernel/time.ts';
import { regionsFor } from '../delivery/lists.ts';
import { begun, isDue } from './invitation.ts';
import { walksOf } from './reader-walk.ts';
import { invitationRepository } from './repository.ts';

const AT_ONCE = 16;

export const roundsIn = ({ database, now, log }: Pick<Runtime, 'database' | 'now' | 'log'>) => {
  const repository = invitationRepository(database);

  /** Walks first, each once, since one that is there stays as it is; then what comes next. So whoever dies between is followed by who begins again. */
  const begin = async (survey: string, at: EpochMs): Promise<void> => {
    const invitation = await repository.read(survey);
    if (invitation?.round === undefined || !isDue(invitation, at)) return;
    const { round, divisions } = invitation;
    // Readers lie under their homes, and homes in counties' lists.
    const regions = (await regionsFor(database, divisions)).filter(({ region }) => levelOf(region) === 'county');
    const walks = walksOf(invitation, round, regions, now());
    for (let start = 0; start < walks.length; start += AT_ONCE)
      await Promise.all(walks.slice(start, start + AT_ONCE).map((walk) => repository.putWalk(walk, undefined)));
    await repository.put(begun(invitation), invitation);
    log({ level: 'info', code: 'surveyRoundBegun', survey, round, walks: walks.length });
  };

  return {
    begin,
    beginDue: async (until: EpochMs): Promise<void> => {
      for (const survey of await repository.due(toInstant(until))) await begin(survey, until);
    },
  };
};
