/**
 * One declaration of an operation, read by the Lambda router, OpenAPI, API Gateway's routes with authorizer, IAM and environment, the
 * local gateway, and the generated tests of rights and bad input.
 */
import type { ObjectUses } from '../data/object-store.ts';
import type { Uses } from '../data/table.ts';
import type { VaultRight } from '../data/vault.ts';
import type * as z from 'zod/mini';
import type { EpochMs } from '../kernel/time.ts';
import type { FieldError, ProblemCode } from './problem.ts';
import type { Role } from './principal.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/**
 * `public`: anybody, nothing is verified. `optional`: anybody, and a known caller sees more; we verify the bearer that is sent. `signedIn`:
 * API Gateway's authorizer stands before it. `apiKey`, `signature`: the domain verifies.
 */
export type Access = 'public' | 'optional' | 'signedIn' | 'apiKey' | 'signature';

export type Schema = z.ZodMiniType;

export interface Limit {
  readonly per: 'ip' | 'caller' | 'key';
  readonly count: number;
  /** Seconds. */
  readonly window: number;
  /** What is counted together; the operation by itself without it. */
  readonly together?: string;
}

/** Lines of cells; nothing stands for an empty one. */
export type Table = readonly (readonly (string | number | boolean | null | undefined)[])[];

/** What a contract says of an operation of an outer face. */
export interface FaceSpec {
  /** What the answer is called as a whole. */
  readonly root: string;
  /** The status with which that standard tells of a problem. */
  readonly statusOf: (code: ProblemCode) => number;
}

export interface OperationSpec {
  /** lowerCamelCase verb and noun, unique in the system: OpenAPI's operationId. */
  readonly id: string;
  readonly method: Method;
  /** As API Gateway has it: whole segments are variables, `/v1/requests/{id}/accept`. */
  readonly path: string;
  readonly summary: string;
  readonly description?: string;
  readonly access: Access;
  /** Any of these; absent: every signed-in caller, or none is asked for. */
  readonly roles?: readonly Role[];
  readonly params?: Schema;
  readonly query?: Schema;
  readonly body?: Schema;
  /** What is wrong with a variable of its path that stands for something all the same: told together with what is wrong with the body. */
  readonly alsoWrong?: (params: never, now: EpochMs) => readonly FieldError[];
  /** Media types that it takes in place of JSON: such a body is handed over as it came, and its schema is for JSON alone. */
  readonly documents?: readonly ['application/cap+xml'];
  /** Headers of its own, by their names in lower case. */
  readonly headers?: z.ZodMiniObject;
  /** Its body is whatever a provider sends, and is verified as it came, before any parser. */
  readonly raw?: true;
  /** The schema of each answer by status; every answer goes through it. `null` where there is no body. */
  readonly responses: { readonly [status: number]: Schema | null };
  /** What else may go wrong, beside what follows from access, body and the like. */
  readonly problems?: readonly ProblemCode[];
  /** The answer as lines of a table, the heads of its columns first, for who prefers text/csv. */
  readonly csv?: (answer: never) => Table;
  /** What the answer is, where it is no JSON: its schema is that of a string. The first, unless the answer itself says which of them. */
  readonly media?: readonly (
    | 'text/html; charset=utf-8'
    | 'text/csv; charset=utf-8'
    | 'text/xml; charset=utf-8'
    | 'text/plain; charset=utf-8'
    | 'application/cap+xml'
    | 'application/atom+xml; charset=utf-8'
    | 'application/json; charset=utf-8'
  )[];
  /** Who would rather have HTML than JSON gets the page of the reply. */
  readonly page?: true;
  /** It speaks to payment providers, and may know their keys. */
  readonly payments?: true;
  /** It carries messages to people, and may know the keys of what carries them. */
  readonly carries?: true;
  /** What it may do with keys that come and go. */
  readonly vault?: VaultRight;
  /** Who would rather have HTML than JSON is shown problems as a page, too. */
  readonly problemPage?: true;
  /** The ETag follows from the content: what is read is put together from much that changes by itself. */
  readonly tag?: 'content';
  /** For clients of another standard, whom its domain's face speaks to. */
  readonly face?: FaceSpec;
  readonly limit?: Limit;
  /** Tables by name, and whether it writes: IAM and environment follow. */
  readonly uses: Uses;
  /** Objects by the beginning of their keys, and what it may do with them. */
  readonly objects?: ObjectUses;
  /** Its effect is more than one transaction: what a key was used for is asked before, and not only where something fails. */
  readonly inSteps?: boolean;
  /** Whether If-Match is honoured. */
  readonly ifMatch?: boolean;
  /** A valid example of each part, shown in OpenAPI and used by the generated tests. */
  readonly examples?: { readonly params?: Record<string, string>; readonly query?: Record<string, string>; readonly body?: unknown };
}

/** Declares an operation. Fails at once where it cannot be routed by API Gateway or its parameters disagree. */
export const operation = <const O extends OperationSpec>(spec: O): O => {
  for (const segment of spec.path.split('/').slice(1)) {
    if (!/^(?:[a-zA-Z0-9._-]+|\{[a-zA-Z]+\})$/.test(segment))
      throw new Error(`${spec.id}: API Gateway cannot route the segment "${segment}"`);
  }
  if (spec.method === 'GET' && spec.body !== undefined) throw new Error(`${spec.id}: a GET has no body`);
  if (spec.raw === true && spec.body !== undefined) throw new Error(`${spec.id}: what is taken as it comes has no schema`);
  if (spec.roles !== undefined && spec.access !== 'signedIn') throw new Error(`${spec.id}: only a signed-in caller has roles`);
  return spec;
};

type InferOr<S, Otherwise> = S extends Schema ? z.output<S> : Otherwise;

export type ParamsOf<O extends OperationSpec> = InferOr<O['params'], Record<never, never>>;
export type QueryOf<O extends OperationSpec> = InferOr<O['query'], Record<never, never>>;
export type HeadersOf<O extends OperationSpec> = InferOr<O['headers'], Record<never, never>>;
export type BodyOf<O extends OperationSpec> =
  | InferOr<O['body'], undefined>
  | (O extends { readonly documents: object } ? undefined : never);
/** What a use case answers with: the input side of the response's schema. */
export type AnswerOf<O extends OperationSpec> = {
  [S in keyof O['responses']]: O['responses'][S] extends Schema ? z.input<O['responses'][S]> : undefined;
}[keyof O['responses']];
