/** What this domain does when something happened; each is `<name>.ts` beside this file. */
import { reaction } from '../data/reaction.ts';

/** What was closed is counted to the end. */
export const countClosedSurvey = reaction({
  name: 'count-closed-survey',
  domain: 'surveys',
  on: ['survey.closed'],
  needs: [],
  uses: { surveys: 'remove' },
  vault: 'open',
  size: 'large',
});
