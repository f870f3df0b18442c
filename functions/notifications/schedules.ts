/** What of this domain runs by the clock; each is `<name in kebab-case>.ts` beside this file. */
import { schedule } from '../data/schedule.ts';

export const deliveryRetries = schedule({
  name: 'deliveryRetries',
  domain: 'notifications',
  description: 'Asks again for the delivery of what a carrier could not take',
  cron: '* * * * *',
  uses: { notifications: 'write' },
});

export const heldNotices = schedule({
  name: 'heldNotices',
  domain: 'notifications',
  description: 'Sends what has waited for the end of quiet hours, or for a carrier',
  cron: '*/5 * * * *',
  uses: { notifications: 'remove' },
  carries: true,
});
