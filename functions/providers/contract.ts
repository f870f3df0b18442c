/** What clients see of providers. */
import * as z from 'zod/mini';
import { channel, contact, forSomebody, onBehalfOf } from '../http/on-behalf.ts';
import { operation, type Schema } from '../http/operation.ts';
import { code, day, divisionCode, id, instant, line, moment, month, named, page, paging, texts, versionAsked } from '../http/schema.ts';
import { MOST_ADMITTED, MOST_COUNTIES } from './provider.ts';
import {
  CREDIT_ACTIONS,
  CREDIT_KINDS,
  CREDIT_RULINGS,
  CREDIT_WAITS,
  POSTED_KINDS,
  PROVIDER_ACTIONS,
  PROVIDER_KINDS,
  PROVIDER_LISTS,
  PROVIDER_STATUSES,
} from './names.ts';

const MAX_NAME = 100;
const MAX_NOTE = 1000;
/** An entry, its places in the lists and those that it leaves go into one transaction. */
const MOST_DIVISIONS = 20;
const MOST_SERVICES = 50;

const kind = z.enum(PROVIDER_KINDS);
const status = z.enum(PROVIDER_STATUSES);
const reason = line(MAX_NOTE);
const services = z.array(code).check(z.minLength(1), z.maxLength(MOST_SERVICES));
/** For more places, a division above them. */
const divisions = z.array(divisionCode).check(z.minLength(1), z.maxLength(MOST_DIVISIONS));

const inputFields = { name: texts(MAX_NAME), kind, services, divisions, contact };
const providerInput = named('ProviderInput', z.strictObject(inputFields));
export type ProviderInput = z.output<typeof providerInput>;
const providerApplication = named('ProviderApplication', z.strictObject({ ...inputFields, ...forSomebody }));
export type ProviderApplication = z.output<typeof providerApplication>;

const admission = named(
  'Admission',
  z.object({
    /**
     * Each stands by itself: a dispatcher suspends or takes away what lies within their own division. Whoever admits it again covers the
     * division of whoever did.
     */
    status: z.enum(['admitted', 'suspended', 'removed']),
    services: z.array(code),
    divisions: z.array(divisionCode),
    since: instant,
    /** The first moment at which it no longer holds. */
    until: instant,
  }),
);

const publicFields = {
  id,
  name: texts(MAX_NAME),
  kind,
  /** `admitted` as long as one admission stands, `suspended` where none does and one is suspended, `removed` where all are. */
  status,
  /** What it serves; to who sees it whole, what it has applied for. */
  services: z.array(code),
  /** Where. */
  divisions: z.array(divisionCode),
  appliedAt: instant,
};

const providerSchema = named(
  'Provider',
  z.object({
    ...publicFields,
    updatedAt: instant,
    /** What it is admitted for; to the public, what holds now. */
    admissions: z.array(admission),
    /** What this caller may do now. */
    actions: z.array(z.enum(PROVIDER_ACTIONS)),
    // What follows is for its own people and dispatchers of its divisions.
    contact: z.optional(contact),
    owner: z.optional(z.string()),
    /** The worker who wrote the application down, where that was not the owner. */
    recordedBy: z.optional(z.string()),
    /** Whatever else its owner has applied for: for dispatchers. */
    otherEntries: z.optional(z.array(z.object({ id, status }))),
    /** Where something that it has applied for waits for admission. */
    pending: z.optional(z.array(divisionCode)),
    /** The newest 100 steps. */
    history: z.optional(
      z.array(
        z.object({
          at: instant,
          action: z.string(),
          status,
          by: z.string(),
          note: z.optional(z.string()),
          services: z.optional(z.array(code)),
          divisions: z.optional(z.array(divisionCode)),
          until: z.optional(instant),
          /** What was applied for there and was not admitted: it may be later. */
          refused: z.optional(z.object({ services: z.array(code), divisions: z.array(divisionCode) })),
          onBehalfOf: z.optional(onBehalfOf),
          channel: z.optional(channel),
        }),
      ),
    ),
  }),
);
export type ProviderView = z.input<typeof providerSchema>;

const providerSummary = named(
  'ProviderSummary',
  z.object({
    ...publicFields,
    /** When the last of what holds now ends; absent where nothing does. */
    until: z.optional(instant),
  }),
);
export type ProviderSummary = z.input<typeof providerSummary>;

const params = z.object({ id });
const example = { params: { id: '00000000000000000000000ZZ' } };
const providerExample = {
  name: { 'zh-CN': '锦江便民维修有限公司', en: 'Jinjiang Repairs' },
  kind: 'company',
  services: ['streetLamp'],
  divisions: ['510104'],
  contact: { name: '王经理', phone: '028-88880000' },
};

export const applyProvider = operation({
  id: 'applyProvider',
  method: 'POST',
  path: '/v1/providers',
  summary: 'Applies to be admitted as a provider (准入申请); whoever applies is its owner',
  description:
    'A worker of one of its places applies for somebody with `onBehalfOf` and `channel`; their `sub` is the owner. Who has a suspended provider applies for no other.',
  access: 'signedIn',
  body: providerApplication,
  responses: { 201: providerSchema },
  problems: ['forbidden', 'invalid', 'conflict', 'tooManyRequests'],
  limit: { per: 'caller', count: 10, window: 86_400 },
  uses: { providers: 'write', catalogue: 'read', divisions: 'read' },
  examples: { body: providerExample },
});

export const listProviders = operation({
  id: 'listProviders',
  method: 'GET',
  path: '/v1/providers',
  summary: 'Providers admitted for a place: at, above or within it, the newest first',
  description:
    'With a `service`, those admitted for it there. `status` other than `admitted` is for dispatchers, of their own division: `applied` lists what waits for admission, further services and places of the admitted among it; `ending`, whose admission ends within 60 days or has ended; `suspended` and `removed`, who is that there.',
  access: 'optional',
  query: z.strictObject({
    division: z.optional(divisionCode),
    service: z.optional(code),
    status: z.optional(z.enum(PROVIDER_LISTS)),
    ...paging,
  }),
  responses: { 200: page(providerSummary) },
  problems: ['forbidden', 'cursorInvalid'],
  uses: { providers: 'read', divisions: 'read' },
  examples: { query: { division: '510104', service: 'streetLamp' } },
});

export const readProvider = operation({
  id: 'readProvider',
  method: 'GET',
  path: '/v1/providers/{id}',
  summary: 'A provider; its own people and dispatchers of its divisions see it whole, with its history',
  access: 'optional',
  params,
  responses: { 200: providerSchema },
  problems: ['notFound'],
  uses: { providers: 'read' },
  examples: example,
});

export const putProvider = operation({
  id: 'putProvider',
  method: 'PUT',
  path: '/v1/providers/{id}',
  summary: 'What a provider says of itself, by its own people; further services or places wait for admission',
  description: `What it no longer names ends at once. All that it names, is admitted for or was, and what it leaves with this, lies in at most ${MOST_COUNTIES} counties (a division above them is one), and at most ${MOST_ADMITTED} divisions are admitted: where it is more, drop first and add then. The same once more, within 60 days of the end of an admission or after it, asks for that anew. Who is suspended corrects name and contact.`,
  access: 'signedIn',
  params,
  body: providerInput,
  responses: { 200: providerSchema },
  problems: ['forbidden', 'notFound', 'wrongState', 'invalid', 'preconditionFailed', 'conflict'],
  ifMatch: true,
  uses: { providers: 'remove', catalogue: 'read', divisions: 'read' },
  examples: { ...example, body: providerExample },
});

const action = <const N extends (typeof PROVIDER_ACTIONS)[number], const B extends Schema>(
  name: N,
  summary: string,
  body: B,
  bodyExample: unknown,
) =>
  operation({
    id: `${name}Provider`,
    method: 'POST',
    path: `/v1/providers/{id}/${name}`,
    summary,
    access: 'signedIn',
    roles: ['dispatcher'],
    params,
    body,
    responses: { 200: providerSchema },
    problems: ['forbidden', 'notFound', 'wrongState', 'invalid', 'preconditionFailed', 'conflict'],
    ifMatch: true,
    uses: { providers: 'remove', catalogue: 'read', divisions: 'read' },
    examples: { ...example, body: bodyExample },
  });

const admitInput = z.strictObject({
  grounds: z.optional(reason),
  services: z.optional(services),
  divisions: z.optional(divisions),
  until: z.optional(moment),
});
const reasonInput = z.strictObject({ reason });
const renewInput = z.strictObject({ until: moment });

export const admitProvider = action(
  'admit',
  'Admits it, for all that it has applied for in the dispatcher’s division unless said; ends a suspension there; grounds are optional',
  admitInput,
  { grounds: '资质齐全' },
);
export const suspendProvider = action(
  'suspend',
  'In the dispatcher’s own division it gets no work and does none until it is admitted again',
  reasonInput,
  { reason: '多次投诉，核查中' },
);
export const removeProvider = action(
  'remove',
  'Turns it down, or takes its admission away, in the dispatcher’s own division',
  reasonInput,
  { reason: '资质造假' },
);
export const renewProvider = action(
  'renew',
  'What the dispatcher’s division covers holds until then, and no shorter than before',
  renewInput,
  {
    until: '2028-11-24T00:00:00+08:00',
  },
);

const creditMethodSchema = named(
  'CreditMethod',
  z.object({
    /** Grows each time that an administrator sets it. */
    version: z.int(),
    /** What everybody begins with, of 100. */
    start: z.int(),
    /** An event counts in full for so many months from its day on, */
    fullMonths: z.int(),
    /** then half for so many, then not. */
    halfMonths: z.int(),
    /** With what share of its weight an event counts that has been repaired. */
    repaired: z.number(),
    /** Of what comes of work by itself. */
    points: z.object({
      ratedVerySatisfied: z.int(),
      ratedDissatisfied: z.int(),
      ratedVeryDissatisfied: z.int(),
      resolvedLate: z.int(),
      rectificationLate: z.int(),
    }),
    /** How much gains of one kind come to together, at the most. */
    together: z.object({ ratedVerySatisfied: z.int(), merit: z.int() }),
    /** Of what a dispatcher has confirmed, unless said; at most so many at a time. */
    posted: z.object({
      misconduct: z.object({ points: z.int(), most: z.int() }),
      merit: z.object({ points: z.int(), most: z.int() }),
    }),
  }),
);
export type CreditMethodView = z.input<typeof creditMethodSchema>;

/** `reason` and `ruling` are for its own people and dispatchers of where the event comes from. */
const contested = { reason: z.optional(z.string()), ruling: z.optional(z.string()) };
const creditEventSchema = named(
  'CreditEvent',
  z.object({
    id,
    kind: z.enum(CREDIT_KINDS),
    /** The day that it counts from. */
    at: day,
    points: z.int(),
    /** On the day of asking: 1, a half, less where it was repaired; 0 where it was struck. */
    weight: z.number(),
    /** Points × weight. */
    counted: z.number(),
    /** The first day on which it no longer counts. */
    until: day,
    appeal: z.optional(z.object({ status: z.enum(['pending', ...CREDIT_RULINGS]), ...contested })),
    repair: z.optional(z.object({ status: z.enum(['pending', 'granted', 'refused']), ...contested })),
    // What follows is for its own people and dispatchers of where it comes from.
    /** `requests/<id>`, `rectifications/<id>`; never of a confidential request. */
    subject: z.optional(z.string()),
    reason: z.optional(z.string()),
    /** What this caller may do now. */
    actions: z.array(z.enum(CREDIT_ACTIONS)),
  }),
);
export type CreditEventView = z.input<typeof creditEventSchema>;

/** An event that waits, and whose it is: what people wrote is read with the event. */
const waitingEvent = named(
  'WaitingCreditEvent',
  z.object({
    provider: id,
    id,
    kind: z.enum(CREDIT_KINDS),
    at: day,
    division: divisionCode,
    /** A ruling on the appeal, a decision on the repair. */
    waitsFor: z.array(z.enum(CREDIT_WAITS)),
    actions: z.array(z.enum(CREDIT_ACTIONS)),
  }),
);

const creditSchema = named(
  'Credit',
  z.object({
    provider: id,
    status,
    /** `start` + what all kinds count, from 0 to 100. */
    score: z.number(),
    /** The day that it is reckoned for. */
    asOf: day,
    method: creditMethodSchema,
    /** What the events of each kind come to, and what of that the method lets count. */
    kinds: z.array(z.object({ kind: z.enum(CREDIT_KINDS), events: z.int(), sum: z.number(), counted: z.number() })),
    /** Those that are not yet over, the newest first; 500 at the most. */
    events: z.array(creditEventSchema),
    /** What is not shown one by one: how many of a kind count from days of a month, and what they count together. */
    earlier: z.array(z.object({ kind: z.enum(CREDIT_KINDS), month, count: z.int(), points: z.number() })),
  }),
);
export type CreditView = z.input<typeof creditSchema>;

/** Versions are counted from 1, the initial one; of those that were set, all are kept. */
const methodQuery = z.strictObject({ version: versionAsked });

export const readCreditMethod = operation({
  id: 'readCreditMethod',
  method: 'GET',
  path: '/v1/credit-method',
  summary: 'How the credit of providers is reckoned, as it is set now, or by an earlier version',
  access: 'public',
  query: methodQuery,
  responses: { 200: creditMethodSchema },
  problems: ['notFound'],
  tag: 'content',
  uses: { catalogue: 'read' },
});

export const readCredit = operation({
  id: 'readCredit',
  method: 'GET',
  path: '/v1/providers/{id}/credit',
  summary: 'The credit (信用) of a provider: a score of 100, and every event that it is made of',
  description:
    'Public of whoever was ever admitted, with how they stand. The score can be reckoned by hand: `method.start` and the sum of all `counted` and of the `points` of what is earlier, gains of one kind up to what `method.together` lets them come to, as `kinds` shows; not below 0 nor above 100.',
  access: 'optional',
  params,
  responses: { 200: creditSchema },
  problems: ['notFound'],
  tag: 'content',
  uses: { providers: 'read', catalogue: 'read' },
  examples: example,
});

export const readMyProvider = operation({
  id: 'readMyProvider',
  method: 'GET',
  path: '/v1/me/provider',
  summary: 'The provider that the caller acts for, or has applied for last: its entry, its credit, and its open work',
  access: 'signedIn',
  responses: {
    200: z.object({
      provider: providerSchema,
      credit: creditSchema,
      /** `more`: there is more than was counted. */
      work: z.object({ open: z.int(), assigned: z.int(), inProgress: z.int(), overdue: z.int(), more: z.boolean() }),
    }),
  },
  problems: ['notFound'],
  tag: 'content',
  uses: { providers: 'read', catalogue: 'read', serviceRequests: 'read' },
});

const qualityMethodSchema = named(
  'QualityMethod',
  z.object({
    /** Grows each time that an administrator sets it. */
    version: z.int(),
    parts: z.array(z.object({ indicator: z.string(), weight: z.int(), target: z.optional(z.number()) })),
  }),
);

export const readQualityMethod = operation({
  id: 'readQualityMethod',
  method: 'GET',
  path: '/v1/quality-method',
  summary: 'What the quality score of divisions is made of, as it is set now, or by an earlier version',
  access: 'public',
  query: methodQuery,
  responses: { 200: qualityMethodSchema },
  problems: ['notFound'],
  tag: 'content',
  uses: { catalogue: 'read' },
});

export const readQualityScore = operation({
  id: 'readQualityScore',
  method: 'GET',
  path: '/v1/divisions/{code}/score',
  summary: 'The quality score (质量综合评价) of a division’s month, each part of it shown',
  description:
    'Of 100: the points of all parts ÷ their weights. It is made of the figures that the caller sees in `GET /v1/metrics`, so that the public score tells of nothing that is hidden from the public; what is left out is named.',
  access: 'optional',
  params: z.object({ code: divisionCode }),
  query: z.strictObject({ month }),
  responses: {
    200: z.object({
      division: divisionCode,
      month,
      status: z.enum(['provisional', 'final']),
      revision: z.int(),
      /** Null where the caller sees no part of it. */
      score: z.nullable(z.number()),
      method: qualityMethodSchema,
      parts: z.array(
        z.object({
          indicator: z.string(),
          value: z.number(),
          /** The value that earns all of its points. */
          target: z.number(),
          weight: z.int(),
          /** weight × value ÷ target, `weight` at the most. */
          points: z.number(),
        }),
      ),
      /** `notPublicYet`: of a month that is not final. `empty`: nothing to count. `notCounted`: no indicator of this system. */
      leftOut: z.array(z.object({ indicator: z.string(), why: z.enum(['suppressed', 'notPublicYet', 'empty', 'notCounted']) })),
    }),
  },
  problems: ['notFound'],
  tag: 'content',
  uses: { metrics: 'read', divisions: 'read', catalogue: 'read' },
  examples: { params: { code: '510104' }, query: { month: '2026-10' } },
});

const eventParams = z.object({ id, event: id });
const eventExample = { params: { id: '00000000000000000000000ZZ', event: '00000000000000000000000ZX' } };

export const readCreditEvent = operation({
  id: 'readCreditEvent',
  method: 'GET',
  path: '/v1/providers/{id}/credit-events/{event}',
  summary: 'An event of a provider’s credit',
  access: 'optional',
  params: eventParams,
  responses: { 200: creditEventSchema },
  problems: ['notFound'],
  uses: { providers: 'read', catalogue: 'read' },
  examples: eventExample,
});

export const listCreditEvents = operation({
  id: 'listCreditEvents',
  method: 'GET',
  path: '/v1/credit-events',
  summary: 'Events whose appeal or repair waits for a dispatcher, of the dispatcher’s own division, the newest first',
  access: 'signedIn',
  roles: ['dispatcher'],
  query: z.strictObject({ division: z.optional(divisionCode), status: z.optional(z.enum(CREDIT_WAITS)), ...paging }),
  responses: { 200: page(waitingEvent) },
  problems: ['forbidden', 'cursorInvalid'],
  uses: { providers: 'read', divisions: 'read', catalogue: 'read' },
  examples: { query: { division: '510104' } },
});

export const postCreditEvent = operation({
  id: 'postCreditEvent',
  method: 'POST',
  path: '/v1/providers/{id}/credit-events',
  summary: 'Misconduct or merit that a dispatcher of one of its divisions has confirmed',
  access: 'signedIn',
  roles: ['dispatcher'],
  params,
  body: z.strictObject({ kind: z.enum(POSTED_KINDS), points: z.optional(z.int().check(z.gte(-100), z.lte(100))), reason }),
  responses: { 201: creditEventSchema },
  problems: ['forbidden', 'notFound', 'invalid', 'conflict'],
  uses: { providers: 'write', catalogue: 'read' },
  examples: { ...example, body: { kind: 'misconduct', reason: '经核查，虚报服务次数' } },
});

const CHANGING = {
  access: 'signedIn',
  responses: { 200: creditEventSchema },
  problems: ['forbidden', 'notFound', 'wrongState', 'invalid', 'preconditionFailed', 'conflict'],
  uses: { providers: 'write', catalogue: 'read' },
} as const;

export const appealCreditEvent = operation({
  ...CHANGING,
  id: 'appealCreditEvent',
  roles: ['provider'],
  method: 'POST',
  path: '/v1/providers/{id}/credit-events/{event}/appeal',
  summary: 'A provider’s people hold an event of its credit to be wrong; heard once',
  params: eventParams,
  body: z.strictObject({ reason }),
  ifMatch: true,
  examples: { ...eventExample, body: { reason: '当日未派单给我方' } },
});

export const appealCredit = operation({
  ...CHANGING,
  id: 'appealCredit',
  method: 'POST',
  path: '/v1/providers/{id}/appeal',
  roles: ['provider'],
  summary: 'The same by its shorter path; If-Match is the event’s',
  params,
  body: z.strictObject({ event: id, reason }),
  ifMatch: true,
  examples: { ...example, body: { event: '00000000000000000000000ZX', reason: '当日未派单给我方' } },
});

export const reviewCreditEvent = operation({
  ...CHANGING,
  id: 'reviewCreditEvent',
  method: 'POST',
  path: '/v1/providers/{id}/credit-events/{event}/review',
  summary: 'A dispatcher of a division above rules on the appeal; what is struck no longer counts',
  description: 'Nobody reviews what they posted, or work that they accepted, assigned, called back on or said to be fixed.',
  roles: ['dispatcher'],
  params: eventParams,
  body: z.strictObject({ ruling: z.enum(CREDIT_RULINGS), reason }),
  ifMatch: true,
  examples: { ...eventExample, body: { ruling: 'struck', reason: '核实确非该服务商所为' } },
});

export const repairCreditEvent = operation({
  ...CHANGING,
  id: 'repairCreditEvent',
  method: 'POST',
  path: '/v1/providers/{id}/credit-events/{event}/repair',
  summary: 'Repair (信用修复): its people ask, saying what has been done since; a dispatcher grants it or not',
  params: eventParams,
  body: z.strictObject({ reason, decision: z.optional(z.enum(['granted', 'refused'])) }),
  ifMatch: true,
  examples: { ...eventExample, body: { reason: '已整改并完成培训' } },
});

export const providerOperations = {
  applyProvider,
  listProviders,
  readProvider,
  putProvider,
  admitProvider,
  suspendProvider,
  removeProvider,
  renewProvider,
  readCredit,
  readCreditEvent,
  listCreditEvents,
  postCreditEvent,
  appealCreditEvent,
  appealCredit,
  reviewCreditEvent,
  repairCreditEvent,
  readCreditMethod,
  readMyProvider,
  readQualityMethod,
  readQualityScore,
};
