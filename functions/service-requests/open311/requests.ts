/** Requests by GeoReport v2's queries: by id, or by place, time, service and status. */
import { catalogueReader } from '../../catalogue/reader.ts';
import type { CatalogueService } from '../../catalogue/service.ts';
import { divisionsReader, type DivisionsReader } from '../../divisions/reader.ts';
import type { Call, Run } from '../../http/call.ts';
import type { FieldError, Failure } from '../../http/problem.ts';
import { wrongField } from '../../http/problem.ts';
import { covers, type DivisionCode } from '../../kernel/division.ts';
import { ID_PATTERN } from '../../kernel/id.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import { toInstant, type EpochMs } from '../../kernel/time.ts';
import { mediaReader } from '../../media/reader.ts';
import { sourcesOf } from '../list.ts';
import { merge } from '../../data/merge.ts';
import { countyLists, listedAs, serviceRequestRepository, type ListSource, type RequestEntry } from '../repository.ts';
import type { ServiceRequest } from '../service-request.ts';
import { clientRepository } from './client-repository.ts';
import type {
  listRequests as listDeclaration,
  QueryOfList,
  readRequest as readDeclaration,
  readToken as tokenDeclaration,
  RequestRecord,
} from './contract.ts';
import { idOfFile } from './file.ts';
import { momentIn, spanOf, wholeSecond } from './moments.ts';
import { clientIfAny, jurisdictionOf, type Client } from './place.ts';
import { recordOf, type Shown } from './record.ts';
import { plainStatus } from './statuses.ts';

/** The specification's. */
export const MOST_RECORDS = 1000;
/** A page that begins further on is better asked for by its dates. */
const DEEPEST = 10_000;
/** So many lines of lists are looked at for one answer. */
const MOST_READ = 20_000;
/** Of nobody in particular. */
const MOST_READ_BY_ALL = 10_000;
/** So many lists at once, two of each county: whoever wants more says where. */
const MOST_LISTS = 200;
/** Lambda answers with 6 MB at most. */
export const MOST_BYTES = 5_500_000;
/** The names of a record's elements in XML, beyond those in JSON. */
const XML_NAMES = 400;
/** Characters that XML writes in up to six. */
const XML_ESCAPES = /[&<>"']/g;
const XML_ESCAPE = 5;
const MOST_IDS = 300;
/** Among so many one can be shown. */
const FIRST_PICTURES = 3;
/** With all that belongs to each. */
const MOST_EXTENDED = 100;

/** What a list of words holds; one without any is as if it were not there. */
const listed = (text: string | undefined): readonly string[] | undefined => {
  const words = text?.split(',').flatMap((each) => (each.trim() === '' ? [] : [each.trim()])) ?? [];
  return words.length === 0 ? undefined : words;
};

/** Where public requests of a place are listed; of the whole country where none is named. */
const placesOf = async (divisions: DivisionsReader, place: DivisionCode | undefined): Promise<Result<readonly ListSource[], Failure>> => {
  const sources =
    place === undefined
      ? (await divisions.counties()).flatMap((county) => countyLists('REQUESTS', county))
      : await sourcesOf('REQUESTS', place, divisions);
  return sources.length > MOST_LISTS
    ? err(
        wrongField('jurisdiction_id', {
          'zh-CN': '范围过大，请给出市或更小的区划代码，如 5101',
          en: 'must name a city or less here, by its division’s code, as 5101',
        }),
      )
    : ok(sources);
};

/** Whether that client, or nobody in particular, may see it here. What is confidential nobody may, whoever sent it in. */
export const isSeen = ({ visibility, requester }: Pick<ServiceRequest, 'visibility' | 'requester'>, client: Client | undefined): boolean =>
  visibility === 'public' || (visibility === 'private' && isOwnOf(requester, client));

export const isOwnOf = (requester: string | undefined, client: Client | undefined): boolean =>
  client !== undefined && requester === client.principal.sub;

/** Requests with what belongs to each, as that caller may see them. */
const shownOf = async (
  { runtime, now }: Pick<Call, 'runtime' | 'now'>,
  requests: readonly ServiceRequest[],
  client: Client | undefined,
  extended: boolean,
): Promise<readonly Shown[]> => {
  const repository = serviceRequestRepository(runtime.database);
  const reader = mediaReader(runtime);
  // A record has room for one picture, which may be refused, and its extensions for all of them.
  const wanted = (request: ServiceRequest): readonly string[] => (request.media ?? []).slice(0, extended ? undefined : FIRST_PICTURES);
  const media = await reader.linksTo(requests.flatMap(wanted), now);
  return Promise.all(
    requests.map(async (request) => {
      const isOwn = isOwnOf(request.requester, client);
      return {
        request,
        isOwn,
        comments: extended && isOwn && request.comments > 0 ? await repository.comments(request.id) : [],
        pictures: wanted(request).flatMap((id) => media.get(id) ?? []),
      };
    }),
  );
};

/** So many services cost as much as the whole catalogue. */
const FEW_SERVICES = 14;

/** The services of these requests, by their codes. */
const servicesOf = async (
  { runtime }: Pick<Call, 'runtime'>,
  requests: readonly ServiceRequest[],
): Promise<ReadonlyMap<string, CatalogueService>> => {
  const catalogue = catalogueReader(runtime.database);
  const codes = [...new Set(requests.map(({ service }) => service))];
  const services = codes.length > FEW_SERVICES ? await catalogue.all() : await Promise.all(codes.map(catalogue.current));
  return new Map(services.flatMap((each) => (each === undefined ? [] : [[each.code, each] as const])));
};

/** What a record takes at most, in either format. */
export const bytesOf = (record: object): number => {
  const json = JSON.stringify(record);
  return Buffer.byteLength(json) + XML_NAMES + XML_ESCAPE * (json.match(XML_ESCAPES)?.length ?? 0);
};

/** As many records as go into one answer. */
const withinLimits = (records: readonly RequestRecord[]): RequestRecord[] => {
  let bytes = 0;
  const first = records.findIndex((record) => (bytes += bytesOf(record)) > MOST_BYTES);
  return first === -1 ? [...records] : records.slice(0, first);
};

const records = async (
  call: Pick<Call, 'runtime' | 'language' | 'now'>,
  requests: readonly ServiceRequest[],
  client: Client | undefined,
  extensions: boolean,
): Promise<RequestRecord[]> => {
  const [shown, services] = await Promise.all([shownOf(call, requests, client, extensions), servicesOf(call, requests)]);
  return withinLimits(shown.map((each) => recordOf(each, { language: call.language, services, extensions })));
};

const NOT_KEPT = { headers: { 'cache-control': 'private, no-store', vary: 'Accept-Language' } };

interface Filters {
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly services: ReadonlySet<string> | undefined;
  readonly statuses: ReadonlySet<string> | undefined;
  readonly updatedFrom: string | undefined;
  readonly updatedTo: string | undefined;
  readonly skip: number;
  readonly size: number;
}

const STATUSES = new Set(['open', 'closed']);

const wholeNumber = (text: string | undefined, name: string, most: number, errors: FieldError[]): number | undefined => {
  if (text === undefined) return undefined;
  const value = /^\d{1,6}$/.test(text.trim()) ? Number(text) : 0;
  if (value >= 1 && value <= most) return value;
  errors.push({ path: name, message: { 'zh-CN': `应为 1 到 ${most} 的整数`, en: `must be a whole number from 1 to ${most}` } });
  return undefined;
};

const filtersOf = (query: QueryOfList, extended: boolean, now: EpochMs): Result<Filters, Failure> => {
  const errors: FieldError[] = [];
  const span = spanOf(query, now);
  if (!span.ok) errors.push(...span.error);
  const updatedFrom = momentIn(query, 'updated_after', errors);
  const updatedTo = momentIn(query, 'updated_before', errors);
  const statuses = listed(query.status)?.map((each) => each.toLowerCase());
  if (statuses?.some((each) => !STATUSES.has(each)) === true)
    errors.push({ path: 'status', message: { 'zh-CN': '应为 open、closed 或两者', en: 'must be open, closed, or both' } });
  const most = extended ? MOST_EXTENDED : MOST_RECORDS;
  const size = wholeNumber(query.page_size, 'page_size', most, errors) ?? most;
  const page = wholeNumber(query.page, 'page', Math.ceil(DEEPEST / size), errors) ?? 1;
  if (errors.length > 0 || !span.ok) return err({ code: 'invalid', errors });
  const services = listed(query.service_code);
  return ok({
    ...span.value,
    services: services === undefined ? undefined : new Set(services),
    statuses: statuses === undefined ? undefined : new Set(statuses),
    updatedFrom: updatedFrom === undefined ? undefined : toInstant(updatedFrom),
    updatedTo: updatedTo === undefined ? undefined : toInstant(wholeSecond(updatedTo)),
    skip: (page - 1) * size,
    size,
  });
};

const matches = (entry: RequestEntry, { services, statuses, updatedFrom, updatedTo }: Filters): boolean =>
  (services === undefined || services.has(entry.service)) &&
  (statuses === undefined || statuses.has(plainStatus(entry))) &&
  (updatedFrom === undefined || entry.changedAt >= updatedFrom) &&
  (updatedTo === undefined || entry.changedAt <= updatedTo);

/** Public requests of a place and, of any visibility, a client's own, wherever they have been handed over to; newest first. */
export const find = async (
  { runtime }: Pick<Call, 'runtime'>,
  asked: {
    readonly place: DivisionCode | undefined;
    readonly jurisdiction: DivisionCode | undefined;
    readonly client: Client | undefined;
    readonly from: EpochMs;
    readonly to: EpochMs;
    readonly most: number;
    readonly fits: (entry: RequestEntry) => boolean;
    readonly mostRead?: number;
  },
): Promise<Result<readonly RequestEntry[], Failure>> => {
  const { place, jurisdiction, client, from, to, most, fits } = asked;
  const { mostRead = client === undefined ? MOST_READ_BY_ALL : MOST_READ } = asked;
  const places = await placesOf(divisionsReader(runtime.database), place);
  if (!places.ok) return places;
  const repository = serviceRequestRepository(runtime.database);
  const own: readonly ListSource[] = client === undefined ? [] : [{ index: 'byRequester', partition: client.principal.sub }];
  const found = await merge<ListSource, RequestEntry>({
    sources: [...places.value, ...own],
    read: (source, limit, until) => repository.entries(source, limit, toInstant(from), until),
    keyOf: ({ sortKey }) => sortKey,
    fits: (entry) => {
      const isListedThere = entry.visibility === 'public' && (place === undefined || covers(place, entry.community));
      // What is listed there and a client's own stands in both kinds of list: it is taken from the place's. Its own may be anywhere by now.
      const isWanted =
        entry.requester === undefined
          ? isListedThere
          : !isListedThere && entry.visibility !== 'confidential' && (jurisdiction === undefined || covers(jurisdiction, entry.community));
      return isWanted && fits(entry);
    },
    limit: most,
    mostRead,
    // Ids are appended to moments, so that this one is included.
    to: `${toInstant(to)}#\uffff`,
  });
  // What was not looked at may have some, and nobody would see that they are missing.
  return found.items.length < most && found.after !== undefined
    ? err(
        wrongField('start_date', {
          'zh-CN': '时段或范围内的诉求过多，请缩短时段，或给出更小的 jurisdiction_id',
          en: 'is too early for so many requests: ask for a shorter span, or a smaller jurisdiction_id',
        }),
      )
    : ok(found.items);
};

export interface Where {
  /** Whose public requests are asked for: of the jurisdiction, of the client's division, or all. */
  readonly place: DivisionCode | undefined;
  /** As far as one is named. */
  readonly jurisdiction: DivisionCode | undefined;
  readonly client: Client | undefined;
}

export const placeOf = async (
  call: Pick<Call, 'runtime'>,
  query: { readonly jurisdiction_id?: string | undefined; readonly api_key?: string | undefined },
): Promise<Result<Where, Failure>> => {
  const { database } = call.runtime;
  const client = await clientIfAny(clientRepository(database), query.api_key);
  if (!client.ok) return client;
  const jurisdiction = await jurisdictionOf(divisionsReader(database), query.jurisdiction_id);
  if (!jurisdiction.ok) return jurisdiction;
  return ok({ place: jurisdiction.value ?? client.value?.client.division, jurisdiction: jurisdiction.value, client: client.value });
};

/** Requests of these ids that the caller may see, in their order; what they may not know of is left out like what is not there. */
const readAll = async (
  { runtime }: Pick<Call, 'runtime'>,
  ids: readonly string[],
  client: Client | undefined,
  consistent: boolean,
): Promise<readonly ServiceRequest[]> => {
  const known = [...new Set(ids)].filter((id) => ID_PATTERN.test(id));
  const found = await serviceRequestRepository(runtime.database).readMany(known, consistent);
  return found.filter((request) => isSeen(request, client));
};

export const listRequests: Run<(typeof listDeclaration)['xml']> = async (call) => {
  const { query, now } = call;
  const where = await placeOf(call, query);
  if (!where.ok) return where;
  const { client } = where.value;
  const extensions = query.extensions === 'true';
  const ids = listed(query.service_request_id);
  if (ids !== undefined && ids.length > MOST_IDS)
    return err(wrongField('service_request_id', { 'zh-CN': `一次最多 ${MOST_IDS} 个`, en: `may name ${MOST_IDS} at once` }));
  if (ids !== undefined) {
    const named = await readAll(call, ids, client, true);
    const body = await records(call, named, client, extensions);
    // What is left off would look as if it were not there.
    return body.length < named.length
      ? err(
          wrongField('service_request_id', { 'zh-CN': `过多，此处最多 ${body.length} 个`, en: `names too many: ${body.length} fit here` }),
        )
      : ok({ status: 200, body, ...NOT_KEPT });
  }

  const filters = filtersOf(query, extensions, now);
  if (!filters.ok) return filters;
  const { from, to, skip, size } = filters.value;
  const found = await find(call, { ...where.value, from, to, most: skip + size, fits: (entry) => matches(entry, filters.value) });
  if (!found.ok) return found;
  const page = await readAll(
    call,
    found.value.slice(skip).map(({ sortKey }) => listedAs(sortKey).id),
    client,
    false,
  );
  const body = await records(call, page, client, extensions);
  // Who counts pages would never see what was left off.
  if (body.length < page.length && (query.page ?? query.page_size) !== undefined)
    return err(wrongField('page_size', { 'zh-CN': `过大，此处最多 ${body.length}`, en: `is too large here: ${body.length} at most` }));
  return ok({ status: 200, body, ...NOT_KEPT });
};

const one = async (
  call: Pick<Call, 'runtime'>,
  file: string,
  query: { readonly jurisdiction_id?: string | undefined; readonly api_key?: string | undefined },
): Promise<Result<{ readonly request: ServiceRequest; readonly client: Client | undefined }, Failure>> => {
  const where = await placeOf(call, query);
  if (!where.ok) return where;
  const id = idOfFile(file);
  const [request] = id === undefined ? [] : await readAll(call, [id], where.value.client, true);
  return request === undefined ? err({ code: 'notFound' }) : ok({ request, client: where.value.client });
};

export const readRequest: Run<typeof readDeclaration> = async (call) => {
  const { params, query } = call;
  const found = await one(call, params.file, query);
  if (!found.ok) return found;
  const { request, client } = found.value;
  return ok({ status: 200, body: await records(call, [request], client, query.extensions === 'true'), ...NOT_KEPT });
};

export const readToken: Run<typeof tokenDeclaration> = async (call) => {
  const found = await one(call, call.params.file, call.query);
  if (!found.ok) return found;
  const { id } = found.value.request;
  return ok({ status: 200, body: [{ service_request_id: id, token: id }], ...NOT_KEPT });
};
