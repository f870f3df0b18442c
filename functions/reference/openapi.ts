/** The OpenAPI 3.1 document, made from the operations and nothing else. */
import * as z from 'zod/mini';
import { allProblems } from '../http/failures.ts';
import type { OperationSpec, Schema } from '../http/operation.ts';
import { PROBLEMS } from '../http/problem.ts';
import { OPERATIONS } from './operations.ts';

type Json = Record<string, unknown>;

const PROBLEM_SCHEMA = {
  type: 'object',
  required: ['type', 'title', 'status', 'detail', 'code'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: { type: 'string', enum: Object.keys(PROBLEMS) },
    errors: {
      type: 'array',
      items: { type: 'object', required: ['path', 'message'], properties: { path: { type: 'string' }, message: { type: 'string' } } },
    },
    actions: { type: 'array', items: { type: 'string' } },
  },
};

/** How a face of GeoReport v2 tells what is wrong. */
const OPEN311_ERRORS = {
  type: 'array',
  items: {
    type: 'object',
    required: ['code', 'description'],
    properties: { code: { type: 'integer' }, description: { type: 'string' } },
    xml: { name: 'error' },
  },
  xml: { name: 'errors', wrapped: true },
};

/** The gateway's own answers keep the gateway's body. */
const GATEWAY_SCHEMA = { type: 'object', properties: { message: { type: 'string' } } };

const HEADERS: Readonly<Record<string, Json>> = {
  'x-request-id': { description: 'Names this answer in our log', schema: { type: 'string' } },
  etag: {
    description: 'The resource’s version, and whether the whole of it is shown; either goes with If-Match',
    schema: { type: 'string' },
  },
  location: { description: 'Where the new resource is', schema: { type: 'string' } },
  'idempotency-replayed': {
    description: 'The answer of an earlier request with this Idempotency-Key',
    schema: { type: 'string', const: 'true' },
  },
  'retry-after': { description: 'Seconds to wait', schema: { type: 'integer' } },
};

const TAGS: Readonly<Record<string, string>> = {
  divisions: 'Divisions (行政区划): province, city, county, street, community',
  catalogue: 'The services that can be asked for, programmes, settings',
  'service-requests': 'Requests from report to rating, and rectifications (差评整改)',
  open311: 'The same requests for clients of Open311 GeoReport v2, and their keys',
  media: 'Pictures that belong to something else',
  metrics: 'Monthly indicators of every division',
  dashboard: 'The public page that shows them',
  acknowledgements: 'What is heard back of an alert: who is safe, who needs help, and whom it has reached',
  exports: 'What the system holds, as files, and the jobs that make them',
  places:
    'Places that people look for: shelters (应急避难场所), micro fire stations (微型消防站), meal points (助餐点), childcare (托育), service points (服务网点)',
  care: 'Those who are looked after, visits to them, and who is due',
  providers: 'Who may serve residents: admission (准入), and the credit (信用) that their work earns them',
  alerts: 'Emergency alerts: issued, replaced, ended, found by place, published as CAP 1.2 and Atom',
  notifications: 'The ways in which people want to be told: of alerts, of what is their own, and when not',
  surveys: 'Surveys (满意度调查): asking, answering once each, and results that tell of nobody',
  payments: 'Promising a gift, and what payment providers tell of it',
  donations: 'The community foundation (社区基金会): funds, gifts, receipts, grants, and books that everybody can read',
  audit: 'Who read or changed what',
  reference: 'The interface about itself',
};

const STATUS_TEXTS: Readonly<Record<string, string>> = { 200: 'Done', 201: 'Made', 202: 'Begun', 204: 'Done, nothing to say' };

/** Schemas that have a name of their own stand once among the components, and are referred to from everywhere else. */
type Components = Map<string, Json>;

const refersTo = (json: unknown): unknown => JSON.parse(JSON.stringify(json).replaceAll('"#/$defs/', '"#/components/schemas/'));

const schemaOf = (schema: Schema, io: 'input' | 'output', components: Components): Json => {
  // A schema on its own is written out even where it has a name; as somebody's part it is referred to.
  const { properties, $defs = {} } = z.toJSONSchema(z.object({ whole: schema }), { io, unrepresentable: 'any' });
  for (const [name, json] of Object.entries($defs)) components.set(name, refersTo(json) as Json);
  return refersTo(properties?.['whole']) as Json;
};

const parameters = (schema: Schema | undefined, where: 'path' | 'query' | 'header', components: Components): Json[] => {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = schemaOf(schema, 'input', components) as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: where,
    required: where === 'path' || required.includes(name),
    schema: property,
  }));
};

/**
 * A form's fields as OpenAPI has them: one that may be repeated is an array, also where it stands once. "One, or several" says the same of a
 * form, but clients that are generated from it do not know how to send that.
 */
const formOf = (schema: Json): Json => {
  const { properties, ...rest } = schema as { properties?: Record<string, Json> };
  const repeated = (field: Json): Json | undefined =>
    (field['anyOf'] as readonly Json[] | undefined)?.find(({ type, items }) => type === 'array' && items !== undefined);
  return properties === undefined
    ? schema
    : { ...rest, properties: Object.fromEntries(Object.entries(properties).map(([name, field]) => [name, repeated(field) ?? field])) };
};

const headerParameters = ({ method, ifMatch }: OperationSpec): Json[] => [
  { name: 'Accept-Language', in: 'header', required: false, schema: { type: 'string' }, description: 'zh-CN unless en is asked for first' },
  ...(method === 'POST'
    ? [
        {
          name: 'Idempotency-Key',
          in: 'header',
          required: false,
          schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[\\x21-\\x7e]+$' },
          description: 'The same key and body give the same result again, for 24 hours',
        },
      ]
    : []),
  ...(ifMatch === true
    ? [{ name: 'If-Match', in: 'header', required: false, schema: { type: 'string' }, description: 'The ETag that was read' }]
    : []),
];

const SECURITY: Readonly<Record<OperationSpec['access'], readonly Json[]>> = {
  public: [],
  optional: [{}, { bearer: [] }],
  signedIn: [{ bearer: [] }],
  apiKey: [{ apiKey: [] }],
  signature: [],
};

/** What an answer is sent as. */
const contentOf = ({ media, csv, page }: OperationSpec, schema: Json): Json => ({
  ...Object.fromEntries((media ?? ['application/json']).map((type) => [type.split(';')[0], { schema }])),
  ...(page === undefined ? {} : { 'text/html': { schema: { type: 'string' } } }),
  ...(csv === undefined ? {} : { 'text/csv': { schema: { type: 'string' } } }),
});

/** What it answers itself with that status, beside its problems. */
const declared = (operation: OperationSpec, status: number, components: Components): Json => {
  const schema = operation.responses[status];
  return schema === undefined || schema === null ? {} : contentOf(operation, schemaOf(schema, 'output', components));
};

const answers = (operation: OperationSpec, components: Components): Json => {
  const result: Record<string, Json> = {};
  for (const [status, schema] of Object.entries(operation.responses)) {
    const names = [
      'x-request-id',
      ...(operation.ifMatch === true || operation.method === 'GET' ? ['etag'] : []),
      ...(status === '201' || status === '202' ? ['location'] : []),
      ...(operation.method === 'POST' ? ['idempotency-replayed'] : []),
    ];
    result[status] = {
      description: STATUS_TEXTS[status] ?? 'Done',
      headers: Object.fromEntries(names.map((name) => [name, HEADERS[name]])),
      ...(schema === null ? {} : { content: contentOf(operation, schemaOf(schema, 'output', components)) }),
    };
  }
  // The stage throttles every route.
  result['429'] = {
    description: 'Too many requests',
    headers: { 'retry-after': HEADERS['retry-after'] },
    content: { 'application/json': { schema: { $ref: '#/components/schemas/GatewayMessage' } } },
  };
  if (operation.method === 'GET') result['304'] = { description: 'Not changed since the ETag in If-None-Match' };
  const page = operation.problemPage === true ? { 'text/html': { schema: { type: 'string' } } } : {};
  const { face } = operation;
  const byStatus = Map.groupBy(allProblems(operation), (code) => (face === undefined ? PROBLEMS[code].status : face.statusOf(code)));
  for (const [status, codes] of [...byStatus].toSorted(([a], [b]) => a - b)) {
    const own =
      face === undefined
        ? { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } }
        : contentOf(operation, { $ref: '#/components/schemas/Open311Errors' });
    const gateway =
      (status === 401 && operation.access === 'signedIn') || status === 413 || status === 429 || status >= 500
        ? { 'application/json': { schema: { $ref: '#/components/schemas/GatewayMessage' } } }
        : {};
    result[String(status)] = {
      description: codes.map((code) => PROBLEMS[code].title.en).join('; '),
      headers: {
        'x-request-id': HEADERS['x-request-id'],
        ...(status === 429 || status === 503 ? { 'retry-after': HEADERS['retry-after'] } : {}),
      },
      content: { ...declared(operation, status, components), ...own, ...page, ...gateway },
    };
  }
  return result;
};

const describe = (operation: OperationSpec, domain: string, components: Components): Json => {
  const body = operation.body === undefined ? undefined : schemaOf(operation.body, 'input', components);
  const roles = operation.roles === undefined ? '' : `For ${operation.roles.join(', ')}.`;
  const limit =
    operation.limit === undefined ? '' : `At most ${operation.limit.count} in ${operation.limit.window} s per ${operation.limit.per}.`;
  const description = [operation.description ?? '', roles, limit].filter((each) => each !== '').join(' ');
  return {
    operationId: operation.id,
    tags: [domain],
    summary: operation.summary,
    ...(description === '' ? {} : { description }),
    security: SECURITY[operation.access],
    parameters: [
      ...parameters(operation.params, 'path', components),
      ...parameters(operation.query, 'query', components),
      ...parameters(operation.headers, 'header', components),
      ...headerParameters(operation),
    ],
    ...(operation.raw === true ? { requestBody: { description: 'As the provider sends it', required: true, content: { '*/*': {} } } } : {}),
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: operation.body !== undefined && !operation.body.safeParse({}).success,
            content: {
              [operation.face === undefined ? 'application/json' : 'application/x-www-form-urlencoded']: {
                schema: operation.face === undefined ? body : formOf(body),
                ...(operation.examples?.body === undefined ? {} : { example: operation.examples.body }),
              },
              ...(operation.method === 'PATCH' ? { 'application/merge-patch+json': { schema: body } } : {}),
              ...Object.fromEntries(operation.documents?.map((type) => [type, { schema: { type: 'string' } }]) ?? []),
            },
          },
        }),
    responses: answers(operation, components),
  };
};

/** The whole contract as JSON. */
export const openApi = (): Json => {
  const paths: Record<string, Json> = {};
  const components: Components = new Map();
  for (const [domain, operations] of Object.entries(OPERATIONS)) {
    for (const operation of operations)
      paths[operation.path] = { ...paths[operation.path], [operation.method.toLowerCase()]: describe(operation, domain, components) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Linli 邻里',
      version: '1',
      description:
        'The open backend of a community service system. Errors are problems of RFC 9457; lists are pages `{items, next}`; moments are RFC 3339 in UTC.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/', description: 'Where this document was read' }],
    tags: Object.keys(OPERATIONS).map((name) => ({ name, description: TAGS[name] ?? name })),
    paths,
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
        apiKey: { type: 'apiKey', in: 'query', name: 'api_key', description: 'In the query, or in the form' },
      },
      schemas: {
        Problem: PROBLEM_SCHEMA,
        Open311Errors: OPEN311_ERRORS,
        GatewayMessage: GATEWAY_SCHEMA,
        ...Object.fromEntries([...components].toSorted()),
      },
    },
  };
};
