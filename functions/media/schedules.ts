/** What of this domain runs by the clock; each is `<name in kebab-case>.ts` beside this file. */
import { schedule } from '../data/schedule.ts';

export const retention = schedule({
  name: 'retention',
  domain: 'media',
  description: 'Removes pictures that nobody attached within 24 hours, and gives up those that were never put',
  cron: '10 3 * * *',
  uses: { media: 'remove', serviceRequests: 'read', donations: 'read' },
  objects: { 'media/': 'remove', 'uploads/': 'remove' },
});
