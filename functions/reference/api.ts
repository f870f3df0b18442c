import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { problemResponse } from '../http/endpoint.ts';
import { PROBLEMS } from '../http/problem.ts';
import { lambda } from '../data/lambda.ts';
import { service } from '../http/service.ts';
import { preferredLanguage } from '../kernel/texts.ts';
import { ok } from '../kernel/result.ts';
import { referenceOperations } from './contract.ts';
import { OPERATIONS } from './operations.ts';

let contract: Promise<{ openapi: string }> | undefined;

const fits = (path: string, segments: readonly string[]): boolean => {
  const pattern = path.split('/');
  return (
    pattern.length === segments.length &&
    pattern.every((part, index) => (part.startsWith('{') ? segments[index] !== '' : part === segments[index]))
  );
};

/** What no route takes: 405 where another method would do, 404 elsewhere. */
const unrouted = (event: APIGatewayProxyEventV2) => {
  const segments = event.rawPath.split('/');
  const methods = [
    ...new Set(
      Object.values(OPERATIONS).flatMap((operations) => operations.filter(({ path }) => fits(path, segments)).map(({ method }) => method)),
    ),
  ];
  return problemResponse(
    methods.length === 0 ? { code: 'notFound' } : { code: 'methodNotAllowed', allow: methods },
    preferredLanguage(event.headers['accept-language']),
  );
};

export const reference = service({
  domain: 'reference',
  table: undefined,
  operations: referenceOperations,
  handlers: {
    readContract: async () => {
      // Most of what comes here has lost its way, and needs no contract.
      contract ??= import('./openapi.ts').then(({ openApi }) => openApi() as { openapi: string });
      return ok({ status: 200, body: await contract });
    },
    readProblem: ({ params: { code } }) => {
      const { status, title, advice } = PROBLEMS[code];
      return Promise.resolve(ok({ status: 200, body: { type: `/problems/${code}`, status, title, advice } }));
    },
  },
  unrouted,
});

export const handler = lambda(reference.build);
