/** What the measured calls read: the whole system with a division and the reference request, and events as API Gateway sends them. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { randomUUID } from 'node:crypto';
import { tableVariable, VARIABLES } from '../../functions/kernel/environment.ts';
import { TABLES } from '../../lib/declarations.ts';
import { dispatcher, resident, SHUIJINGFANG, worker } from '../support/people.ts';
import { REFERENCE_KEY, referenceRequest } from '../support/reference-request.ts';
import { startWorld } from '../support/world.ts';
import { startFront } from './tls.ts';

const PREFIX = 'linli-';
const REGION = 'cn-north-1';

/** A call of ours, and the same read without us. */
export interface Pair {
  readonly name: string;
  /** The function's name, as in `lib/bundle.ts`. */
  readonly functionName: string;
  readonly event: unknown;
  /** With plain values, as lib-dynamodb takes them. */
  readonly baseline: { readonly get: object } | { readonly query: object };
  /** With attribute values, as the client alone does. */
  readonly raw: { readonly get: object } | { readonly query: object };
}

export interface Fixture {
  readonly pairs: readonly Pair[];
  /** What a function finds in its environment. */
  readonly environment: Readonly<Record<string, string>>;
  readonly stop: () => Promise<void>;
}

const eventOf = (path: string): APIGatewayProxyEventV2 => ({
  version: '2.0',
  routeKey: `GET ${path}`,
  rawPath: path,
  rawQueryString: '',
  headers: {
    accept: 'application/json',
    'accept-encoding': 'gzip, deflate, br',
    'accept-language': 'zh-CN,zh;q=0.9',
    host: 'api.example.org',
    'user-agent': 'Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Mobile Safari/537.36',
    'x-forwarded-for': '203.0.113.7',
    'x-forwarded-proto': 'https',
  },
  requestContext: {
    accountId: '000000000000',
    apiId: 'bench',
    domainName: 'api.example.org',
    domainPrefix: 'api',
    http: { method: 'GET', path, protocol: 'HTTP/1.1', sourceIp: '203.0.113.7', userAgent: 'Mozilla/5.0' },
    requestId: randomUUID(),
    routeKey: `GET ${path}`,
    stage: '$default',
    time: '24/Nov/2026:01:00:00 +0000',
    timeEpoch: 1_795_482_000_000,
  },
  isBase64Encoded: false,
});

const values = (key: Readonly<Record<string, string>>): Record<string, { S: string }> =>
  Object.fromEntries(Object.entries(key).map(([name, value]) => [name, { S: value }]));

/** Starts everything, and brings the reference request to where it has a history of five entries. */
export const startFixture = async (): Promise<Fixture> => {
  let client: DynamoDBClient | undefined;
  const world = await startWorld({ prepare: (made) => (client = made) });
  const { body: made } = await world.post('/v1/requests', resident, referenceRequest, { 'idempotency-key': REFERENCE_KEY });
  for (const [action, as, body] of [
    ['accept', dispatcher, {}],
    ['assign', dispatcher, { to: { kind: 'worker', id: worker.sub } }],
    ['start', worker, {}],
    ['resolve', worker, { resolution: '已更换灯泡，夜间照明恢复正常。' }],
  ] as const) {
    const { status } = await world.post(`/v1/requests/${made.id}/${action}`, as, body);
    if (status !== 200) throw new Error(`${action} answered ${status}`);
  }
  const endpoint = await client?.config.endpoint?.();
  if (endpoint === undefined) throw new Error('the system has no engine');
  const front = await startFront(`${endpoint.protocol}//${endpoint.hostname}:${endpoint.port}`);

  const division = { pk: `CHILDREN#${SHUIJINGFANG.slice(0, 9)}`, sk: SHUIJINGFANG };
  const partition = `REQUEST#${String(made.id).slice(0, 8)}`;
  const query = {
    TableName: `${PREFIX}serviceRequests`,
    KeyConditionExpression: '#partition = :partition',
    ExpressionAttributeNames: { '#partition': 'pk' },
  };
  return {
    pairs: [
      {
        name: 'a division',
        functionName: 'divisions-api',
        event: eventOf(`/v1/divisions/${SHUIJINGFANG}`),
        baseline: { get: { TableName: `${PREFIX}divisions`, Key: division } },
        raw: { get: { TableName: `${PREFIX}divisions`, Key: values(division) } },
      },
      {
        name: 'a request',
        functionName: 'service-requests-api',
        event: eventOf(`/v1/requests/${made.id}`),
        baseline: { query: { ...query, ExpressionAttributeValues: { ':partition': partition } } },
        raw: { query: { ...query, ExpressionAttributeValues: values({ ':partition': partition }) } },
      },
    ],
    environment: {
      ...Object.fromEntries(Object.values(TABLES).map(({ name }) => [tableVariable(name), PREFIX + name])),
      [VARIABLES.secret]: 'a secret of the benchmark, and of nothing else',
      [VARIABLES.bus]: 'linli',
      [VARIABLES.limits]: 'on',
      [VARIABLES.oidcIssuer]: `${world.url}/dev/issuer`,
      [VARIABLES.oidcAudience]: 'linli',
      [VARIABLES.dynamoDbEndpoint]: front.endpoint,
      NODE_EXTRA_CA_CERTS: front.certificate,
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: 'bench',
      AWS_SECRET_ACCESS_KEY: 'bench',
      AWS_SESSION_TOKEN: 'bench',
    },
    stop: async () => {
      await front.stop();
      await world.stop();
    },
  };
};
