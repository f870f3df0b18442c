/** What this domain does when something happened elsewhere; each is `<name>.ts` beside this file. */
import { reaction } from '../data/reaction.ts';

/**
 * Whoever has answered an alert with needing help, or was found to need it at a visit, gets a request for it; what those say later who have
 * answered stands in it.
 */
export const openUrgentHelp = reaction({
  name: 'open-urgent-help',
  domain: 'service-requests',
  on: ['acknowledgement.needsHelp', 'acknowledgement.safe', 'careHelp.needed'],
  // Where people in danger are, and how to reach them, is read where it stands and goes on no bus.
  needs: [],
  uses: { serviceRequests: 'write', catalogue: 'read', alerts: 'read', care: 'read' },
});
