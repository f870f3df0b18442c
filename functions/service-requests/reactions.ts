/** What this domain does when something happened elsewhere; each is `<name>.ts` beside this file. */
import { reaction } from '../data/reaction.ts';

/** Whoever has answered an alert with needing help gets a request for it. */
export const openUrgentHelp = reaction({
  name: 'open-urgent-help',
  domain: 'service-requests',
  on: ['acknowledgement.needsHelp'],
  needs: ['told', 'resident', 'recordedBy'],
  uses: { serviceRequests: 'write', catalogue: 'read', alerts: 'read' },
});
