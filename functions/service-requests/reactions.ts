/** What this domain does when something happened elsewhere; each is `<name>.ts` beside this file. */
import { reaction } from '../data/reaction.ts';

/** Whoever has answered an alert with needing help, or was found to need it at a visit, gets a request for it. */
export const openUrgentHelp = reaction({
  name: 'open-urgent-help',
  domain: 'service-requests',
  on: ['acknowledgement.needsHelp', 'careVisit.needsHelp'],
  needs: ['told', 'resident', 'recordedBy'],
  uses: { serviceRequests: 'write', catalogue: 'read', alerts: 'read', care: 'read' },
});
