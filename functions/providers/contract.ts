/** What clients see of providers. */
import * as z from 'zod/mini';
import { contact } from '../http/on-behalf.ts';
import { operation, type Schema } from '../http/operation.ts';
import { code, divisionCode, id, instant, line, moment, named, page, paging, texts } from '../http/schema.ts';
import { PROVIDER_ACTIONS, PROVIDER_KINDS, PROVIDER_STATUSES } from './names.ts';

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

const providerInput = named('ProviderInput', z.strictObject({ name: texts(MAX_NAME), kind, services, divisions, contact }));
export type ProviderInput = z.output<typeof providerInput>;

const admission = named(
  'Admission',
  z.object({
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
  access: 'signedIn',
  body: providerInput,
  responses: { 201: providerSchema },
  problems: ['invalid', 'tooManyRequests'],
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
    'With a `service`, those admitted for it there. `status` other than `admitted` is for dispatchers, of their own division: `applied` lists what waits for admission, further services and places of the admitted among it.',
  access: 'optional',
  query: z.strictObject({ division: z.optional(divisionCode), service: z.optional(code), status: z.optional(status), ...paging }),
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
  'Admits it, for all that it has applied for in the dispatcher’s division unless said; ends a suspension',
  admitInput,
  { grounds: '资质齐全' },
);
export const suspendProvider = action(
  'suspend',
  'It gets no work and does none until it is admitted again; by a dispatcher whose division covers all where it serves',
  reasonInput,
  { reason: '多次投诉，核查中' },
);
export const removeProvider = action('remove', 'Turns it down, or ends its admission for good', reasonInput, { reason: '资质造假' });
export const renewProvider = action('renew', 'What the dispatcher’s division covers holds until then', renewInput, {
  until: '2027-11-24T00:00:00+08:00',
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
};
