/** Calls an operation's handler without HTTP: for what is loaded before the gateway listens. */
import { randomUUID } from 'node:crypto';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { Claims, VerifyBearer } from '../../functions/http/bearer.ts';
import type { LambdaHandler } from '../../functions/http/service.ts';
import { invoke } from './invoke.ts';
import type { TokenClaims } from './issuer.ts';

export interface InProcessCall {
  readonly method: string;
  readonly path: string;
  /** Nobody, where it is open to everybody. */
  readonly as?: TokenClaims | undefined;
  readonly body?: unknown;
  /** Idempotency-Key. */
  readonly key?: string;
  /** The address that it is called by. */
  readonly host?: string | undefined;
}

/** Where callers are known by a bearer, it is what the gateway's authorizer would have read from one: believed by nobody who listens. */
const bearerOf = (as: TokenClaims): string => `Bearer ${Buffer.from(JSON.stringify(as)).toString('base64url')}`;
export const believeInProcess: VerifyBearer = (token) => {
  const claims: Claims = JSON.parse(Buffer.from(token, 'base64url').toString());
  return Promise.resolve(claims);
};

const TIMEOUT_MS = 30_000;

const claimsOf = ({ sub, roles, division, provider }: TokenClaims): Record<string, string> => ({
  sub,
  roles: `[${roles.join(' ')}]`,
  ...(division === undefined ? {} : { division }),
  ...(provider === undefined ? {} : { provider }),
});

/** Sends one call to the service that has its route; answers with undefined for what is not there. Throws where it is no success. */
export const inProcess =
  (handler: LambdaHandler) =>
  async ({ method, path, as, body, key, host = 'localhost' }: InProcessCall): Promise<unknown> => {
    const event: APIGatewayProxyEventV2 & { requestContext: { authorizer: unknown } } = {
      version: '2.0',
      routeKey: `${method} ${path}`,
      rawPath: path,
      rawQueryString: '',
      headers: {
        'content-type': 'application/json',
        ...(key === undefined ? {} : { 'idempotency-key': key }),
        ...(as === undefined ? {} : { authorization: bearerOf(as) }),
      },
      requestContext: {
        accountId: '000000000000',
        apiId: 'local',
        domainName: host,
        domainPrefix: 'local',
        http: { method, path, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'linli' },
        requestId: randomUUID(),
        routeKey: `${method} ${path}`,
        stage: '$default',
        time: '',
        timeEpoch: 0,
        authorizer: as === undefined ? undefined : { jwt: { claims: claimsOf(as) } },
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      isBase64Encoded: false,
    };
    const answer = await invoke(handler, event, { functionName: 'in-process', timeoutMs: TIMEOUT_MS });
    if (answer.statusCode === 404) return undefined;
    if ((answer.statusCode ?? 500) >= 300) throw new Error(`${method} ${path} answered ${answer.statusCode}: ${answer.body}`);
    return JSON.parse(answer.body ?? 'null');
  };
