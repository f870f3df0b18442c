/** What this domain does when something happened elsewhere; each is `<name>.ts` beside this file. */
import { reaction } from '../data/reaction.ts';

/** A grave alert makes visits due to all who are looked after where it holds. */
export const alertVisits = reaction({
  name: 'alert-visits',
  domain: 'care',
  on: ['alert.issued'],
  needs: [],
  uses: { care: 'remove', alerts: 'read' },
});
