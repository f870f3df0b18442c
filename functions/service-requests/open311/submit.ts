/** Takes in what a client reports for its user: one request, as any other, with the client as its requester. */
import type { Attribute } from '../../catalogue/contract.ts';
import { catalogueReader } from '../../catalogue/reader.ts';
import type { CatalogueService } from '../../catalogue/service.ts';
import type { Division } from '../../divisions/division.ts';
import { divisionsReader, type DivisionsReader } from '../../divisions/reader.ts';
import type { Call, Outcome, Repeatable } from '../../http/call.ts';
import type { FieldError, Failure } from '../../http/problem.ts';
import { wrongField } from '../../http/problem.ts';
import { line, phone as phoneSchema, prose, stored } from '../../http/schema.ts';
import { COMMUNITY_PATTERN, covers, isDivisionCode, levelOf, type DivisionCode } from '../../kernel/division.ts';
import { roundDegrees } from '../../kernel/degrees.ts';
import { newId, newNumberedId } from '../../kernel/id.ts';
import type { Position } from '../../kernel/position.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import { inLanguage, type Language } from '../../kernel/texts.ts';
import { receivedKey } from '../../kernel/media-words.ts';
import { attributeErrors } from '../attributes.ts';
import { MAX_ATTRIBUTE } from '../contract.ts';
import { opened } from '../opened.ts';
import { serviceRequestRepository } from '../repository.ts';
import type { External, ServiceRequest } from '../service-request.ts';
import { clientRepository, type Reference } from './client-repository.ts';
import type { Report, submitRequest as declaration } from './contract.ts';
import { momentText } from './moments.ts';
import { clientOf, jurisdictionOf, type Client } from './place.ts';
import { asList, checkedText, nameOf, NO_PICTURE, picturesIn, withBreaks } from './sent.ts';
import { CLIENTS_OWN_ID, COMMUNITY, isShown } from './services.ts';

type Declaration = (typeof declaration)['xml'];

/** The specification's. */
const MAX_DESCRIPTION = 4000;
const MAX_LINE = 200;
const MAX_EXTRA = 50;
/** Of what the service does not ask for, as JSON: an item has 400 KB. */
const MAX_EXTRA_BYTES = 32 * 1024;
const NUMBER_ATTEMPTS = 5;
const MAX_FILES = 10;

/** By a name that can be shown, and that an item can hold: of these two the database's client makes something else. */
const ATTRIBUTE = /^attribute\[((?!(?:__proto__|constructor)\])[^\p{C}[\]]{1,64})\]$/u;

/** `attribute[code]=value`, of several values `attribute[code][]=value` each. */
const attributesIn = (report: Report): ReadonlyMap<string, readonly string[]> =>
  new Map(
    Object.entries(report).flatMap(([name, value]): [string, readonly string[]][] => {
      const code = ATTRIBUTE.exec(name)?.[1];
      return code === undefined ? [] : [[code, asList(value)]];
    }),
  );

type Value = string | number | string[];

const number = stored(9);

/** A value as the catalogue's datatype has it; what is none is told by the check that follows. */
const typed = ({ datatype, values: known = [] }: Attribute, values: readonly string[]): Value => {
  const [first = '', ...more] = values;
  const isKey = (text: string): boolean => known.some(({ key }) => key === text);
  if (datatype === 'multivaluelist') return values.flatMap((each) => (isKey(each) ? [each] : each.split(',').map((part) => part.trim())));
  if (more.length > 0) return [...values];
  if (datatype !== 'number') return withBreaks(first);
  const value = number.safeParse(Number(first));
  return value.success ? value.data : first;
};

const LONG = { 'zh-CN': `最多 ${MAX_ATTRIBUTE} 个字符`, en: `may be ${MAX_ATTRIBUTE} characters at most` };

const named = (code: string): string => `attribute[${code}]`;

const DEGREES = { 'zh-CN': '应为度数，如 30.65', en: 'must be degrees, as 30.65' };

const coordinate = (text: string | undefined, path: 'lat' | 'long', most: number, errors: FieldError[]): number | undefined => {
  if (text === undefined) return undefined;
  const value = /^[+-]?\d{1,3}(?:\.\d{1,20})?$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (Math.abs(value) <= most) return roundDegrees(value);
  errors.push({ path, message: DEGREES });
  return undefined;
};

const positionIn = ({ lat, long }: Report, errors: FieldError[]): Position | undefined => {
  if ((lat === undefined) !== (long === undefined))
    errors.push({ path: lat === undefined ? 'lat' : 'long', message: { 'zh-CN': '经纬度须成对', en: 'goes with the other coordinate' } });
  const north = coordinate(lat, 'lat', 90, errors);
  const east = coordinate(long, 'long', 180, errors);
  return north === undefined || east === undefined ? undefined : { lat: north, long: east };
};

interface Texts {
  readonly description: string | undefined;
  readonly address: string | undefined;
  readonly phone: string | undefined;
  readonly external: External;
}

/** As FixMyStreet spells it. */
const deviceIdOf = (report: Report): string | undefined => asList(report['deviceid'])[0];

/** The free texts of a report, each as ours would be. */
const textsIn = async (report: Report, own: ReadonlySet<string>, errors: FieldError[]): Promise<Texts> => {
  const checked = (path: string, value: string | undefined, most: number, schema = line(most)): Promise<string | undefined> =>
    checkedText(path, value, schema, errors);
  const text = (path: string, value: string | undefined, most: number): Promise<string | undefined> =>
    checked(path, value === undefined ? undefined : withBreaks(value), most, prose(most));
  const description = await text('description', report.description, MAX_DESCRIPTION);
  const pictures = picturesIn(report.media_url);
  if (pictures === undefined) errors.push({ path: 'media_url', message: NO_PICTURE });
  const others = [...attributesIn(report)].filter(([code]) => !own.has(code));
  if (others.length > MAX_EXTRA || Buffer.byteLength(JSON.stringify(others)) > MAX_EXTRA_BYTES) {
    const message = {
      'zh-CN': `服务未要求的属性最多 ${MAX_EXTRA} 个，合计不超过 ${MAX_EXTRA_BYTES} 字节`,
      en: `that the service does not ask for may be ${MAX_EXTRA} at most, of ${MAX_EXTRA_BYTES} bytes in all`,
    };
    errors.push({ path: 'attribute', message });
  }
  const extra: [string, string[]][] = [];
  for (const [code, values] of others.slice(0, MAX_EXTRA)) {
    const texts = await Promise.all(values.map((value) => text(named(code), value, MAX_DESCRIPTION)));
    extra.push([code, texts.filter((each) => each !== undefined)]);
  }
  const phone = await checked('phone', report.phone, MAX_LINE);
  return {
    description,
    address: await checked('address_string', report.address_string, MAX_LINE),
    // What cannot be dialled is kept as it was sent.
    phone: phone !== undefined && phoneSchema.safeParse(phone).success ? phone : undefined,
    external: {
      firstName: await checked('first_name', report.first_name, MAX_LINE),
      lastName: await checked('last_name', report.last_name, MAX_LINE),
      email: await checked('email', report.email, MAX_LINE),
      phone,
      deviceId: await checked('device_id', report.device_id ?? deviceIdOf(report), MAX_LINE),
      accountId: await checked('account_id', report.account_id, MAX_LINE),
      addressId: await checked('address_id', report.address_id, MAX_LINE),
      mediaUrls: pictures === undefined || pictures.length === 0 ? undefined : [...pictures],
      attributes: extra.length === 0 ? undefined : Object.fromEntries(extra),
    },
  };
};

const NO_PLACE: Failure = wrongField('attribute[community]', {
  'zh-CN': '附近没有带位置的社区，请用 attribute[community] 给出 12 位社区代码',
  en: 'is needed: no community with a position is near; give its 12-digit code',
});

/** The community that is named, or the nearest one, within what the key reaches. */
const communityFor = async (
  divisions: DivisionsReader,
  named: string | undefined,
  position: Position | undefined,
  within: DivisionCode,
): Promise<Result<Division, Failure>> => {
  if (named !== undefined) {
    const found = COMMUNITY_PATTERN.test(named) && isDivisionCode(named) ? await divisions.find(named) : undefined;
    if (found?.active === true) return ok(found);
    return err(
      wrongField('attribute[community]', {
        'zh-CN': found?.mergedInto === undefined ? '没有这个社区，或已停用' : `该社区已并入 ${found.mergedInto}`,
        en: found?.mergedInto === undefined ? 'is no community in use' : `has become part of ${found.mergedInto}`,
      }),
    );
  }
  const only = levelOf(within) === 'community' ? await divisions.find(within) : undefined;
  const nearest = only ?? (position === undefined ? undefined : await divisions.nearest(position, within));
  return nearest?.active === true ? ok(nearest) : err(NO_PLACE);
};

const outside: Failure = {
  code: 'forbidden',
  detail: { 'zh-CN': '该 api_key 不适用于此地，请使用当地的 key。', en: 'This api_key does not reach that place: use one that does.' },
};

const noticeOf = ({ respondBy, resolveBy }: ServiceRequest, language: Language): string =>
  inLanguage(
    {
      'zh-CN': `将于 ${momentText(respondBy)} 前响应，${momentText(resolveBy)} 前办结`,
      en: `Answered by ${momentText(respondBy)}, done by ${momentText(resolveBy)}`,
    },
    language,
  );

const answerFor = (request: ServiceRequest, language: Language, isRepeated = false): Outcome<Declaration> =>
  ok({
    status: 200,
    body: [
      { service_request_id: request.id, service_notice: noticeOf(request, language), account_id: request.external?.accountId ?? null },
    ],
    ...(isRepeated ? { repeated: true } : {}),
    headers: { 'cache-control': 'no-store' },
  });

/** Everything about a report that can be wrong, looked at before anything is written. */
const requestFrom = async (
  call: Call<Declaration>,
  { client, principal }: Client,
  service: CatalogueService,
  jurisdiction: DivisionCode | undefined,
): Promise<Result<(id: string) => ServiceRequest, Failure>> => {
  const { runtime, body, now, language } = call;
  const errors: FieldError[] = [];
  const sent = attributesIn(body);
  const position = positionIn(body, errors);
  const declared = service.attributes.filter(({ code }) => sent.has(code));
  const attributes = Object.fromEntries(declared.map((each) => [each.code, typed(each, sent.get(each.code) ?? [])]));
  errors.push(
    ...attributeErrors(service.attributes, attributes).map(({ path, message }) => ({
      path: path.replace(/^attributes(?:\.(.+))?$/, (_, code: string | undefined) => (code === undefined ? 'attribute' : named(code))),
      message,
    })),
  );
  const long = Object.entries(attributes).filter(([, value]) => typeof value === 'string' && value.length > MAX_ATTRIBUTE);
  errors.push(...long.map(([code]) => ({ path: named(code), message: LONG })));
  const known = new Set([...service.attributes.map(({ code }) => code), COMMUNITY]);
  const { description, address, phone, external } = await textsIn(body, known, errors);
  if (position === undefined && errors.length === 0 && address === undefined && external.addressId === undefined && !sent.has(COMMUNITY))
    errors.push({
      path: 'lat',
      message: {
        'zh-CN': '请给出 lat 和 long、address_string 或 attribute[community]',
        en: 'is needed, with long; or address_string, or attribute[community]',
      },
    });
  if (errors.length > 0) return err({ code: 'invalid', errors });
  const within = jurisdiction ?? client.division;
  const [given, ...more] = sent.get(COMMUNITY) ?? [];
  if (more.length > 0) return err(wrongField(named(COMMUNITY), { 'zh-CN': '只能有一个', en: 'may be given once' }));
  const community = await communityFor(divisionsReader(runtime.database), given?.trim(), position, within);
  if (!community.ok) return community;
  const { code } = community.value;
  if (!covers(client.division, code)) return err(outside);
  if (!covers(within, code))
    return err(wrongField('attribute[community]', { 'zh-CN': '不在 jurisdiction_id 之内', en: 'is not within jurisdiction_id' }));
  if (!catalogueReader(runtime.database).isOffered(service, code)) return err({ code: 'notFound' });
  const name = nameOf(external.firstName, external.lastName);
  return ok((id) => ({
    ...opened({ id, service, community: code, now, by: principal.sub }),
    channel: 'web',
    description: description ?? inLanguage(service.name, language),
    address,
    location: position,
    attributes: declared.length === 0 ? undefined : attributes,
    contact: name === undefined && phone === undefined ? undefined : { name, phone },
    requester: principal.sub,
    client: client.id,
    external,
  }));
};

/** Keeps the pictures that came in the form, under ids of their own; nobody sees them before they have been looked at. */
const keepPictures = async ({ runtime, files }: Call<Declaration>): Promise<readonly string[]> => {
  if (files.length === 0) return [];
  const store = await runtime.objects();
  return Promise.all(
    files.map(async (bytes) => {
      const id = newId(runtime.random);
      await store.put(receivedKey(id), bytes, 'application/octet-stream');
      return id;
    }),
  );
};

/** What was kept for a report that was not taken in is nobody's. */
const discard = async ({ runtime }: Call<Declaration>, pictures: readonly string[]): Promise<void> => {
  if (pictures.length > 0) await (await runtime.objects()).remove(pictures.map(receivedKey));
};

const submitted = async (call: Call<Declaration>): Promise<Outcome<Declaration>> => {
  const { runtime, body, requestId, language } = call;
  const { database } = runtime;
  const clients = clientRepository(database);
  const who = await clientOf(clients, body.api_key);
  if (!who.ok) return who;
  const { client } = who.value;
  if (body.service_code === undefined) return err(wrongField('service_code', { 'zh-CN': '必填', en: 'is required' }));
  const jurisdiction = await jurisdictionOf(divisionsReader(database), body.jurisdiction_id);
  if (!jurisdiction.ok) return jurisdiction;
  const within = jurisdiction.value;
  if (within !== undefined && !covers(client.division, within) && !covers(within, client.division)) return err(outside);
  const service = await catalogueReader(database).current(body.service_code);
  if (service?.active !== true || !isShown(service)) return err({ code: 'notFound' });

  const requests = serviceRequestRepository(database);
  const ownId = attributesIn(body).get(CLIENTS_OWN_ID)?.[0];
  const reference: Reference | undefined = ownId === undefined ? undefined : { client: client.id, kind: 'report', name: ownId };
  /** What it has sent in before under its own id. */
  const before = async (): Promise<ServiceRequest | undefined> => {
    const id = reference === undefined ? undefined : await clients.referred(reference);
    return id === undefined ? undefined : requests.read(id);
  };
  const earlier = await before();
  if (earlier !== undefined) return answerFor(earlier, language, true);

  const narrower = within !== undefined && covers(client.division, within) ? within : undefined;
  const request = await requestFrom(call, who.value, service, narrower);
  if (!request.ok) return request;
  if (call.files.length > MAX_FILES)
    return err(wrongField('media', { 'zh-CN': `最多 ${MAX_FILES} 张图片`, en: `may be ${MAX_FILES} pictures at most` }));
  const pictures = await keepPictures(call);
  for (let attempt = 1; ; attempt++) {
    const made = {
      ...request.value(newNumberedId(runtime.random)),
      ...(pictures.length === 0 ? {} : { media: pictures, received: pictures }),
    };
    const refers = reference === undefined ? [] : [clients.refers(reference, made.id)];
    const written = await requests.write([
      requests.makes(made, requestId),
      ...requests.claimsMedia(made),
      ...refers,
      ...call.once(200, made.id),
    ]);
    if (written.ok) return answerFor(made, language);
    const raced = await before();
    const isHopeless = written.error.index !== 0 || attempt === NUMBER_ATTEMPTS;
    if (raced !== undefined || isHopeless) await discard(call, pictures);
    if (raced !== undefined) return answerFor(raced, language, true);
    if (isHopeless) return err({ code: 'busy' });
  }
};

export const submitRequest: Repeatable<Declaration> = {
  run: submitted,
  replay: async ({ runtime, body, language }, id) => {
    // A key that has been revoked meanwhile gets no answer again.
    const who = await clientOf(clientRepository(runtime.database), body.api_key);
    if (!who.ok) return who;
    const request = await serviceRequestRepository(runtime.database).read(id);
    return request === undefined ? err({ code: 'notFound' }) : answerFor(request, language);
  },
};
