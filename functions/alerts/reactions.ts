/** What this domain does when something happened; each is `<name>.ts` beside this file. */
import { reaction } from '../data/reaction.ts';

/** What another stands in the place of is no longer among those that are active: an event of a hundred updates is found as fast as one of two. */
export const retireListings = reaction({
  name: 'retire-listings',
  domain: 'alerts',
  on: ['alert.superseded'],
  needs: [],
  uses: { alerts: 'write' },
});
