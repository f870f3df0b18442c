/** What clients see of service points (服务网点), and of the residential rates of water, power, gas and heat that they are entitled to. */
import * as z from 'zod/mini';
import { operation } from '../../http/operation.ts';
import { day, divisionCode, id, instant, moment, month, named, page, paging, prose, told } from '../../http/schema.ts';
import { capacity, locationInput, ownId, placed, placeFields } from '../schema.ts';
import { ENTITLEMENT_KINDS, ENTITLEMENT_STATUSES } from './entitlement.ts';

const kind = z.enum(ENTITLEMENT_KINDS);
/** By which the utility knows who is supplied. */
const account = z.string().check(z.regex(/^[0-9A-Za-z][0-9A-Za-z-]{0,39}$/, told('account')));

const own = {
  /** Who runs it, by its id in the register of providers: an admitted one. */
  provider: z.optional(id),
  /** People that it holds. */
  capacity,
};

const servicePointInput = named(
  'ServicePointInput',
  z.strictObject({
    ...own,
    ...placeFields,
    location: locationInput,
    /** A kind alone, or with its account. What is not named in it is no longer claimed; without it, what is claimed stays as it is. */
    entitlements: z.optional(
      z
        .array(
          z.union(
            [kind, named('ClaimInput', z.strictObject({ kind, account: z.optional(account), claimedAt: z.optional(moment) }))],
            told('claim'),
          ),
        )
        .check(z.maxLength(ENTITLEMENT_KINDS.length)),
    ),
  }),
);

const claim = { kind, account: z.optional(account), claimedAt: instant, claimedBy: z.string() };

const past = {
  /** Every check of it, oldest first: the newest 100 of its kind. */
  checks: z.array(
    z.object({
      at: instant,
      by: z.string(),
      granted: z.boolean(),
      reason: z.optional(z.string()),
      validUntil: z.optional(day),
    }),
  ),
  /** The days on which it has held, and holds, both included, oldest first. */
  spans: z.array(z.object({ from: day, until: z.optional(day) })),
};

const entitlementSchema = named(
  'Entitlement',
  z.object({
    ...claim,
    status: z.enum(ENTITLEMENT_STATUSES),
    checkedAt: z.optional(instant),
    checkedBy: z.optional(z.string()),
    reason: z.optional(z.string()),
    /** The days on which what is granted holds; without an end until it is checked otherwise. */
    validFrom: z.optional(day),
    validUntil: z.optional(day),
    ...past,
  }),
);

const formerEntitlement = named('FormerEntitlement', z.object({ ...claim, endedAt: z.optional(instant), ...past }));

const point = { ...placed, ...own };
/** Only staff of its community see what it is entitled to, and what it was. */
const servicePointSchema = named(
  'ServicePoint',
  z.object({
    ...point,
    entitlements: z.optional(z.array(entitlementSchema)),
    /** What was claimed and checked once, and is claimed no more. */
    formerEntitlements: z.optional(z.array(formerEntitlement)),
  }),
);

const params = z.object({ id: ownId });
const examples = { params: { id: 'point-1' } };
const AUDITED = 'That staff have read its accounts is written down.';

export const putServicePoint = operation({
  id: 'putServicePoint',
  method: 'PUT',
  path: '/v1/service-points/{id}',
  summary: 'Makes or replaces a service point, and claims what it is entitled to; for workers of its community',
  description:
    'It is a facility under the same id. A claim that is named again with its account keeps its checks; another account is another claim, and is yet to be checked; what is no longer named ends the day before. Without `entitlements` what is claimed stays as it is. What is another kind of facility under that id is 409. A provider that is new to the point must be admitted.',
  access: 'signedIn',
  roles: ['worker'],
  params,
  body: servicePointInput,
  responses: { 200: servicePointSchema, 201: servicePointSchema },
  problems: ['forbidden', 'invalid', 'preconditionFailed', 'conflict'],
  ifMatch: true,
  uses: { places: 'write', divisions: 'read', providers: 'read', audit: 'append' },
  examples: {
    ...examples,
    body: {
      name: { 'zh-CN': '水井坊社区便民服务点', en: 'Shuijingfang service point' },
      community: '510104017001',
      openingHours: '9:00–18:00',
      barrierFree: true,
      entitlements: [{ kind: 'water', account: '8802040170' }],
    },
  },
});

export const readServicePoint = operation({
  id: 'readServicePoint',
  method: 'GET',
  path: '/v1/service-points/{id}',
  summary: 'A service point; staff of its community see what it is entitled to',
  description: AUDITED,
  access: 'optional',
  params,
  responses: { 200: servicePointSchema },
  problems: ['notFound'],
  uses: { places: 'read', audit: 'append' },
  examples,
});

export const listServicePoints = operation({
  id: 'listServicePoints',
  method: 'GET',
  path: '/v1/service-points',
  summary: 'The service points of a division of any level, by community',
  access: 'public',
  query: z.strictObject({ division: divisionCode, ...paging }),
  responses: { 200: page(named('ListedServicePoint', z.object(point))) },
  problems: ['cursorInvalid'],
  uses: { places: 'read', divisions: 'read' },
  examples: { query: { division: '510104' } },
});

const entitlementParams = z.object({ id: ownId, kind });
const entitlementExamples = { params: { id: 'point-1', kind: 'water' } };

export const readEntitlement = operation({
  id: 'readEntitlement',
  method: 'GET',
  path: '/v1/service-points/{id}/entitlements/{kind}',
  summary: 'What a service point has claimed of a kind, and what became of it; for staff of its community',
  description: AUDITED,
  access: 'signedIn',
  roles: ['worker', 'dispatcher'],
  params: entitlementParams,
  responses: { 200: entitlementSchema },
  problems: ['forbidden', 'notFound'],
  uses: { places: 'read', audit: 'append' },
  examples: entitlementExamples,
});

export const checkEntitlement = operation({
  id: 'checkEntitlement',
  method: 'POST',
  path: '/v1/service-points/{id}/entitlements/{kind}/check',
  summary: 'Grants what was claimed, or refuses it; for dispatchers of its community, and nobody checks a claim of their own',
  description:
    'It may be checked again: what was granted is refused from that day on, and what is granted again goes on. A refusal has a reason. The newest 100 checks of a kind are kept with its claims, none earlier than the one before it.',
  access: 'signedIn',
  roles: ['dispatcher'],
  params: entitlementParams,
  body: named(
    'EntitlementCheck',
    z.strictObject({
      granted: z.boolean(),
      reason: z.optional(prose(500)),
      /** The last day on which it holds. */
      validUntil: z.optional(day),
    }),
  ),
  responses: { 200: entitlementSchema },
  problems: ['forbidden', 'notFound', 'invalid', 'preconditionFailed', 'conflict'],
  ifMatch: true,
  uses: { places: 'write', audit: 'append' },
  examples: { ...entitlementExamples, body: { granted: true, validUntil: '2027-12-31' } },
});

export const listEntitlements = operation({
  id: 'listEntitlements',
  method: 'GET',
  path: '/v1/entitlements.csv',
  summary:
    'What service points of a division are entitled to in a month, for the utilities: what was granted, and holds on any of its days; of this month, also what is claimed and not checked yet',
  description:
    'A division up to a city; this month unless one is named. A month that is over stays as it was: as what was checked by its end says, where the point stood then; one that has moved to another city since is in no past month of either. A line for each span of days of what is `granted`, whose ends may lie outside the month; one without days for what is `claimed`. Utilities are sent `status=granted`. That the accounts were read is written down.',
  access: 'signedIn',
  roles: ['dispatcher'],
  query: z.strictObject({ division: divisionCode, month: z.optional(month), status: z.optional(z.enum(['claimed', 'granted'])) }),
  responses: { 200: z.string() },
  media: ['text/csv; charset=utf-8'],
  tag: 'content',
  problems: ['forbidden', 'invalid'],
  uses: { places: 'read', divisions: 'read', audit: 'append' },
  examples: { query: { division: '510104' } },
});

export const servicePointOperations = {
  putServicePoint,
  readServicePoint,
  listServicePoints,
  readEntitlement,
  checkEntitlement,
  listEntitlements,
};
