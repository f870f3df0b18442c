/** A call as a use case sees it: checked input, the caller, and what the kit adds to its writes and answers. */
import type { Write } from '../data/database.ts';
import type { Runtime } from '../data/runtime.ts';
import type { Result } from '../kernel/result.ts';
import type { Language } from '../kernel/texts.ts';
import type { EpochMs } from '../kernel/time.ts';
import type { AnswerOf, BodyOf, HeadersOf, OperationSpec, ParamsOf, QueryOf } from './operation.ts';
import type { Principal } from './principal.ts';
import type { Failure } from './problem.ts';

/** A request before any parser. */
export interface RawRequest {
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
  /** Where it comes from. */
  readonly ip: string;
}

export interface Call<O extends OperationSpec = OperationSpec> {
  readonly runtime: Runtime;
  readonly operation: O;
  readonly requestId: string;
  readonly now: EpochMs;
  readonly language: Language;
  /** Where we are reached, `https://<host>`: as the stage says, and where it does not, as we were called. */
  readonly origin: string;
  readonly caller: Principal | undefined;
  readonly params: ParamsOf<O>;
  readonly query: QueryOf<O>;
  readonly body: BodyOf<O>;
  readonly headers: HeadersOf<O>;
  /** As it came, for an operation that takes it so. */
  readonly raw: RawRequest;
  /** What was sent in place of JSON, to an operation that takes documents; then there is no body. */
  readonly document: Uint8Array | undefined;
  /** What came with a form of an outer face. */
  readonly files: readonly Uint8Array[];
  /** Identifies the list that is read: path and filters, without cursor and limit. */
  readonly list: string;
  /** The versions that If-Match allows; `any` of what is there; undefined where nothing is asked. */
  readonly ifMatch: readonly number[] | 'any' | undefined;
  /** Whether the answer goes out as the lines of a table. */
  readonly asTable: boolean;
  /** The write of the idempotency record, for the same transaction as the effect; none without a key. */
  once(status: number, resource: string, answer?: unknown): readonly Write[];
}

/** A call whose operation asks for a signed-in caller. */
export type SignedInCall<O extends OperationSpec = OperationSpec> = Call<O> & { readonly caller: Principal };

type CallOf<O extends OperationSpec> = O['access'] extends 'signedIn' ? SignedInCall<O> : Call<O>;

export interface Reply<Answer = unknown> {
  readonly status: number;
  readonly body: Answer;
  /** Makes the ETag of a single resource. */
  readonly version?: number;
  /** The caller sees the whole of what others see in part: the ETag tells one from the other. */
  readonly view?: 'whole';
  /** When what is read last changed: `Last-Modified`, to the second. */
  readonly modified?: EpochMs;
  /** It holds what changes by itself, a link that ends: it is sent anew each time, though its version stands still. */
  readonly transient?: true;
  /** It has been answered before: the client’s own id said so. */
  readonly repeated?: true;
  /** With a 201. */
  readonly location?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The same for people to look at, where the operation has a page. */
  readonly page?: { readonly body: string; readonly headers: Readonly<Record<string, string>> };
}

export type Outcome<O extends OperationSpec> = Result<Reply<AnswerOf<O>>, Failure>;
export type Run<O extends OperationSpec> = (call: CallOf<O>) => Promise<Outcome<O>>;

/** A POST also says how its answer is made again from the resource that its record names. */
export interface Repeatable<O extends OperationSpec> {
  readonly run: Run<O>;
  readonly replay: (call: CallOf<O>, resource: string, answer: unknown) => Promise<Outcome<O>>;
}

/** A problem for people: what they asked for is as they sent it, and may be anything. */
export type ProblemPage = (
  failure: Failure,
  asked: { readonly query: URLSearchParams; readonly language: Language },
) => Promise<{ readonly body: string; readonly headers: Readonly<Record<string, string>> }>;

/** A page also says how its problems are shown. */
export interface Paged<O extends OperationSpec> {
  readonly run: Run<O>;
  readonly problemPage: ProblemPage;
}

export type Handler<O extends OperationSpec> = O['method'] extends 'POST'
  ? Repeatable<O>
  : O extends { readonly problemPage: true }
    ? Paged<O>
    : Run<O>;

/** Whether what is there, or nothing, is what If-Match (RFC 9110 §13.1.1) asks for. */
export const isMatch = (ifMatch: Call['ifMatch'], version: number | undefined): boolean =>
  ifMatch === undefined || (version !== undefined && (ifMatch === 'any' || ifMatch.includes(version)));
