/** What of this domain runs by the clock; each is `<name in kebab-case>.ts` beside this file. */
import { schedule } from '../data/schedule.ts';

export const surveyTally = schedule({
  name: 'surveyTally',
  domain: 'surveys',
  description:
    'Closes surveys whose time is over, opens and counts answers in lots of twenty and more, and destroys the keys of what is counted',
  cron: '*/10 * * * *',
  uses: { surveys: 'remove' },
  vault: 'open',
});
