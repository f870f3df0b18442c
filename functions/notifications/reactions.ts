/** What this domain does when something happened, here or elsewhere; each is `<name>.ts` beside this file. */
import { reaction } from '../data/reaction.ts';

/** Whoever a late request has been raised to is told, once a step, and so is who works on it. */
export const tellResponsible = reaction({
  name: 'tell-responsible',
  domain: 'notifications',
  on: ['serviceRequest.escalated'],
  needs: ['assignee', 'acceptedBy'],
  uses: { notifications: 'write' },
});

/** A channel that was added gets its code. */
export const sendCode = reaction({
  name: 'send-code',
  domain: 'notifications',
  on: ['person.channelAdded'],
  needs: ['sub'],
  uses: { notifications: 'write' },
});
