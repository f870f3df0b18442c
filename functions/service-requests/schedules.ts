/** What of this domain runs by the clock; each is `<name in kebab-case>.ts` beside this file. */
import { schedule } from '../data/schedule.ts';

export const requestClocks = schedule({
  name: 'requestClocks',
  domain: 'service-requests',
  description: 'Raises late requests, ends spent pauses, closes what has been resolved for 7 days',
  cron: '*/15 * * * *',
  uses: { serviceRequests: 'write', catalogue: 'read' },
});
