/** What of this domain runs by the clock; each is `<name in kebab-case>.ts` beside this file. */
import { schedule } from '../data/schedule.ts';

export const careDue = schedule({
  name: 'careDue',
  domain: 'care',
  description: 'Reminds each community’s desk of visits that are due and of those that were missed',
  cron: '0 8 * * *',
  uses: { care: 'write', divisions: 'read', catalogue: 'read', alerts: 'read' },
});
