/** What this domain does when something happened elsewhere; each is `<name>.ts` beside this file. */
import { reaction } from '../data/reaction.ts';

/** What providers have done, and how it was rated and mended, is written to their credit. */
export const recordCredit = reaction({
  name: 'record-credit',
  domain: 'providers',
  on: [
    'serviceRequest.resolved',
    'serviceRequest.rated',
    'serviceRequest.ratingStruck',
    'rectification.opened',
    'rectification.calledBack',
    'rectification.fixed',
    'rectification.reviewed',
  ],
  needs: [],
  uses: { providers: 'write', serviceRequests: 'read' },
});
