/** What of this domain runs by the clock; each is `<name in kebab-case>.ts` beside this file. */
import { schedule } from '../data/schedule.ts';

export const deliveryRetries = schedule({
  name: 'deliveryRetries',
  domain: 'notifications',
  description: 'Asks again for the delivery of what a carrier could not take',
  cron: '* * * * *',
  uses: { notifications: 'write' },
});
