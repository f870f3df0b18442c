/** What this domain does when something happened, here or elsewhere; each is `<name>.ts` beside this file. */
import { reaction } from '../data/reaction.ts';
import { TOLD_DONATIONS } from './notices/donation-notice.ts';
import { TOLD_PROVIDERS } from './notices/provider-notice.ts';
import { TOLD_REQUESTS } from './notices/request-notice.ts';

/** Whoever a late request has been raised to is told, once a step, and so is who works on it. */
export const tellResponsible = reaction({
  name: 'tell-responsible',
  domain: 'notifications',
  on: ['serviceRequest.escalated'],
  needs: ['assignee', 'acceptedBy'],
  uses: { notifications: 'write' },
});

/** A community's desk is told of visits that are due, once a day. */
export const tellCareDesk = reaction({
  name: 'tell-care-desk',
  domain: 'notifications',
  on: ['careReminder.made'],
  needs: [],
  uses: { notifications: 'write' },
});

/** Streets are told, once, of what a provider leaves open there that was suspended or removed, or serves less than before. */
export const tellReassignment = reaction({
  name: 'tell-reassignment',
  domain: 'notifications',
  on: ['provider.suspended', 'provider.removed', 'provider.revised'],
  needs: [],
  uses: { notifications: 'write', serviceRequests: 'read', providers: 'read' },
});

/** Whoever owns a provider is told what dispatchers have decided on it, and what is posted to its credit. */
export const tellProvider = reaction({
  name: 'tell-provider',
  domain: 'notifications',
  on: TOLD_PROVIDERS,
  needs: [],
  uses: { notifications: 'remove', providers: 'read' },
  carries: true,
});

/** A channel that was added gets its code. */
export const sendCode = reaction({
  name: 'send-code',
  domain: 'notifications',
  on: ['person.channelAdded'],
  needs: ['sub'],
  // An address that turns out dead may have been verified meanwhile, and have entries.
  uses: { notifications: 'remove' },
  carries: true,
});

/** An alert is planned: which lists are gone through for it. */
export const planAlert = reaction({
  name: 'plan-alert',
  domain: 'notifications',
  on: ['alert.issued'],
  needs: [],
  uses: { notifications: 'write', alerts: 'read', divisions: 'read' },
});

/** A piece of that, told of by the table itself: cuts into batches whom it finds. */
export const walkSubscribers = reaction({
  name: 'walk-subscribers',
  domain: 'notifications',
  on: ['alertPiece.begun', 'alertPiece.continued'],
  needs: [],
  uses: { notifications: 'write', alerts: 'read' },
  size: 'large',
});

/** A batch, told of by the table itself: hands an alert to its recipients. */
export const deliverAlert = reaction({
  name: 'deliver-alert',
  domain: 'notifications',
  on: ['alertBatch.planned', 'alertBatch.woken'],
  needs: [],
  uses: { notifications: 'remove', alerts: 'read' },
  carries: true,
});

/** The same for red ones, by a function of their own: they wait behind no others. */
export const deliverRedAlert = reaction({
  name: 'deliver-red-alert',
  domain: 'notifications',
  on: ['alertBatch.plannedRed', 'alertBatch.wokenRed'],
  needs: [],
  uses: { notifications: 'remove', alerts: 'read' },
  carries: true,
});

/** Requesters are told what has become of their requests. */
export const tellRequester = reaction({
  name: 'tell-requester',
  domain: 'notifications',
  on: TOLD_REQUESTS,
  needs: [],
  uses: { notifications: 'remove', catalogue: 'read', serviceRequests: 'read' },
  carries: true,
});

/** Donors are told what has become of their gifts. */
export const tellDonor = reaction({
  name: 'tell-donor',
  domain: 'notifications',
  on: TOLD_DONATIONS,
  needs: [],
  uses: { notifications: 'remove', donations: 'read' },
  carries: true,
});

/** Those who allow it are invited to a survey, and reminded of it. */
export const inviteToSurvey = reaction({
  name: 'invite-to-survey',
  domain: 'notifications',
  on: ['survey.published', 'survey.extended', 'survey.closed'],
  needs: [],
  uses: { notifications: 'write', divisions: 'read' },
});

/** A list of them, told of by the table itself: each in it is told. */
export const walkReaders = reaction({
  name: 'walk-readers',
  domain: 'notifications',
  on: ['readerWalk.begun', 'readerWalk.continued'],
  needs: [],
  uses: { notifications: 'remove' },
  size: 'large',
  carries: true,
});
