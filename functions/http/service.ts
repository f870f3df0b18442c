/** A domain's HTTP service: its operations and a handler for each, behind one Lambda entry. */
import middy, { type MiddlewareObj } from '@middy/core';
import httpRouter, { type Route } from '@middy/http-router';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import type { Runtime } from '../data/runtime.ts';
import type { TableDescription } from '../data/table.ts';
import { cause } from '../kernel/cause.ts';
import { VARIABLES } from '../kernel/environment.ts';
import { preferredLanguage } from '../kernel/texts.ts';
import type { VerifyBearer } from './bearer.ts';
import type { Handler } from './call.ts';
import { endpoint, problemResponse, type AnyHandler, type EndpointContext, type Outline } from './endpoint.ts';
import type { Face } from './face.ts';
import { metricsOf } from './metrics.ts';
import type { OperationSpec } from './operation.ts';

export type LambdaHandler = (event: APIGatewayProxyEventV2, context: Context) => Promise<APIGatewayProxyStructuredResultV2>;

/** Operations by id: what a domain's contract exports. */
export type Operations = Readonly<Record<string, OperationSpec>>;
/** Exactly one handler for each operation: a route without one does not compile. */
export type Handlers<O extends Operations> = { readonly [K in keyof O]: Handler<O[K]> };

export interface Service {
  readonly domain: string;
  readonly operations: readonly OperationSpec[];
  readonly build: (runtime: Runtime, verifyBearer?: VerifyBearer) => LambdaHandler;
}

/** jose is loaded where a bearer is verified, and not before. */
const lazyVerifier = (runtime: Runtime): VerifyBearer => {
  let verifier: Promise<VerifyBearer> | undefined;
  return async (token) => {
    verifier ??= import('./bearer.ts').then(({ bearerVerifier }) =>
      bearerVerifier({
        issuer: runtime.environment.required(VARIABLES.oidcIssuer),
        audience: runtime.environment.required(VARIABLES.oidcAudience),
        now: runtime.now,
      }),
    );
    return (await verifier)(token);
  };
};

/** One structured line a request, which is its EMF metrics as well, and `x-request-id` on every answer. */
const observed = (
  runtime: Runtime,
  domain: string,
  outlines: WeakMap<APIGatewayProxyEventV2, Outline>,
): MiddlewareObj<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2> => {
  const started = new WeakMap<APIGatewayProxyEventV2, number>();
  const stage = runtime.environment.optional(VARIABLES.stage) ?? 'local';
  let cold = true;
  return {
    before: ({ event }) => {
      started.set(event, performance.now());
    },
    after: (request) => {
      const { event } = request;
      const outline = outlines.get(event);
      const status = request.response?.statusCode ?? 500;
      const durationMs = Math.round((performance.now() - (started.get(event) ?? performance.now())) * 10) / 10;
      runtime.log({
        level: status >= 500 ? 'error' : 'info',
        code: 'requestHandled',
        requestId: event.requestContext.requestId,
        route: event.routeKey,
        status,
        ...(outline?.problem === undefined ? {} : { problem: outline.problem }),
        ...(outline?.cause === undefined ? {} : cause(outline.cause)),
        coldStart: cold,
        ...metricsOf({ at: runtime.now(), stage, domain, operation: outline?.operation ?? 'none', durationMs, status }),
      });
      cold = false;
      request.response = { ...request.response, headers: { ...request.response?.headers, 'x-request-id': event.requestContext.requestId } };
    },
  };
};

/** Declares a service. `handlers` says how each operation is answered; every one of them gets the runtime in its call. */
export const service = <const O extends Operations>(spec: {
  readonly domain: string;
  /** The domain's own table; none where nothing is ever written. */
  readonly table: TableDescription | undefined;
  readonly operations: O;
  readonly handlers: Handlers<O>;
  /** How clients of another standard are spoken to. */
  readonly face?: (root: string, path: string) => Face;
  /** Answers what no route takes, where this service stands behind `$default`. */
  readonly unrouted?: (event: APIGatewayProxyEventV2) => APIGatewayProxyStructuredResultV2;
}): Service => ({
  domain: spec.domain,
  operations: Object.values(spec.operations),
  build: (runtime, verifyBearer = lazyVerifier(runtime)) => {
    const outlines = new WeakMap<APIGatewayProxyEventV2, Outline>();
    const context: EndpointContext = { runtime, table: spec.table, verifyBearer, face: spec.face, outlines };
    const routes = Object.entries(spec.operations).map(
      ([id, operation]): Route<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2> => {
        // Handlers<O> has checked each pair; the router knows operations at run time only.
        const handler = spec.handlers[id as keyof O] as unknown as AnyHandler;
        return { method: operation.method, path: operation.path, handler: endpoint(operation, handler, context) };
      },
    );
    const router = httpRouter<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>({ routes, notFoundResponse: () => undefined });
    const unrouted =
      spec.unrouted ?? ((event) => problemResponse({ code: 'notFound' }, preferredLanguage(event.headers['accept-language'])));
    const handler = middy(
      async (event: APIGatewayProxyEventV2, context_: Context) => (await router(event, context_)) ?? unrouted(event),
    ).use(observed(runtime, spec.domain, outlines));
    return (event, context_) => Promise.resolve(handler(event, context_));
  },
});
