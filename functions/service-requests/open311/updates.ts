/** FixMyStreet's `servicerequestupdates`: what has become of requests since a moment, and what a client's user has to say to one. */
import { divisionsReader } from '../../divisions/reader.ts';
import type { Call, Outcome, Repeatable, Run } from '../../http/call.ts';
import { eachRow } from '../../http/import.ts';
import type { FieldError, Failure } from '../../http/problem.ts';
import { wrongField } from '../../http/problem.ts';
import { line, phone as phoneSchema, prose } from '../../http/schema.ts';
import { covers } from '../../kernel/division.ts';
import { newId } from '../../kernel/id.ts';
import type { Represented } from '../../kernel/represented.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { Language } from '../../kernel/texts.ts';
import { HOUR, plus, toInstant, type EpochMs, type Instant } from '../../kernel/time.ts';
import { dependencies, termsOf } from '../dependencies.ts';
import { listedAs, serviceRequestRepository } from '../repository.ts';
import type { Comment, ServiceRequest } from '../service-request.ts';
import { openActions, perform } from '../transitions.ts';
import { clientRepository, type Reference } from './client-repository.ts';
import type { listUpdates as listDeclaration, submitUpdate as submitDeclaration, UpdateRecord, UpdateReport } from './contract.ts';
import { momentIn, momentText, spanOf, type Span } from './moments.ts';
import { clientOf, jurisdictionOf, type Client } from './place.ts';
import { descriptionOf, isTelling, seenComments } from './record.ts';
import { checkedText, nameOf, NO_PICTURE, picturesIn, withBreaks } from './sent.ts';
import { bytesOf, find, isOwnOf, isSeen, MOST_BYTES, MOST_RECORDS, placeOf, type Where } from './requests.ts';
import { fineStatus, fineStatusOf } from './statuses.ts';

type ListDeclaration = (typeof listDeclaration)['xml'];
type SubmitDeclaration = (typeof submitDeclaration)['xml'];

/** What a client that asks every now and then asks for. */
const USUAL_SPAN = 2 * HOUR;
const MAX_TEXT = 4000;
const MAX_ID = 200;
const MAX_LINE = 200;
/** What FixMyStreet sends where there is none. */
const NO_LAST_NAME = '-';
const ATTEMPTS = 8;

interface Told {
  readonly request: ServiceRequest;
  readonly isOwn: boolean;
  readonly comments: readonly Comment[];
}

/** Each change is an update: it is in the history for good, at its place. What a client did and said itself does not come back to it. */
const updatesOf = ({ request, isOwn, comments }: Told, language: Language): readonly UpdateRecord[] => {
  const base = { service_request_id: request.id, media_url: null };
  const isItsDoing = (by: string | undefined): boolean => isOwn && by === request.requester;
  const changes = request.history.flatMap((entry, index): UpdateRecord[] =>
    entry.action === 'submit' || !isTelling(entry) || isItsDoing(entry.by)
      ? []
      : [
          {
            ...base,
            update_id: `${request.id}-${index}`,
            status: fineStatusOf(entry),
            updated_datetime: momentText(entry.at),
            description: descriptionOf(entry, isOwn, language),
          },
        ],
  );
  const heard = seenComments({ isOwn, comments }).filter(({ by }) => !isItsDoing(by));
  const said = heard.map((comment): UpdateRecord => {
    const status = request.history.findLast(({ at }) => at <= comment.at)?.status ?? 'submitted';
    return {
      ...base,
      update_id: comment.id,
      status: fineStatus(status),
      updated_datetime: momentText(comment.at),
      description: comment.text,
    };
  });
  return [...changes, ...said];
};

const spanFor = (query: Readonly<Record<string, string | undefined>>, now: EpochMs): Result<Span, Failure> => {
  if (query['start_date'] === undefined && query['end_date'] === undefined) return ok({ from: plus(now, -USUAL_SPAN), to: now });
  const span = spanOf(query, now);
  return span.ok ? span : err({ code: 'invalid', errors: span.error });
};

/** Whoever goes on from the last one would lose those that were left off. */
const TOO_MANY: Failure = wrongField('start_date', {
  'zh-CN': `更新超过 ${MOST_RECORDS} 条，请缩短时段`,
  en: `is too early: there are more than ${MOST_RECORDS} updates; ask for a shorter span`,
});

const TOO_BUSY: Failure = wrongField('jurisdiction_id', {
  'zh-CN': '范围内的诉求过多，请给出更小的区划代码，或使用 api_key',
  en: 'must name a smaller division here, or come with an api_key: there are too many requests',
});

/** A client's requests of so many pages are looked at: whoever changed after the span may have done so within it as well. */
const MOST_PAGES = 20;

type Found = Result<readonly ServiceRequest[], Failure>;

/** Requests in which something may have happened since, as the caller may see them, some at a time. */
async function* changedSince(call: Call<ListDeclaration>, where: Where, since: Instant): AsyncGenerator<Found> {
  const { jurisdiction, client } = where;
  const repository = serviceRequestRepository(call.runtime.database);
  if (client === undefined) {
    const span = spanOf({}, call.now);
    if (!span.ok) return yield err({ code: 'invalid', errors: span.error });
    const most = MOST_RECORDS + 1;
    const found = await find(call, { ...where, ...span.value, most, fits: ({ changedAt }) => changedAt >= since });
    if (!found.ok) return yield err(TOO_BUSY);
    if (found.value.length === most) return yield err(TOO_MANY);
    const changed = await repository.readMany(
      found.value.map(({ sortKey }) => listedAs(sortKey).id),
      false,
    );
    // The list may be a moment behind.
    return yield ok(changed.filter((each) => isSeen(each, client)));
  }
  let pages = 0;
  for await (const page of repository.changedSince(client.client.id, since, MOST_RECORDS)) {
    pages += 1;
    if (pages > MOST_PAGES) return yield err(TOO_MANY);
    yield ok(page.filter((each) => isSeen(each, client) && (jurisdiction === undefined || covers(jurisdiction, each.community))));
  }
}

export const listUpdates: Run<ListDeclaration> = async (call) => {
  const { runtime, query, now, language } = call;
  const span = spanFor(query, now);
  if (!span.ok) return span;
  const [from, to] = [momentText(toInstant(span.value.from)), momentText(toInstant(span.value.to))];
  const where = await placeOf(call, query);
  if (!where.ok) return where;
  const { client } = where.value;
  const repository = serviceRequestRepository(runtime.database);
  const asked = query.service_request_id?.split(',').map((each) => each.trim());
  const updates: UpdateRecord[] = [];
  for await (const changed of changedSince(call, where.value, toInstant(span.value.from))) {
    if (!changed.ok) return changed;
    const told = await eachRow(
      changed.value.filter(({ id }) => asked === undefined || asked.includes(id)),
      async (request): Promise<Told> => {
        const isOwn = isOwnOf(request.requester, client);
        return { request, isOwn, comments: isOwn && request.comments > 0 ? await repository.comments(request.id) : [] };
      },
    );
    updates.push(...told.flatMap((each) => updatesOf(each, language)).filter(({ updated_datetime: at }) => at >= from && at <= to));
    if (updates.length > MOST_RECORDS || updates.reduce((sum, each) => sum + bytesOf(each), 0) > MOST_BYTES) return err(TOO_MANY);
  }
  const inOrder = updates.toSorted((a, b) =>
    a.updated_datetime < b.updated_datetime ? -1 : a.updated_datetime > b.updated_datetime ? 1 : 0,
  );
  return ok({ status: 200, body: inOrder, headers: { 'cache-control': 'private, no-store', vary: 'Accept-Language' } });
};

interface Update {
  readonly text: string;
  /** Who says so. */
  readonly speaker: Represented | undefined;
  readonly reopens: boolean;
  readonly reference: Reference | undefined;
}

const REOPENING = new Set(['open', 'reopen']);

const read = async (body: UpdateReport, client: Client): Promise<Result<Update, Failure>> => {
  const errors: FieldError[] = [];
  momentIn(body, 'updated_datetime', errors);
  const checked = (path: string, value: string | undefined, most: number, schema = line(most)): Promise<string | undefined> =>
    checkedText(path, value, schema, errors);
  const pictures = picturesIn(body.media_url);
  if (pictures === undefined) errors.push({ path: 'media_url', message: NO_PICTURE });
  // A comment has no pictures that lie elsewhere: their addresses are part of what it says.
  const said = body.description === undefined ? undefined : [withBreaks(body.description), ...(pictures ?? [])].join('\n');
  const text = await checked('description', said, MAX_TEXT, prose(MAX_TEXT));
  const first = await checked('first_name', body.first_name, MAX_LINE);
  const last = await checked('last_name', body.last_name, MAX_LINE);
  const name = nameOf(first, last === NO_LAST_NAME ? undefined : last);
  const phone = phoneSchema.safeParse(body.phone?.trim());
  const own = await checked('update_id', body.update_id, MAX_ID);
  if (body.description === undefined) errors.push({ path: 'description', message: { 'zh-CN': '必填', en: 'is required' } });
  if (errors.length > 0 || text === undefined) return err({ code: 'invalid', errors });
  return ok({
    text,
    speaker: name === undefined ? undefined : { name, ...(phone.success ? { phone: phone.data } : {}) },
    reopens: REOPENING.has(body.status?.toLowerCase() ?? ''),
    reference: own === undefined ? undefined : { client: client.client.id, kind: 'update', name: `${body.service_request_id}#${own}` },
  });
};

const answerFor = (updateId: string, accountId: string | undefined, isRepeated = false): Outcome<SubmitDeclaration> =>
  ok({
    status: 200,
    body: [{ update_id: updateId, account_id: accountId ?? null }],
    ...(isRepeated ? { repeated: true } : {}),
    headers: { 'cache-control': 'no-store' },
  });

const submitted = async (call: Call<SubmitDeclaration>): Promise<Outcome<SubmitDeclaration>> => {
  const { runtime, body, now, requestId } = call;
  const clients = clientRepository(runtime.database);
  const who = await clientOf(clients, body.api_key);
  if (!who.ok) return who;
  const jurisdiction = await jurisdictionOf(divisionsReader(runtime.database), body.jurisdiction_id);
  if (!jurisdiction.ok) return jurisdiction;
  const id = body.service_request_id?.trim();
  if (id === undefined) return err(wrongField('service_request_id', { 'zh-CN': '必填', en: 'is required' }));
  const update = await read(body, who.value);
  if (!update.ok) return update;
  if (call.files.length > 0)
    return err(
      wrongField('media', {
        'zh-CN': '更新不接受图片文件，请用 media_url 给出网址',
        en: 'is not taken with an update: give the address of the picture as media_url',
      }),
    );
  const { text, speaker, reopens, reference } = update.value;
  const before = async (): Promise<string | undefined> => (reference === undefined ? undefined : clients.referred(reference));
  const deps = dependencies(runtime);
  const caller = who.value.principal;

  for (let attempt = 1; ; attempt++) {
    const earlier = await before();
    if (earlier !== undefined) return answerFor(earlier, body.account_id, true);
    const request = await deps.requests.read(id);
    if (request === undefined || !isOwnOf(request.requester, who.value) || !isSeen(request, who.value)) return err({ code: 'notFound' });
    const acting = { caller, now, terms: await termsOf(deps, request) };
    const opensAgain = reopens && openActions(request, caller, now).includes('reopen');
    const said = perform('comments', request, { text }, acting);
    if (!said.ok) return said;
    // One change, one version: what is opened again says why itself, and the text is kept as a comment as well.
    const next = opensAgain ? perform('reopen', request, { reason: text }, acting) : said;
    if (!next.ok) return next;
    const comment: Comment = { id: newId(runtime.random), at: toInstant(now), by: caller.sub, text, internal: false, onBehalfOf: speaker };
    const changed = { ...next.value, comments: said.value.comments };
    const written = await deps.requests.write([
      deps.requests.changes(changed, request.version, requestId),
      deps.requests.addsComment(changed, comment),
      ...(reference === undefined ? [] : [clients.refers(reference, comment.id)]),
      ...call.once(200, comment.id),
    ]);
    if (written.ok) return answerFor(comment.id, body.account_id);
    if (attempt === ATTEMPTS) return err({ code: 'busy' });
  }
};

export const submitUpdate: Repeatable<SubmitDeclaration> = {
  run: submitted,
  replay: async ({ runtime, body }, id) => {
    const who = await clientOf(clientRepository(runtime.database), body.api_key);
    return who.ok ? answerFor(id, body.account_id) : who;
  },
};
