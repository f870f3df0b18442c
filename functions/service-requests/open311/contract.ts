/**
 * What clients of Open311 GeoReport v2 see (https://wiki.open311.org/GeoReport_v2/), with FixMyStreet's `servicerequestupdates`; and the keys
 * that they are given. Each list has two paths, since the suffix decides the format.
 */
import * as z from 'zod/mini';
import { operation, type OperationSpec, type Schema } from '../../http/operation.ts';
import { divisionCode, id, instant, line, named, page, paging } from '../../http/schema.ts';
import { answeredAs, FINE_STATUSES, JSON_TYPE, XML_TYPE } from './words.ts';

const BASE = '/open311/v2';
const FACE = { limit: { per: 'key', count: 300, window: 60 } } as const;

const text = z.nullable(z.string());
/** A parameter, sent once. Its meaning is checked where it is used: a wrong key is told before a wrong date. */
const parameter = z.optional(z.string().check(z.normalize('NFC'), z.maxLength(4000)));
const attributeParameter = z.union([
  z.string().check(z.normalize('NFC'), z.maxLength(4000)),
  z.array(z.string().check(z.normalize('NFC'), z.maxLength(4000))).check(z.maxLength(200)),
]);
/** One of an address, which has 10 KB. */
const asked = z.optional(z.string().check(z.normalize('NFC'), z.maxLength(200)));
const who = { jurisdiction_id: asked, api_key: asked };

const suffixed = <const S extends OperationSpec>(spec: S, suffix: 'Xml' | 'Json'): S =>
  operation({
    ...spec,
    id: `${spec.id}${suffix}`,
    path: `${spec.path}.${suffix.toLowerCase()}`,
    ...(spec.limit === undefined ? {} : { limit: { ...spec.limit, together: spec.id } }),
    media: [suffix === 'Xml' ? XML_TYPE : JSON_TYPE],
  });

/** One operation under its two suffixes. */
const both = <const S extends OperationSpec>(spec: S): { readonly xml: S; readonly json: S } => ({
  xml: suffixed(spec, 'Xml'),
  json: suffixed(spec, 'Json'),
});

/** `{file}` is an id and its suffix: API Gateway has no half segment as a variable. */
const params = z.object({ file: z.string().check(z.maxLength(200)) });
const oneOf = <const S extends Omit<OperationSpec, 'method' | 'access' | 'params' | 'media'>>(spec: S) =>
  operation({ ...spec, method: 'GET', access: 'public', params, media: [XML_TYPE, JSON_TYPE] });

const discovery = named(
  'Open311Discovery',
  z.object({
    changeset: z.string(),
    contact: z.string(),
    key_service: z.string(),
    endpoints: z.array(
      z.object({
        specification: z.string(),
        url: z.string(),
        changeset: z.string(),
        type: z.enum(['production', 'test']),
        formats: z.array(z.string()),
      }),
    ),
  }),
);

export const discover = both({
  id: 'discoverOpen311',
  method: 'GET',
  path: `${BASE}/discovery`,
  summary: 'Which endpoints there are, and what they speak',
  access: 'public',
  responses: { 200: discovery },
  face: answeredAs('discovery'),
  uses: { catalogue: 'read' },
});

const services = z.array(
  named(
    'Open311Service',
    z.object({
      service_code: z.string(),
      service_name: z.string(),
      description: z.string(),
      metadata: z.boolean(),
      type: z.enum(['realtime', 'batch', 'blackbox']),
      keywords: z.string(),
      group: z.string(),
    }),
  ),
);
export type ServiceRecord = z.output<typeof services>[number];

export const listServices = both({
  id: 'listOpen311Services',
  method: 'GET',
  path: `${BASE}/services`,
  summary: 'The services that can be asked for, all at once',
  access: 'public',
  query: z.object(who),
  responses: { 200: services },
  problems: ['notFound'],
  face: answeredAs('services'),
  uses: { catalogue: 'read', divisions: 'read' },
});

const definition = named(
  'Open311ServiceDefinition',
  z.object({
    service_code: z.string(),
    attributes: z.array(
      z.object({
        variable: z.boolean(),
        code: z.string(),
        datatype: z.enum(['string', 'number', 'datetime', 'text', 'singlevaluelist', 'multivaluelist']),
        required: z.boolean(),
        datatype_description: text,
        order: z.int(),
        description: z.string(),
        /** FixMyStreet's: it fills in what is `server_set` by itself. */
        automated: z.optional(z.enum(['server_set', 'hidden_field'])),
        values: z.optional(z.array(z.object({ key: z.string(), name: z.string() }))),
      }),
    ),
  }),
);
export type DefinitionRecord = z.output<typeof definition>;

export const readService = oneOf({
  id: 'readOpen311Service',
  path: `${BASE}/services/{file}`,
  summary: 'What a service asks for',
  query: z.object(who),
  responses: { 200: definition },
  face: answeredAs('service_definition'),
  uses: { catalogue: 'read', divisions: 'read' },
  examples: { params: { file: 'streetLamp.json' } },
});

const note = z.object({ datetime: z.string(), description: z.string(), type: z.string() });

const record = named(
  'Open311Request',
  z.object({
    service_request_id: z.string(),
    status: z.enum(['open', 'closed']),
    status_notes: text,
    service_name: z.string(),
    service_code: z.string(),
    description: z.string(),
    agency_responsible: text,
    service_notice: text,
    requested_datetime: z.string(),
    updated_datetime: z.string(),
    expected_datetime: text,
    address: text,
    address_id: text,
    zipcode: text,
    lat: z.nullable(z.number()),
    long: z.nullable(z.number()),
    media_url: text,
    // With `extensions=true`.
    notes: z.optional(z.array(note)),
    attributes: z.optional(z.array(z.object({ code: z.string(), label: z.string(), name: text, value: z.string() }))),
    extended_attributes: z.optional(
      z.object({
        number: z.string(),
        community: z.string(),
        detailed_status: z.enum(FINE_STATUSES),
        respond_by: z.string(),
        photos: z.array(z.object({ media_url: z.string(), title: text })),
        first_name: z.optional(text),
        last_name: z.optional(text),
        email: z.optional(text),
        phone: z.optional(text),
        device_id: z.optional(text),
        account_id: z.optional(text),
        media_urls: z.optional(z.array(z.string())),
      }),
    ),
  }),
);
export type RequestRecord = z.output<typeof record>;

const requestUses = { serviceRequests: 'read', catalogue: 'read', divisions: 'read', media: 'read' } as const;

export const listRequests = both({
  ...FACE,
  id: 'listOpen311Requests',
  method: 'GET',
  path: `${BASE}/requests`,
  summary: 'Public requests and, with a key, that client’s own; newest first',
  description:
    'Without dates the last 90 days, which is also the longest span; at most 1,000, with `extensions=true` 100, or `page_size` of them (pages count from 1; one may be shorter than asked for, and an empty one is the last). Where too much would have to be looked at, a shorter span is asked for. `service_request_id` overrides everything else.',
  access: 'public',
  query: z.object({
    ...who,
    service_request_id: z.optional(z.string().check(z.regex(/^[\w\s,.-]{0,8000}$/))),
    service_code: asked,
    start_date: asked,
    end_date: asked,
    updated_after: asked,
    updated_before: asked,
    status: asked,
    extensions: asked,
    page: asked,
    page_size: asked,
  }),
  responses: { 200: z.array(record) },
  problems: ['notFound', 'forbidden'],
  face: answeredAs('service_requests'),
  uses: requestUses,
  objects: { 'media/': 'link' },
});

export const readRequest = oneOf({
  id: 'readOpen311Request',
  path: `${BASE}/requests/{file}`,
  summary: 'One request, in a list of one',
  query: z.object({ ...who, extensions: asked }),
  responses: { 200: z.array(record) },
  problems: ['forbidden'],
  face: answeredAs('service_requests'),
  uses: requestUses,
  objects: { 'media/': 'link' },
  examples: { params: { file: '00000000000000000000000ZZ.json' } },
});

export const readToken = oneOf({
  id: 'readOpen311Token',
  path: `${BASE}/tokens/{file}`,
  summary: 'The id that a token stands for: requests are given theirs at once, so it is its own token',
  query: z.object(who),
  responses: { 200: z.array(z.object({ service_request_id: z.string(), token: z.string() })) },
  problems: ['forbidden'],
  face: answeredAs('service_requests'),
  uses: { serviceRequests: 'read', divisions: 'read' },
  examples: { params: { file: '00000000000000000000000ZZ.json' } },
});

const received = z.array(z.object({ service_request_id: z.string(), service_notice: text, account_id: text }));

/** Whatever else a client sends is passed over; attributes are those of the service, `attribute[community]`, and the client's own. */
const report = z.catchall(
  z.object({
    ...who,
    service_code: parameter,
    lat: parameter,
    long: parameter,
    address_string: parameter,
    address_id: parameter,
    email: parameter,
    device_id: parameter,
    account_id: parameter,
    first_name: parameter,
    last_name: parameter,
    phone: parameter,
    description: parameter,
    media_url: z.optional(attributeParameter),
  }),
  attributeParameter,
);
export type Report = z.output<typeof report>;

export const submitRequest = both({
  ...FACE,
  id: 'submitOpen311Request',
  method: 'POST',
  path: `${BASE}/requests`,
  summary: 'Reports something for a client’s user',
  description:
    '`attribute[community]` decides the community; without it the nearest one with a position. With `attribute[fixmystreet_id]` the same report is taken once, however often it is sent. Pictures may come in a multipart form, 4 MB in all.',
  access: 'apiKey',
  inSteps: true,
  body: report,
  responses: { 200: received },
  problems: ['notFound', 'forbidden'],
  face: answeredAs('service_requests'),
  objects: { 'received/': 'drop' },
  uses: { serviceRequests: 'write', catalogue: 'read', divisions: 'read' },
  examples: {
    body: {
      api_key: '00000000000000000000000ZZ.xyz',
      jurisdiction_id: '510104',
      service_code: 'streetLamp',
      lat: '30.655',
      long: '104.084',
      address_string: '东大街 1 号',
      description: '小区门口路灯不亮',
      'attribute[community]': '510104017001',
    },
  },
});

const update = named(
  'Open311RequestUpdate',
  z.object({
    update_id: z.string(),
    service_request_id: z.string(),
    status: z.enum(FINE_STATUSES),
    updated_datetime: z.string(),
    description: z.string(),
    media_url: text,
  }),
);
export type UpdateRecord = z.output<typeof update>;

export const listUpdates = both({
  ...FACE,
  id: 'listOpen311Updates',
  method: 'GET',
  path: `${BASE}/servicerequestupdates`,
  summary: 'What has become of a client’s own requests and, without a key, of public ones',
  description:
    'Updates of `start_date` to `end_date`, oldest first; without dates those of the last two hours. Where there are more than 1,000, a shorter span is asked for. Without a key, of requests of the last 90 days.',
  access: 'public',
  query: z.object({ ...who, start_date: asked, end_date: asked, service_request_id: asked }),
  responses: { 200: z.array(update) },
  problems: ['notFound', 'forbidden'],
  face: answeredAs('service_request_updates'),
  uses: { serviceRequests: 'read', divisions: 'read' },
});

const updateBody = z.object({
  ...who,
  service_request_id: parameter,
  update_id: parameter,
  updated_datetime: parameter,
  status: parameter,
  description: parameter,
  title: parameter,
  email: parameter,
  first_name: parameter,
  last_name: parameter,
  phone: parameter,
  account_id: parameter,
  media_url: z.optional(attributeParameter),
});
export type UpdateReport = z.output<typeof updateBody>;

export const submitUpdate = both({
  ...FACE,
  id: 'submitOpen311Update',
  method: 'POST',
  path: `${BASE}/servicerequestupdates`,
  summary: 'What a client’s user has to say to a request of theirs',
  description: 'A comment; with the status `open` or `reopen` of what is done, it is opened again. The same `update_id` is taken once.',
  access: 'apiKey',
  body: updateBody,
  responses: { 200: z.array(z.object({ update_id: z.string(), account_id: text })) },
  problems: ['notFound', 'forbidden'],
  face: answeredAs('service_request_updates'),
  uses: { serviceRequests: 'write', catalogue: 'read', divisions: 'read' },
  examples: {
    body: {
      api_key: '00000000000000000000000ZZ.xyz',
      service_request_id: '00000000000000000000000ZZ',
      update_id: '248',
      status: 'OPEN',
      updated_datetime: '2026-11-24T09:00:00+08:00',
      description: '路灯还是不亮',
    },
  },
});

const MAX_NAME = 100;
const keyParams = z.object({ id });
const keyView = {
  id,
  name: z.string(),
  division: divisionCode,
  madeAt: instant,
  revokedAt: z.optional(instant),
};
const keySchema = named('Open311Key', z.object(keyView));

export const issueKey = operation({
  id: 'issueOpen311Key',
  method: 'POST',
  path: '/v1/open311/keys',
  summary: 'A key for a client, for one division and all within it; it is told this once and stored as a hash only',
  access: 'signedIn',
  roles: ['admin'],
  body: z.strictObject({ name: line(MAX_NAME), division: divisionCode }),
  responses: { 201: named('Open311NewKey', z.object({ ...keyView, key: z.string() })) },
  problems: ['forbidden'],
  uses: { serviceRequests: 'write', divisions: 'read', audit: 'append' },
  examples: { body: { name: '市民随手拍', division: '510104' } },
});

export const listKeys = operation({
  id: 'listOpen311Keys',
  method: 'GET',
  path: '/v1/open311/keys',
  summary: 'The keys of one’s division, those that are revoked among them',
  access: 'signedIn',
  roles: ['admin'],
  query: z.strictObject(paging),
  responses: { 200: page(keySchema) },
  problems: ['cursorInvalid'],
  uses: { serviceRequests: 'read' },
});

const keyExample = { params: { id: '00000000000000000000000ZZ' } };

export const readKey = operation({
  id: 'readOpen311Key',
  method: 'GET',
  path: '/v1/open311/keys/{id}',
  summary: 'A key, without the key itself',
  access: 'signedIn',
  roles: ['admin'],
  params: keyParams,
  responses: { 200: keySchema },
  uses: { serviceRequests: 'read' },
  examples: keyExample,
});

export const revokeKey = operation({
  id: 'revokeOpen311Key',
  method: 'DELETE',
  path: '/v1/open311/keys/{id}',
  summary: 'The key is refused from now on; what came with it stays',
  access: 'signedIn',
  roles: ['admin'],
  params: keyParams,
  responses: { 200: keySchema },
  problems: ['conflict'],
  ifMatch: true,
  uses: { serviceRequests: 'write', audit: 'append' },
  examples: keyExample,
});

export const open311Operations = {
  discoverXml: discover.xml,
  discoverJson: discover.json,
  listServicesXml: listServices.xml,
  listServicesJson: listServices.json,
  readService,
  listRequestsXml: listRequests.xml,
  listRequestsJson: listRequests.json,
  submitRequestXml: submitRequest.xml,
  submitRequestJson: submitRequest.json,
  readRequest,
  readToken,
  listUpdatesXml: listUpdates.xml,
  listUpdatesJson: listUpdates.json,
  submitUpdateXml: submitUpdate.xml,
  submitUpdateJson: submitUpdate.json,
  issueKey,
  listKeys,
  readKey,
  revokeKey,
};

/** The parameters of a list, checked. */
export type QueryOfList = z.output<(typeof listRequests.xml)['query'] & Schema>;
