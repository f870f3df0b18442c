/**
 * What stands around every use case: who calls, what they sent, whether they may, the idempotency record, and an answer through its schema.
 */
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { createHash } from 'node:crypto';
import type { TableDescription } from '../data/table.ts';
import type { Runtime } from '../data/runtime.ts';
import { Busy } from '../data/database.ts';
import { withUses } from '../data/scope.ts';
import { VARIABLES } from '../kernel/environment.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import { preferredLanguage, type Language } from '../kernel/texts.ts';
import { epochMs, plus, SECOND, toEpochSeconds, type EpochMs } from '../kernel/time.ts';
import type { VerifyBearer } from './bearer.ts';
import type { Call, Paged, Repeatable, Reply, Run } from './call.ts';
import { BODY_HASH, idempotencyKey, recordWrite, type Idempotency, type IdempotencyRecord } from './idempotency.ts';
import { publicOrigin } from './origin.ts';
import type { OperationSpec, Schema } from './operation.ts';
import { principalOf, type Principal } from './principal.ts';
import { problemOf, PROBLEMS, wrongField, type Failure, type FieldError } from './problem.ts';
import { MULTIPART, sentIn, type Face, type Sent } from './face.ts';
import { isKeyedHash } from './secret.ts';
import { validate } from './validate.ts';

const MAX_BODY_BYTES = 1024 * 1024;
/** Of a form with pictures: Lambda is handed 6 MB at most, and bytes come in base64. */
const MAX_FORM_BYTES = 4 * 1024 * 1024;
const BUSY_RETRY_SECONDS = 1;
const TAG_LENGTH = 22;
const NO_BYTES = new Uint8Array();
const UUID_V4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;
const JSON_TYPE = /^application\/json *(?:;|$)/i;
/** A merge patch (RFC 7396) has a type of its own, and is JSON all the same. */
const PATCH_TYPE = /^application\/(?:merge-patch\+)?json *(?:;|$)/i;
const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;

export interface EndpointContext {
  readonly runtime: Runtime;
  /** The domain's own table: idempotency records and limits live there. */
  readonly table: TableDescription | undefined;
  readonly verifyBearer: VerifyBearer;
  /** How clients of another standard are spoken to: by what an answer is called as a whole, and the path that they ask for. */
  readonly face: ((root: string, path: string) => Face) | undefined;
  /** Told once an event is answered, for the log line. */
  readonly outlines: WeakMap<APIGatewayProxyEventV2, Outline>;
}

/** What the log line tells of a request; nothing personal. */
export interface Outline {
  readonly operation: string;
  readonly problem?: string;
  readonly cause?: unknown;
}

/** A handler whose operation is known at run time only. */
export type AnyHandler = Run<OperationSpec> | Repeatable<OperationSpec> | Paged<OperationSpec>;

const header = (event: APIGatewayProxyEventV2, name: string): string | undefined => event.headers[name];

/** The problem as an HTTP answer. */
export const problemResponse = (failure: Failure, language: Language): APIGatewayProxyStructuredResultV2 => ({
  statusCode: PROBLEMS[failure.code].status,
  headers: {
    'content-type': 'application/problem+json; charset=utf-8',
    'content-language': language,
    'cache-control': 'no-store',
    ...(failure.retryAfter === undefined ? {} : { 'retry-after': String(failure.retryAfter) }),
    ...(failure.allow === undefined ? {} : { allow: failure.allow.join(', ') }),
  },
  body: JSON.stringify(problemOf(failure, language)),
});

/** The same as the standard tells it that the operation is a face of. */
const refusalResponse = (face: Face, failure: Failure, language: Language): APIGatewayProxyStructuredResultV2 => {
  const { status, text } = face.refusal(failure, language);
  const { headers = {} } = problemResponse(failure, language);
  return { statusCode: status, headers: { ...headers, 'content-type': face.contentType }, body: text };
};

const identify = async (
  operation: OperationSpec,
  event: APIGatewayProxyEventV2,
  verifyBearer: VerifyBearer,
): Promise<Result<Principal | undefined, Failure>> => {
  if (operation.access === 'signedIn') {
    const authorizer = event.requestContext as { authorizer?: { jwt?: { claims?: Readonly<Record<string, unknown>> } } };
    const caller = principalOf(authorizer.authorizer?.jwt?.claims ?? {});
    return caller === undefined ? err({ code: 'unauthenticated' }) : ok(caller);
  }
  const authorization = header(event, 'authorization');
  if (operation.access !== 'optional' || authorization === undefined) return ok(undefined);
  const token = /^bearer +(\S+)$/i.exec(authorization)?.[1];
  const claims = token === undefined ? undefined : await verifyBearer(token);
  const caller = claims === undefined ? undefined : principalOf(claims);
  return caller === undefined ? err({ code: 'unauthenticated' }) : ok(caller);
};

/** The raw body: bytes as they came, whatever API Gateway did to them. */
const bodyBytes = (event: APIGatewayProxyEventV2): Buffer => Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');

/** Whether any object in it has a field of that name; escapes may spell it in many ways, so the value is searched and not the text. */
const holdsProto = (json: unknown): boolean =>
  typeof json === 'object' && json !== null && (Object.hasOwn(json, '__proto__') || Object.values(json).some(holdsProto));

/** What an operation of a face is sent, from the query and a form. */
const readForm = async (event: APIGatewayProxyEventV2): Promise<Result<Sent & { readonly text: string }, Failure>> => {
  const bytes = bodyBytes(event);
  const most = MULTIPART.test(header(event, 'content-type') ?? '') ? MAX_FORM_BYTES : MAX_BODY_BYTES;
  if (bytes.length > most) return err({ code: 'bodyTooLarge' });
  const sent = await sentIn(event, bytes);
  if (!sent.ok) return sent;
  // What stands between the parts of a form is another each time that it is sent.
  const { parameters, files } = sent.value;
  const digests = files.map((file) => createHash('sha256').update(file).digest('base64url'));
  return ok({ ...sent.value, text: JSON.stringify([Object.entries(parameters).toSorted(([a], [b]) => (a < b ? -1 : 1)), digests]) });
};

interface Received {
  /** The body as it came, for the idempotency record. */
  readonly text: string;
  readonly json: unknown;
  readonly query: Readonly<Record<string, unknown>>;
  readonly files: readonly Uint8Array[];
  readonly document?: Uint8Array;
}

const receive = async (operation: OperationSpec, event: APIGatewayProxyEventV2): Promise<Result<Received, Failure>> => {
  if (operation.face !== undefined) {
    const form = await readForm(event);
    if (!form.ok) return form;
    const { text, parameters, files } = form.value;
    return ok({ text, json: parameters, query: parameters, files });
  }
  const body = readBody(operation, event);
  if (!body.ok) return body;
  const query = readQuery(event);
  return query.ok ? ok({ ...body.value, query: query.value, files: [] }) : query;
};

/** Whether what was sent is a document that the operation takes in place of JSON. */
const isDocument = ({ documents }: OperationSpec, event: APIGatewayProxyEventV2): boolean =>
  documents !== undefined && documents.some((type) => type === header(event, 'content-type')?.split(';')[0]?.trim().toLowerCase());

const readBody = (
  operation: OperationSpec,
  event: APIGatewayProxyEventV2,
): Result<{ text: string; json: unknown; document?: Uint8Array }, Failure> => {
  // Whoever takes it as it comes looks at it alone.
  if (operation.raw === true)
    return bodyBytes(event).length > MAX_BODY_BYTES ? err({ code: 'bodyTooLarge' }) : ok({ text: '', json: undefined });
  if (operation.body === undefined && event.body === undefined) return ok({ text: '', json: undefined });
  const bytes = bodyBytes(event);
  if (bytes.length > MAX_BODY_BYTES) return err({ code: 'bodyTooLarge' });
  if (operation.body === undefined) return ok({ text: '', json: undefined });
  // An empty one is no document of its kind, and no JSON without fields.
  if (isDocument(operation, event))
    return ok({ text: createHash('sha256').update(bytes).digest('base64url'), json: undefined, document: bytes });
  if (bytes.length === 0) return ok({ text: '', json: {} });
  const isTaken = (operation.method === 'PATCH' ? PATCH_TYPE : JSON_TYPE).test(header(event, 'content-type') ?? '');
  if (!isTaken) return err({ code: 'unsupportedMediaType' });
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    const json: unknown = JSON.parse(text);
    return ok({ text, json });
  } catch {
    return err({ code: 'malformed' });
  }
};

/** Query parameters as an object; one that is given twice is told so. */
const readQuery = (event: APIGatewayProxyEventV2): Result<Record<string, string>, Failure> => {
  if (event.rawQueryString === '') return ok({});
  const query = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(event.rawQueryString)) {
    if (query.has(name)) return err(wrongField(name, { 'zh-CN': '只能出现一次', en: 'may be given once' }));
    query.set(name, value);
  }
  return ok(Object.fromEntries(query));
};

/** If-Match compares strongly: a weak tag is none of ours. */
const ifMatchOf = (event: APIGatewayProxyEventV2): Call['ifMatch'] => {
  const value = header(event, 'if-match')?.trim();
  if (value === undefined || value === '*') return value === undefined ? undefined : 'any';
  return value.split(',').flatMap((tag) => {
    const version = /^"(\d{1,15})(?:-whole)?"$/.exec(tag.trim())?.[1];
    return version === undefined ? [] : [Number(version)];
  });
};

/** What If-Match compares is the version alone: who sees less of a resource changes the same one. */
const etagOf = (version: number, view: Reply['view']): string => `"${version}${view === undefined ? '' : `-${view}`}"`;

/** If-None-Match (RFC 9110 §13.1.2): a list of tags, which a proxy that compresses has made weak, or `*`. */
const hasAlready = (event: APIGatewayProxyEventV2, etag: string): boolean =>
  (header(event, 'if-none-match') ?? '').split(',').some((each) => ['*', etag].includes(each.trim().replace(/^W\//, '')));

/** Seconds in which something else may still change that bears the same second: it itself, and one in which what began in it is written. */
const UNSETTLED = 2;
const secondOf = (moment: EpochMs): number => Math.floor(moment / SECOND);

/** `Last-Modified` is to the second: of one that is not over, the one before it is named, so that what changes next is not taken for known. */
const lastModified = (modified: EpochMs, now: EpochMs): string =>
  new Date(Math.min(secondOf(modified), secondOf(now) - UNSETTLED) * SECOND).toUTCString();

/** If-Modified-Since (RFC 9110 §13.1.3), which counts where no tag is asked for. */
const isUnmodified = (event: APIGatewayProxyEventV2, modified: EpochMs | undefined, now: EpochMs): boolean =>
  modified !== undefined &&
  header(event, 'if-none-match') === undefined &&
  secondOf(modified) <= secondOf(now) - UNSETTLED &&
  secondOf(modified) * SECOND <= Date.parse(header(event, 'if-modified-since') ?? '');

const idempotencyOf = (
  context: EndpointContext,
  event: APIGatewayProxyEventV2,
  caller: Principal | undefined,
  body: string,
): Result<Idempotency | undefined, Failure> => {
  const key = header(event, 'idempotency-key');
  if (key === undefined || event.requestContext.http.method !== 'POST') return ok(undefined);
  if (!IDEMPOTENCY_KEY.test(key))
    return err(
      wrongField('Idempotency-Key', { 'zh-CN': '应为 1 到 255 个可见 ASCII 字符', en: 'must be 1 to 255 visible ASCII characters' }),
    );
  if (caller === undefined && !UUID_V4.test(key)) {
    return err(
      wrongField('Idempotency-Key', {
        'zh-CN': '未登录时应为随机 UUID（第 4 版）',
        en: 'must be a random UUID (version 4) where nobody is signed in',
      }),
    );
  }
  if (context.table === undefined) throw new Error('a POST needs a table for its idempotency records');
  return ok({
    table: context.table,
    key: idempotencyKey(caller?.sub ?? '', event.requestContext.http.method, event.rawPath, key),
    body,
    secret: context.runtime.secrets[0],
    now: context.runtime.now(),
  });
};

/** Several clients may call from one address. Whoever makes up keys is counted by theirs all the same. */
const CLIENTS_AT_AN_ADDRESS = 10;

/** Counts a call of somebody against its operation's limit. Fixed windows; the counter dies with its window. */
const limited = async (
  { runtime, table }: EndpointContext,
  { id, limit }: OperationSpec,
  who: string,
  times = 1,
): Promise<Failure | undefined> => {
  if (limit === undefined || table === undefined || runtime.environment.optional(VARIABLES.limits) === 'off') return undefined;
  const now = runtime.now();
  const length = limit.window * SECOND;
  const ends = epochMs((Math.floor(now / length) + 1) * length);
  const key = idempotencyKey(who, 'LIMIT', `${limit.together ?? id}#${times}`, String(ends));
  const used = await runtime.database.count(
    table,
    { pk: key.pk.replace('IDEMPOTENCY', 'LIMIT'), sk: 'COUNT' },
    toEpochSeconds(plus(ends, length)),
  );
  return used > limit.count * times ? { code: 'tooManyRequests', retryAfter: Math.max(1, Math.ceil((ends - now) / SECOND)) } : undefined;
};

/** Whether the client would rather have this than JSON (RFC 9110 §12.5.1). Who takes anything gets JSON. */
const prefers = (wanted: 'text/csv' | 'text/html', event: APIGatewayProxyEventV2): boolean => {
  const quality = (type: string): number | undefined => {
    const range = (header(event, 'accept') ?? '').split(',').find((each) => each.split(';')[0]?.trim().toLowerCase() === type);
    return range === undefined ? undefined : Number(/; *q=([\d.]+)/i.exec(range)?.[1] ?? 1);
  };
  const asked = quality(wanted) ?? 0;
  return asked > 0 && asked >= (quality('application/json') ?? 0);
};

const tagOf = (text: string): string => `"${createHash('sha256').update(text).digest('base64url').slice(0, TAG_LENGTH)}"`;

interface Representation {
  readonly type: string;
  readonly text: string;
  /** What it says, where the text is another each time. */
  readonly said?: string;
}

/** The answer as it leaves: what a schema does not name stays, and what it names and is not there is a bug. */
const representation = async (
  operation: OperationSpec,
  schema: Schema,
  body: unknown,
  event: APIGatewayProxyEventV2,
  face: Face | undefined,
): Promise<Representation> => {
  const answer = schema.parse(body);
  if (face !== undefined) return { type: face.contentType, text: face.text(answer) };
  const type = operation.media?.[0];
  if (type !== undefined) return { type, text: String(answer) };
  if (operation.csv !== undefined && prefers('text/csv', event)) {
    const { csvOf, CSV_TYPE } = await import('./csv.ts');
    return { type: CSV_TYPE, text: csvOf(operation.csv(answer as never)) };
  }
  const text = JSON.stringify(answer);
  const isPage = typeof answer === 'object' && answer !== null && 'next' in answer;
  // A cursor is sealed anew each time, and says the same.
  const said = isPage ? JSON.stringify({ ...answer, next: answer.next !== null }) : text;
  return { type: 'application/json; charset=utf-8', text, said };
};

/** The answer as a page, for who would rather have it so. */
const asPage = (reply: Reply, event: APIGatewayProxyEventV2, vary: string): APIGatewayProxyStructuredResultV2 | undefined => {
  if (reply.page === undefined || !prefers('text/html', event)) return undefined;
  const { body, headers } = reply.page;
  return {
    statusCode: reply.status,
    headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'private, no-store', vary, ...headers },
    body,
  };
};

const send = async (
  operation: OperationSpec,
  reply: Reply,
  replayed: boolean,
  event: APIGatewayProxyEventV2,
  face: Face | undefined,
  now: EpochMs,
): Promise<APIGatewayProxyStructuredResultV2> => {
  const schema: Schema | null | undefined = operation.responses[reply.status];
  if (schema === undefined) throw new Error(`${operation.id} does not declare the answer ${reply.status}`);
  const shown = schema === null ? undefined : await representation(operation, schema, reply.body, event, face);
  const etag =
    reply.version === undefined
      ? operation.tag === 'content' && shown !== undefined
        ? tagOf(shown.said ?? shown.text)
        : undefined
      : etagOf(reply.version, reply.view);
  const vary = [
    ...(operation.access === 'optional' ? ['Authorization'] : []),
    ...(operation.csv === undefined && operation.page === undefined ? [] : ['Accept']),
    ...(operation.headers === undefined ? [] : Object.keys(operation.headers.shape)),
  ];
  const page = asPage(reply, event, vary.join(', '));
  if (page !== undefined) return page;
  const { 'content-type': type = shown?.type ?? '', ...others } = reply.headers ?? {};
  const headers: Record<string, string> = {
    'cache-control': operation.access === 'public' ? 'no-cache' : 'private, no-cache',
    ...(vary.length === 0 ? {} : { vary: vary.join(', ') }),
    ...(etag === undefined ? {} : { etag }),
    ...(reply.location === undefined ? {} : { location: reply.location }),
    ...(reply.modified === undefined ? {} : { 'last-modified': lastModified(reply.modified, now) }),
    ...(replayed || reply.repeated === true ? { 'idempotency-replayed': 'true' } : {}),
    ...others,
  };
  const isKnown = (etag !== undefined && hasAlready(event, etag)) || isUnmodified(event, reply.modified, now);
  if (operation.method === 'GET' && reply.transient !== true && isKnown) return { statusCode: 304, headers };
  if (shown === undefined) return { statusCode: reply.status, headers };
  return { statusCode: reply.status, headers: { 'content-type': type, ...headers }, body: shown.text };
};

/** Makes the function that answers one operation's events. */
export const endpoint = (operation: OperationSpec, handler: AnyHandler, context: EndpointContext) => {
  const scoped = withUses(context.runtime, operation.uses, operation.id, operation.objects, operation.vault);
  return async (event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> => {
    const { runtime } = context;
    const language = preferredLanguage(header(event, 'accept-language'));
    context.outlines.set(event, { operation: operation.id });
    const face = operation.face === undefined ? undefined : context.face?.(operation.face.root, event.rawPath);
    const fail = async (failure: Failure, cause?: unknown): Promise<APIGatewayProxyStructuredResultV2> => {
      context.outlines.set(event, { operation: operation.id, problem: failure.code, cause });
      if (face !== undefined) return refusalResponse(face, failure, language);
      const answer = problemResponse(failure, language);
      if (!('problemPage' in handler && prefers('text/html', event))) return answer;
      const { body, headers } = await handler.problemPage(failure, { query: new URLSearchParams(event.rawQueryString), language });
      return { ...answer, headers: { ...answer.headers, 'content-type': 'text/html; charset=utf-8', ...headers }, body };
    };

    try {
      const identified = await identify(operation, event, context.verifyBearer);
      if (!identified.ok) return fail(identified.error);
      const caller = identified.value;
      if (operation.roles !== undefined && !operation.roles.some((role) => caller?.roles.has(role))) return fail({ code: 'forbidden' });

      const { sourceIp } = event.requestContext.http;
      const isByKey = operation.limit?.per === 'key';
      const over = isByKey
        ? await limited(context, operation, `ip:${sourceIp}`, CLIENTS_AT_AN_ADDRESS)
        : await limited(
            context,
            operation,
            operation.limit?.per === 'caller' && caller !== undefined ? `sub:${caller.sub}` : `ip:${sourceIp}`,
          );
      if (over !== undefined) return fail(over);

      const received = await receive(operation, event);
      if (!received.ok) return fail(received.error);
      const asked = received.value.query;
      // A client's key is among its parameters.
      const key = asked['api_key'];
      const overByKey = isByKey ? await limited(context, operation, typeof key === 'string' ? `key:${key}` : `ip:${sourceIp}`) : undefined;
      if (overByKey !== undefined) return fail(overByKey);

      const errors: FieldError[] = [];
      const checked = async (schema: Schema | undefined, input: unknown): Promise<unknown> => {
        if (schema === undefined) return undefined;
        const result = await validate(schema, input);
        if (!result.ok) errors.push(...result.error);
        return result.ok ? result.value : undefined;
      };
      const params = await checked(operation.params, event.pathParameters ?? {});
      // An id that cannot be one names nothing.
      if (errors.length > 0) return fail({ code: 'notFound' });
      const query = (await checked(operation.query, asked)) ?? {};
      if (operation.query === undefined && face === undefined) {
        const unknown: Failure | undefined =
          Object.keys(asked).length === 0
            ? undefined
            : {
                code: 'invalid',
                errors: Object.keys(asked).map((path) => ({
                  path,
                  message: { 'zh-CN': '没有这个查询参数', en: 'is no query parameter here' },
                })),
              };
        if (unknown !== undefined) return fail(unknown);
      }
      const { headers: schemaOfHeaders } = operation;
      const headers = schemaOfHeaders === undefined ? {} : await checked(schemaOfHeaders, event.headers);
      const { document } = received.value;
      const body = document === undefined ? await checked(operation.body, received.value.json) : undefined;
      errors.push(...(operation.alsoWrong?.(params as never, runtime.now()) ?? []));
      // A record's schema drops this one name without a word.
      if (
        /__proto__|\\u/.test(received.value.text) &&
        holdsProto(received.value.json) &&
        !errors.some(({ path }) => path.endsWith('__proto__'))
      )
        errors.push({ path: '__proto__', message: { 'zh-CN': '没有这个字段', en: 'is not a field anywhere' } });
      if (errors.length > 0) return fail({ code: 'invalid', errors });

      const use = idempotencyOf(context, event, caller, received.value.text);
      if (!use.ok) return fail(use.error);
      const idempotency = use.value;

      const { limit: _limit, cursor: _cursor, ...filters } = asked;
      const call = {
        runtime: scoped,
        operation,
        requestId: event.requestContext.requestId,
        now: runtime.now(),
        language,
        origin: publicOrigin(runtime) ?? `${header(event, 'x-forwarded-proto') ?? 'http'}://${event.requestContext.domainName}`,
        caller,
        params: params ?? {},
        query,
        body,
        headers,
        raw: { headers: event.headers, body: operation.raw === true ? bodyBytes(event) : NO_BYTES, ip: sourceIp },
        files: received.value.files,
        document,
        list: JSON.stringify([event.rawPath, Object.entries(filters).toSorted()]),
        asTable: operation.csv !== undefined && prefers('text/csv', event),
        ifMatch: operation.ifMatch === true ? ifMatchOf(event) : undefined,
        once: (status: number, resource: string, answer?: unknown) =>
          idempotency === undefined ? [] : [recordWrite(idempotency, status, resource, answer)],
      } as Call;

      /** The answer once more, where this key has been used; undefined where it has not. */
      const repeated = async (): Promise<APIGatewayProxyStructuredResultV2 | undefined> => {
        if (idempotency === undefined || !('replay' in handler)) return undefined;
        const record = await runtime.database.read<IdempotencyRecord>(idempotency.table, idempotency.key);
        if (record === undefined || record.expiresAt <= toEpochSeconds(runtime.now())) return undefined;
        if (!isKeyedHash(runtime.secrets, BODY_HASH, received.value.text, record.bodyHash)) return fail({ code: 'idempotencyKeyReused' });
        const again = await handler.replay(call, record.resource, record.answer === undefined ? undefined : JSON.parse(record.answer));
        return again.ok ? await send(operation, { ...again.value, status: record.status }, true, event, face, call.now) : fail(again.error);
      };

      const before = operation.inSteps === true ? await repeated() : undefined;
      if (before !== undefined) return before;
      const outcome = await (typeof handler === 'function' ? handler : handler.run)(call);
      // The effect may be there already: made by this very request, whose answer was lost or who raced with itself.
      const after = outcome.ok ? undefined : await repeated();
      if (after !== undefined) return after;
      if (!outcome.ok) return fail(outcome.error);
      return await send(operation, outcome.value, false, event, face, call.now);
    } catch (error) {
      return fail(error instanceof Busy ? { code: 'busy', retryAfter: BUSY_RETRY_SECONDS } : { code: 'internal' }, error);
    }
  };
};
