/** What workers and volunteers see of those who are looked after, and of visits to them. To everybody else nobody is there. */
import * as z from 'zod/mini';
import { operation } from '../http/operation.ts';
import {
  communityCode,
  day,
  divisionCode,
  flag,
  id,
  instant,
  line,
  moment,
  month,
  named,
  page,
  paging,
  phone,
  prose,
  saidTexts,
} from '../http/schema.ts';
import { TIERS } from '../kernel/visit-plan.ts';
import { CATEGORIES, END_REASONS, NEEDS, VISIT_MODES, VISIT_OUTCOMES, WINDOW_STATES } from './names.ts';

const MOST_VOLUNTEERS = 20;
const MOST_SUB = 255;
/** Nobody alive was born before. */
const EARLIEST_BIRTH = 1890;

const category = z.enum(CATEGORIES);
const tier = z.enum(TIERS);
const need = z.enum(NEEDS);
const birthYear = z.int().check(z.gte(EARLIEST_BIRTH), z.lte(2200));
const contact = { name: line(100), phone, address: line(300) };
const categories = z.array(category).check(z.maxLength(20));
const needs = z.array(need).check(z.maxLength(20));
const volunteers = z.array(line(MOST_SUB)).check(z.maxLength(MOST_VOLUNTEERS));

const recipientInput = named(
  'CareRecipientInput',
  z.strictObject({
    name: line(100),
    community: communityCode,
    categories: z.optional(categories),
    tier,
    birthYear: z.optional(birthYear),
    /** How the person is reached: a name where somebody else answers for them. */
    contact: z.optional(
      z.strictObject({ name: z.optional(contact.name), phone: z.optional(contact.phone), address: z.optional(contact.address) }),
    ),
    needs: z.optional(needs),
    /** Who may record visits beside workers of the community, by `sub`. */
    volunteers: z.optional(volunteers),
    /** A day from 2000 to today; today without it. */
    activeFrom: z.optional(day),
    active: z.optional(z.boolean()),
  }),
);

/** RFC 7396: what is not there stays, null takes away. */
const recipientPatch = named(
  'CareRecipientPatch',
  z.strictObject({
    name: z.optional(line(100)),
    community: z.optional(communityCode),
    categories: z.optional(categories),
    tier: z.optional(tier),
    birthYear: z.optional(z.nullable(birthYear)),
    contact: z.optional(
      z.nullable(
        z.strictObject({
          name: z.optional(z.nullable(contact.name)),
          phone: z.optional(z.nullable(contact.phone)),
          address: z.optional(z.nullable(contact.address)),
        }),
      ),
    ),
    needs: z.optional(needs),
    volunteers: z.optional(volunteers),
    /**
     * Corrects the day, or says from when somebody is active again: today without it. On the day of the end, or no later than the time began that
     * has ended, it takes that end back. From 2000 on. It, `endedOn` and `endReason` may be sent back as they stand, which is no change.
     */
    activeFrom: z.optional(day),
    active: z.optional(z.boolean()),
    /** With `active: false`: the first day on which the person is no longer; today without it. */
    endedOn: z.optional(day),
    endReason: z.optional(z.enum(END_REASONS)),
  }),
);
export type RecipientPatch = z.output<typeof recipientPatch>;

/** What lists show of somebody. */
const recipientLine = {
  id,
  name: z.string(),
  community: communityCode,
  categories: z.array(category),
  tier,
  /** By the year of birth; false where none is known. */
  veryOld: z.boolean(),
  needs: z.array(need),
  active: z.boolean(),
  lastVisitAt: z.optional(instant),
};
const recipientSummary = named('CareRecipientSummary', z.object(recipientLine));
const recipientSchema = named(
  'CareRecipient',
  z.object({
    ...recipientLine,
    birthYear: z.optional(z.int()),
    contact: z.optional(z.object({ name: z.optional(z.string()), phone: z.optional(z.string()), address: z.optional(z.string()) })),
    volunteers: z.array(z.string()),
    activeFrom: z.optional(day),
    endedOn: z.optional(day),
    endReason: z.optional(z.enum(END_REASONS)),
    registeredAt: instant,
    updatedAt: instant,
  }),
);

const params = z.object({ id });
const visitParams = z.object({ id, visit: id });
const example = { id: '00000000000000000000000ZZ' };
const recipientExample = {
  name: '王桂兰',
  community: '510104017001',
  categories: ['livingAlone'],
  tier: 'key',
  birthYear: 1941,
  contact: { phone: '13800000000', address: '水井街 3 号 2 单元 401' },
  needs: ['meals', 'companionship'],
  volunteers: [],
};

export const registerRecipient = operation({
  id: 'registerRecipient',
  method: 'POST',
  path: '/v1/care/recipients',
  summary: 'Registers somebody to be looked after; for workers of their community',
  access: 'signedIn',
  roles: ['worker'],
  body: recipientInput,
  responses: { 201: recipientSchema },
  problems: ['forbidden', 'invalid', 'notFound', 'conflict'],
  uses: { care: 'write', divisions: 'read', catalogue: 'read', audit: 'append' },
  examples: { body: recipientExample },
});

export const listRecipients = operation({
  id: 'listRecipients',
  method: 'GET',
  path: '/v1/care/recipients',
  summary: 'Those who are looked after in a division, by community, in each the last registered first',
  description: 'Of the caller’s own division where none is named. `category` may be `veryOld`. Every reading is written down.',
  access: 'signedIn',
  roles: ['worker'],
  query: z.strictObject({
    division: z.optional(divisionCode),
    tier: z.optional(tier),
    category: z.optional(z.enum([...CATEGORIES, 'veryOld'])),
    active: z.optional(flag),
    ...paging,
  }),
  responses: { 200: page(recipientSummary) },
  problems: ['forbidden', 'cursorInvalid'],
  uses: { care: 'read', divisions: 'read', catalogue: 'read', audit: 'append' },
  examples: { query: { division: '510104017001', tier: 'key' } },
});

export const readRecipient = operation({
  id: 'readRecipient',
  method: 'GET',
  path: '/v1/care/recipients/{id}',
  summary: 'Somebody who is looked after, for workers of their community; every reading is written down',
  access: 'signedIn',
  roles: ['worker'],
  params,
  responses: { 200: recipientSchema },
  problems: ['notFound'],
  uses: { care: 'read', catalogue: 'read', audit: 'append' },
  examples: { params: example },
});

export const changeRecipient = operation({
  id: 'changeRecipient',
  method: 'PATCH',
  path: '/v1/care/recipients/{id}',
  summary: 'Changes what is known of somebody: a JSON Merge Patch (RFC 7396); a move is for a worker of both communities',
  access: 'signedIn',
  roles: ['worker'],
  params,
  body: recipientPatch,
  responses: { 200: recipientSchema },
  problems: ['forbidden', 'notFound', 'invalid', 'preconditionFailed', 'conflict'],
  ifMatch: true,
  uses: { care: 'write', divisions: 'read', catalogue: 'read', audit: 'append' },
  examples: { params: example, body: { tier: 'high', contact: { phone: '13900000000' } } },
});

const visitInput = named(
  'CareVisitInput',
  z.strictObject({
    /** When it took place: within the last 12 months, and on no day after the person’s end, or between two times of being active. */
    at: moment,
    mode: z.enum(VISIT_MODES),
    outcome: z.enum(VISIT_OUTCOMES),
    note: z.optional(prose(2000)),
  }),
);

const visitLine = {
  id,
  at: instant,
  mode: z.enum(VISIT_MODES),
  outcome: z.enum(VISIT_OUTCOMES),
  recordedAt: instant,
};
const visitSummary = named('CareVisitSummary', z.object(visitLine));
const visitSchema = named(
  'CareVisit',
  z.object({
    ...visitLine,
    recipient: id,
    note: z.optional(z.string()),
    visitor: z.string(),
    /** The request for help that it opened. */
    request: z.optional(id),
  }),
);

export const recordVisit = operation({
  id: 'recordVisit',
  method: 'POST',
  path: '/v1/care/recipients/{id}/visits',
  summary:
    'Records a visit, also long after it took place; for workers of the community and, while the person is active, volunteers who are named for it',
  description: '`needsHelp` opens a request for urgent help. `notFound` is no visit.',
  access: 'signedIn',
  params,
  body: visitInput,
  responses: { 201: visitSchema },
  problems: ['notFound', 'invalid', 'conflict'],
  uses: { care: 'write', serviceRequests: 'read', audit: 'append' },
  examples: { params: example, body: { at: '2026-11-24T08:30:00+08:00', mode: 'inPerson', outcome: 'well', note: '精神很好' } },
});

export const listVisits = operation({
  id: 'listVisits',
  method: 'GET',
  path: '/v1/care/recipients/{id}/visits',
  summary: 'Visits to somebody, the latest first; every reading is written down',
  access: 'signedIn',
  params,
  query: z.strictObject(paging),
  responses: { 200: page(visitSummary) },
  problems: ['notFound', 'cursorInvalid'],
  uses: { care: 'read', audit: 'append' },
  examples: { params: example },
});

export const readVisit = operation({
  id: 'readVisit',
  method: 'GET',
  path: '/v1/care/recipients/{id}/visits/{visit}',
  summary: 'A visit; every reading is written down',
  access: 'signedIn',
  params: visitParams,
  responses: { 200: visitSchema },
  problems: ['notFound'],
  uses: { care: 'read', audit: 'append' },
  examples: { params: { ...example, visit: '00000000000000000000000ZX' } },
});

const dueSchema = named(
  'CareDue',
  z.object({
    ...recipientLine,
    /** Those of the month that have begun and in which the person is due. */
    windows: z.array(
      z.object({
        from: day,
        to: day,
        /** `open`: still running, and not visited yet. */
        state: z.enum(WINDOW_STATES),
        visitedOn: z.optional(day),
        /** Why it was missed: nobody came, or whoever came found nobody. */
        why: z.optional(z.enum(['noVisit', 'notFound'])),
        notFoundOn: z.array(day),
      }),
    ),
    /** Alerts because of which a visit is due beside these, until there is one or the alert is cancelled. */
    alerts: z.array(
      z.object({
        alert: id,
        headline: saidTexts,
        /** When it was issued here, or the person’s first active day where that came later. */
        since: instant,
        dueBy: instant,
      }),
    ),
  }),
);

export const listDue = operation({
  id: 'listDue',
  method: 'GET',
  path: '/v1/care/due',
  summary: 'Those who have not been visited as often as their tier asks in a month so far, or who are due because of an alert',
  description:
    'Of the caller’s own division and of this month where none is named, by community. Of a month that has ended: as they stood at its end. Every reading is written down.',
  access: 'signedIn',
  roles: ['worker'],
  query: z.strictObject({ division: z.optional(divisionCode), month: z.optional(month), ...paging }),
  responses: { 200: page(dueSchema) },
  problems: ['forbidden', 'invalid', 'cursorInvalid'],
  uses: { care: 'read', divisions: 'read', catalogue: 'read', alerts: 'read', audit: 'append' },
  examples: { query: { division: '510104017001' } },
});

export const careOperations = {
  registerRecipient,
  listRecipients,
  readRecipient,
  changeRecipient,
  recordVisit,
  listVisits,
  readVisit,
  listDue,
};
