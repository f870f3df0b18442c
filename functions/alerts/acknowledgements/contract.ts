/** What clients see of answers to alerts, and of how far an alert has reached. */
import * as z from 'zod/mini';
import { channel, contact, forSomebody, MAX_ADDRESS, onBehalfOf } from '../../http/on-behalf.ts';
import { operation } from '../../http/operation.ts';
import {
  communityCode,
  count,
  divisionCode,
  id,
  instant,
  line,
  named,
  page,
  paging,
  position,
  positionInput,
  prose,
} from '../../http/schema.ts';
import { ALERT_STATUSES } from '../alert.ts';
import { ANSWERS } from './names.ts';

const MAX_NOTE = 1000;
const state = z.enum(ANSWERS);
/** Of the alert: an answer to an exercise or a test counts nowhere else, and opens no request. */
const status = z.enum(ALERT_STATUSES);

const acknowledgementInput = named(
  'AcknowledgementInput',
  z.strictObject({
    state,
    /** What is needed, or anything else that helpers should know. */
    note: z.optional(prose(MAX_NOTE)),
    /** Where the person is; the home community where it is left out. */
    community: z.optional(communityCode),
    location: z.optional(positionInput),
    address: z.optional(line(MAX_ADDRESS)),
    contact: z.optional(contact),
    ...forSomebody,
  }),
);
export type AcknowledgementInput = z.output<typeof acknowledgementInput>;

const listed = {
  id,
  alert: id,
  status,
  state,
  community: communityCode,
  channel,
  /** When it was said so, for the last time. */
  answeredAt: instant,
  /** The request for help that is opened for this person, a moment after the answer. */
  request: z.optional(id),
};

const acknowledgementSchema = named(
  'Acknowledgement',
  z.object({
    ...listed,
    /** When this person first answered. */
    firstAnsweredAt: instant,
    note: z.optional(z.string()),
    location: z.optional(position),
    address: z.optional(z.string()),
    contact: z.optional(contact),
    onBehalfOf: z.optional(onBehalfOf),
    resident: z.optional(z.string()),
    recordedBy: z.optional(z.string()),
  }),
);

/** An answer in a list: where help is needed, and no private field. */
const acknowledgementSummary = named('AcknowledgementSummary', z.object(listed));

const params = z.object({ id });
const example = { id: '00000000000000000000000ZZ' };

export const acknowledgeAlert = operation({
  id: 'acknowledgeAlert',
  method: 'POST',
  path: '/v1/alerts/{id}/acknowledgements',
  summary: 'Answers that one is safe, or needs help',
  description:
    'One standing answer a person and alert: a later one takes its place and is counted where it stands now. The first `needHelp` opens one request for urgent help. A resident answers for themselves; a worker or dispatcher of the community for somebody with `onBehalfOf`, whom a `sub`, or name and telephone, or name and address tell from others; of a name alone each answer is another person’s. Where an answer stands already, they have to be of its community, too. What has expired, was cancelled or has been replaced is answered, too.',
  access: 'signedIn',
  params,
  body: acknowledgementInput,
  responses: { 201: acknowledgementSchema },
  problems: ['forbidden', 'notFound', 'invalid', 'conflict'],
  uses: { alerts: 'write', divisions: 'read', serviceRequests: 'read' },
  examples: { params: example, body: { state: 'needHelp', note: '一楼进水，老人行动不便', contact: { phone: '13800000000' } } },
});

export const readAcknowledgement = operation({
  id: 'readAcknowledgement',
  method: 'GET',
  path: '/v1/alerts/{id}/acknowledgements/{acknowledgement}',
  summary: 'An answer, for who gave it, for staff of its community and for officers whose division covers it',
  access: 'signedIn',
  params: z.object({ id, acknowledgement: id }),
  responses: { 200: acknowledgementSchema },
  problems: ['notFound'],
  uses: { alerts: 'read', audit: 'append' },
  examples: { params: { ...example, acknowledgement: '00000000000000000000000ZX' } },
});

export const listAcknowledgements = operation({
  id: 'listAcknowledgements',
  method: 'GET',
  path: '/v1/alerts/{id}/acknowledgements',
  summary: 'Who has answered, by community, in each the latest first',
  description: 'Of a community, or without one of the caller’s own division.',
  access: 'signedIn',
  roles: ['worker', 'dispatcher', 'alertOfficer'],
  params,
  query: z.strictObject({ state: z.optional(state), community: z.optional(communityCode), ...paging }),
  responses: { 200: page(acknowledgementSummary) },
  problems: ['forbidden', 'notFound', 'cursorInvalid'],
  uses: { alerts: 'read', divisions: 'read' },
  examples: { params: example, query: { state: 'needHelp' } },
});

const counts = {
  /** Persons who are to be told, each once. */
  targeted: count,
  /** Of them, those for whom a carrier has taken it; those to whom it was delivered among them. */
  handed: count,
  /** Those of whom a carrier says that it is there. */
  delivered: count,
  /** Those who can be told by none of their channels. */
  failed: count,
  /** Persons who have answered so, whether they were told or not. */
  safe: count,
  needHelp: count,
};

const reachSchema = named(
  'AlertReach',
  z.object({
    /** The alert's: exercises and tests have a reach of their own, which counts nowhere else. */
    status,
    ...counts,
    /** By code: of who has no home community, the division that they have subscribed to. */
    byCommunity: z.array(z.object({ community: divisionCode, ...counts })),
  }),
);

export const readReach = operation({
  id: 'readReach',
  method: 'GET',
  path: '/v1/alerts/{id}/reach',
  summary: 'Whom an alert has reached so far, and what they have answered',
  description: 'For officers of the issuing division and those above it.',
  access: 'signedIn',
  roles: ['alertOfficer'],
  params,
  responses: { 200: reachSchema },
  problems: ['forbidden', 'notFound'],
  tag: 'content',
  uses: { alerts: 'read', notifications: 'read' },
  examples: { params: example },
});

export const acknowledgementOperations = { acknowledgeAlert, readAcknowledgement, listAcknowledgements, readReach };
