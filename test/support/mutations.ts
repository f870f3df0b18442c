/** A call of every operation that changes something, with what must be there before it. */
import { createHash } from 'node:crypto';
import { SECOND } from '../../functions/kernel/time.ts';
import type { TokenClaims } from '../../lib/local/issuer.ts';
import { handedBatch, signedByGateway } from './alerting.ts';
import { FOUNDATION_MUTATIONS } from './foundation-mutations.ts';
import type { House } from './house.ts';
import { unsubscribeLink } from '../../functions/notifications/unsubscribe-link.ts';
import { codeIn, somebody, subscribe, verifiedChannel } from './notified.ts';
import {
  alertOfficer,
  countyDispatcher,
  DACISI,
  dispatcher,
  neighbour,
  otherOfficer,
  otherWorker,
  resident,
  SHUIJINGFANG,
  worker,
  ZONGFULU,
} from './people.ts';
import { admitted, APPLICATION, applyAs, type Registered } from './providers.ts';
import { newRequest, requestAt, type Stage } from './stages.ts';
import { FORM, formOf } from './operations.ts';
import { SURVEY_MUTATIONS } from './survey-mutations.ts';
import { ADMIN } from './world.ts';

export interface Mutation {
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  /** Nobody: a client with a key of its own. */
  readonly as: TokenClaims | undefined;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An Idempotency-Key; none of what is the same however often it is sent. Who is not signed in has one that nobody could guess. */
export const keyFor = ({ method, as }: Mutation, name: string): string | undefined => {
  if (method !== 'POST') return undefined;
  const hex = createHash('sha256').update(name).digest('hex');
  return as === undefined ? `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(12, 15)}-8${hex.slice(15, 18)}-${hex.slice(18, 30)}` : hex;
};

export interface Sample {
  readonly operation: string;
  /** Tells samples of one operation apart. */
  readonly of?: string;
  readonly prepare: (house: House) => Promise<Mutation>;
}

const onRequest =
  (
    action: string,
    stage: Stage,
    as: TokenClaims,
    body: unknown,
    more: {
      readonly request?: Readonly<Record<string, unknown>>;
      readonly before?: readonly (readonly [string, TokenClaims, unknown])[];
    } = {},
  ) =>
  async (house: House): Promise<Mutation> => {
    const id = await requestAt(house.post, stage, more.request);
    for (const [step, by, input] of more.before ?? []) await house.post(`/v1/requests/${id}/${step}`, by, input);
    return { method: 'POST', path: `/v1/requests/${id}/${action}`, as, body };
  };

const RECTIFICATION_STEPS: readonly (readonly [string, TokenClaims, unknown])[] = [
  ['callback', otherWorker, { outcome: 'confirmed', note: '居民反映维修不彻底' }],
  ['fix', otherWorker, { measure: '已重新维修并致歉' }],
  ['appeal', dispatcher, { reason: '误评' }],
  ['review', countyDispatcher, { ruling: 'struck', reason: '回访确认误评' }],
];

/** The rectification of a bad rating, after some of its steps. */
export const rectificationAfter = async (house: House, steps: number): Promise<string> => {
  const id = await requestAt(house.post, 'resolved');
  await house.post(`/v1/requests/${id}/rating`, resident, { level: 1 });
  const listed = await house.get('/v1/rectifications', dispatcher);
  const rectification: string = listed.body.items.find((each: { request: string }) => each.request === id).id;
  for (const [step, as, body] of RECTIFICATION_STEPS.slice(0, steps))
    await house.post(`/v1/rectifications/${rectification}/${step}`, as, body);
  return rectification;
};

const onRectification =
  (steps: number, more?: unknown) =>
  async (house: House): Promise<Mutation> => {
    const id = await rectificationAfter(house, steps);
    const [step, as, body] = RECTIFICATION_STEPS[steps] ?? ['', ADMIN, {}];
    return { method: 'POST', path: `/v1/rectifications/${id}/${step}`, as, body: more ?? body };
  };

const confidential = { service: 'urgentHelp', description: '需要紧急帮助' };
const create =
  (more: Readonly<Record<string, unknown>>, as = resident) =>
  (): Promise<Mutation> =>
    Promise.resolve({ method: 'POST', path: '/v1/requests', as, body: { ...newRequest, ...more } });
const aPicture = { contentType: 'image/jpeg', bytes: 2_345_678 };
const put =
  (path: string, body: unknown, twice: boolean, as: TokenClaims = ADMIN) =>
  async (house: House): Promise<Mutation> => {
    if (twice) await house.call('PUT', path, { as, body });
    return { method: 'PUT', path, as, body };
  };
const facility = {
  kind: 'shelter',
  name: { 'zh-CN': '水井坊小学操场' },
  community: SHUIJINGFANG,
  location: { lat: 30.6461, long: 104.0913 },
};
const inShuijingfang = { name: { 'zh-CN': '水井坊社区某处' }, community: SHUIJINGFANG };
const mealPoint = { ...inShuijingfang, subsidised: true, location: { lat: 30.6461, long: 104.0913 } };
const childcare = { ...inShuijingfang, offered: 40, taken: 36, waiting: 2 };
const servicePoint = { ...inShuijingfang, entitlements: [{ kind: 'water', account: '8802040170' }] };
const alert = {
  status: 'actual',
  category: 'met',
  event: '暴雨',
  colour: 'red',
  urgency: 'expected',
  certainty: 'likely',
  headline: '暴雨红色预警',
  description: '预计有暴雨',
  areas: [{ division: '510104017' }],
  expires: '2027-01-01T00:00:00+08:00',
};
const waitsFor = (house: House, colours: readonly string[]): Promise<unknown> =>
  house.call('PUT', '/v1/settings/alertSecondPerson', { as: ADMIN, body: { value: { colours } } });
const anAlert =
  (waiting: readonly string[]) =>
  async (house: House): Promise<Mutation> => {
    await waitsFor(house, waiting);
    house.turn(SECOND);
    return { method: 'POST', path: '/v1/alerts', as: alertOfficer, body: alert };
  };
const message = (name: string, more = ''): Mutation => ({
  method: 'POST',
  path: '/v1/alerts',
  as: alertOfficer,
  body:
    `<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>${name}</identifier><sender>test</sender>` +
    `<sent>2026-11-24T09:00:00+08:00</sent><status>Actual</status><msgType>${more === '' ? 'Alert' : 'Cancel'}</msgType><scope>Public</scope>${more}` +
    '<info><category>Met</category><event>暴雨</event><urgency>Expected</urgency><severity>Severe</severity><certainty>Likely</certainty>' +
    '<area><areaDesc>x</areaDesc><geocode><valueName>行政区划代码</valueName><value>510104017</value></geocode></area></info></alert>',
  headers: { 'content-type': 'application/cap+xml' },
});
const onAlert =
  (action: string, body: unknown, as: TokenClaims, waiting: boolean) =>
  async (house: House): Promise<Mutation> => {
    await waitsFor(house, waiting ? ['red'] : []);
    const { id } = (await house.post('/v1/alerts', alertOfficer, alert)).body;
    await waitsFor(house, []);
    // Of two in one second, the second asks for its name twice.
    house.turn(SECOND);
    return { method: 'POST', path: `/v1/alerts/${id}/${action}`, as, body };
  };
const acknowledged =
  (before: readonly object[], body: object, as: TokenClaims = resident) =>
  async (house: House): Promise<Mutation> => {
    await waitsFor(house, []);
    const path = `/v1/alerts/${(await house.post('/v1/alerts', alertOfficer, alert)).body.id}/acknowledgements`;
    for (const each of before) await house.post(path, as, each);
    return { method: 'POST', path, as, body };
  };
const recipient = { name: '王桂兰', community: SHUIJINGFANG, tier: 'high', contact: { phone: '13800000000' }, activeFrom: '2026-11-01' };
const onRecipient =
  (method: 'POST' | 'PATCH', rest: string, body: object) =>
  async (house: House): Promise<Mutation> => {
    const { id } = (await house.post('/v1/care/recipients', worker, recipient)).body;
    return { method, path: `/v1/care/recipients/${id}${rest}`, as: worker, body };
  };
const visit = { at: '2026-11-23T10:00:00+08:00', mode: 'inPerson', outcome: 'well' };
const upload = (kind: string, rows: readonly Readonly<Record<string, string>>[]) => (): Promise<Mutation> =>
  Promise.resolve({
    method: 'POST',
    path: `/v1/imports/${kind}`,
    as: ADMIN,
    body: { rows: rows.map((row, index) => ({ line: index + 2, ...row })) },
  });

const aKey = async (house: House): Promise<string> =>
  (await house.post('/v1/open311/keys', ADMIN, { name: '随手拍', division: '510104' })).body.key;
const report = (parameters: Readonly<Record<string, string>>): Promise<Mutation> =>
  Promise.resolve({ method: 'POST', path: '/open311/v2/requests.json', as: undefined, body: formOf(parameters), headers: FORM });
const lamp = { service_code: 'streetLamp', 'attribute[community]': SHUIJINGFANG, description: '路灯不亮', email: 'a@example.cn' };

/** Somebody with a channel that is verified and named everywhere. */
const verifiedPerson = async (house: House): Promise<{ readonly as: TokenClaims; readonly channel: string }> => {
  const as = somebody();
  const channel = await verifiedChannel(house, as);
  await subscribe(
    house,
    as,
    [SHUIJINGFANG, DACISI].map((division) => ({ division, channels: [channel] })),
  );
  await house.call('PUT', '/v1/me/notifications', { as, body: { channels: [channel], topics: ['requests'] } });
  return { as, channel };
};
const NEW_CHANNEL = { kind: 'sms', address: '+86 138 1234 5678' };
const onPerson = (
  { as }: { readonly as: TokenClaims; readonly channel: string },
  method: Mutation['method'],
  what: string,
  body: unknown,
): Mutation => ({ method, path: `/v1/me/${what}`, as, body });

const service = {
  name: { 'zh-CN': '新服务' },
  description: { 'zh-CN': '新服务' },
  group: 'convenience',
  keywords: [],
  attributes: [],
  respondWithin: { amount: 4, unit: 'hours' },
  resolveWithin: { amount: 3, unit: 'workingDays' },
  visibility: 'public',
};
const bulk = { requested_datetime: '2025-01-01T07:52:00+08:00', service_name: '路灯不亮', community: SHUIJINGFANG };
const reason = { reason: '原因' };
const onProvider =
  (make: (post: House['post']) => Promise<Registered>, action: string, body: object) =>
  async (house: House): Promise<Mutation> => {
    const { id } = await make(house.post);
    return { method: 'POST', path: `/v1/providers/${id}/${action}`, as: countyDispatcher, body };
  };
const aCreditEvent = async (house: House): Promise<{ readonly path: string; readonly as: TokenClaims; readonly event: string }> => {
  const { id, as } = await admitted(house.post);
  const path = `/v1/providers/${id}`;
  const { body } = await house.post(`${path}/credit-events`, countyDispatcher, { kind: 'misconduct', reason: '虚报' });
  return { path, as, event: body.id };
};
const assign = { to: { kind: 'worker', id: otherWorker.sub } };
const longer = { resolveBy: '2027-01-10T18:00:00+08:00', reason: '配件需要订货' };

export const MUTATIONS: readonly Sample[] = [
  { operation: 'createRequest', prepare: create({ contact: { name: '王', phone: '13800000000' } }) },
  { operation: 'createRequest', of: 'confidential', prepare: create(confidential) },
  { operation: 'createRequest', of: 'for somebody', prepare: create({ channel: 'phone', onBehalfOf: { name: '李奶奶' } }, worker) },
  {
    operation: 'createRequest',
    of: 'with pictures',
    prepare: async (house) => {
      const media = [
        (await house.post('/v1/media', resident, aPicture)).body.id,
        (await house.post('/v1/media', resident, aPicture)).body.id,
      ];
      return create({ media })();
    },
  },
  { operation: 'acceptRequest', prepare: onRequest('accept', 'submitted', dispatcher, { priority: 'high' }) },
  {
    operation: 'acceptRequest',
    of: 'as another service',
    prepare: onRequest('accept', 'submitted', dispatcher, { service: 'policyQuestion' }),
  },
  { operation: 'acceptRequest', of: 'confidential', prepare: onRequest('accept', 'submitted', dispatcher, {}, { request: confidential }) },
  { operation: 'rejectRequest', prepare: onRequest('reject', 'accepted', dispatcher, reason) },
  { operation: 'cancelRequest', prepare: onRequest('cancel', 'accepted', resident, reason) },
  {
    operation: 'duplicateRequest',
    prepare: async (house) => {
      const of = await requestAt(house.post, 'accepted');
      return onRequest('duplicate', 'submitted', dispatcher, { of })(house);
    },
  },
  {
    operation: 'transferRequest',
    prepare: onRequest('transfer', 'accepted', countyDispatcher, { community: ZONGFULU, reason: '地址属于该社区' }),
  },
  { operation: 'assignRequest', prepare: onRequest('assign', 'accepted', dispatcher, assign) },
  { operation: 'assignRequest', of: 'again', prepare: onRequest('assign', 'inProgress', dispatcher, assign) },
  { operation: 'startRequest', prepare: onRequest('start', 'assigned', worker, {}) },
  { operation: 'resolveRequest', prepare: onRequest('resolve', 'inProgress', worker, { resolution: '已更换灯泡' }) },
  { operation: 'extendRequest', of: 'asked', prepare: onRequest('extend', 'inProgress', worker, longer) },
  {
    operation: 'extendRequest',
    of: 'granted',
    prepare: onRequest('extend', 'inProgress', dispatcher, longer, { before: [['extend', worker, longer]] }),
  },
  { operation: 'pauseRequest', prepare: onRequest('pause', 'inProgress', worker, reason) },
  { operation: 'resumeRequest', prepare: onRequest('resume', 'inProgress', worker, {}, { before: [['pause', worker, reason]] }) },
  { operation: 'closeRequest', prepare: onRequest('close', 'resolved', dispatcher, {}) },
  { operation: 'reopenRequest', prepare: onRequest('reopen', 'closed', resident, reason) },
  { operation: 'commentRequest', prepare: onRequest('comments', 'accepted', resident, { text: '请问什么时候来修？' }) },
  {
    operation: 'commentRequest',
    of: 'with pictures',
    prepare: async (house) => {
      const media = [
        (await house.post('/v1/media', resident, aPicture)).body.id,
        (await house.post('/v1/media', resident, aPicture)).body.id,
      ];
      return onRequest('comments', 'accepted', resident, { text: '见照片', media })(house);
    },
  },
  {
    operation: 'commentRequest',
    of: 'confidential',
    prepare: onRequest('comments', 'accepted', resident, { text: '请问什么时候来？' }, { request: confidential }),
  },
  { operation: 'rateRequest', of: 'good', prepare: onRequest('rating', 'resolved', resident, { level: 5 }) },
  { operation: 'rateRequest', of: 'bad', prepare: onRequest('rating', 'resolved', resident, { level: 1, comment: '没修好' }) },
  { operation: 'callbackRectification', prepare: onRectification(0) },
  { operation: 'fixRectification', prepare: onRectification(1) },
  { operation: 'appealRectification', prepare: onRectification(2) },
  { operation: 'reviewRectification', of: 'struck', prepare: onRectification(3) },
  { operation: 'reviewRectification', of: 'upheld', prepare: onRectification(3, { ruling: 'upheld', reason: '属实' }) },
  {
    operation: 'createMedia',
    prepare: () => Promise.resolve({ method: 'POST', path: '/v1/media', as: resident, body: aPicture }),
  },
  {
    operation: 'importRequests',
    prepare: upload('requests', [
      { ...bulk, service_request_id: '63594352', description: '路灯不亮' },
      { ...bulk, service_request_id: '63594353', closed_date: '2025-01-02T07:52:00+08:00', status_description: 'closed' },
      { ...bulk, service_request_id: '63594354', community: '999999999999' },
    ]),
  },
  {
    operation: 'importDivisions',
    prepare: upload('divisions', [
      { code: '510106', name: '金牛区' },
      { code: '510106001', name: '某街道' },
      { code: '510106001001', name: '某社区' },
      { code: '51', name: '四川省' },
      { code: '999999', name: '没有上级' },
    ]),
  },
  { operation: 'submitOpen311RequestJson', prepare: async (house) => report({ ...lamp, api_key: await aKey(house) }) },
  {
    operation: 'submitOpen311RequestXml',
    of: 'with an id of the client’s own',
    prepare: async (house) => ({
      ...(await report({ ...lamp, api_key: await aKey(house), 'attribute[fixmystreet_id]': '77' })),
      path: '/open311/v2/requests.xml',
    }),
  },
  ...(['Json', 'Xml'] as const).map((suffix): Sample => ({
    operation: `submitOpen311Update${suffix}`,
    prepare: async (house) => {
      const key = await aKey(house);
      const { path, body, headers } = await report({ ...lamp, api_key: key });
      const made = await house.call('POST', path, { body, headers: headers ?? {} });
      return {
        method: 'POST',
        path: `/open311/v2/servicerequestupdates.${suffix.toLowerCase()}`,
        as: undefined,
        body: formOf({ api_key: key, service_request_id: made.body[0].service_request_id, update_id: '9', description: '还没修' }),
        headers: FORM,
      };
    },
  })),
  {
    operation: 'issueOpen311Key',
    prepare: () => Promise.resolve({ method: 'POST', path: '/v1/open311/keys', as: ADMIN, body: { name: '随手拍', division: '510104' } }),
  },
  {
    operation: 'revokeOpen311Key',
    prepare: async (house) => ({
      method: 'DELETE',
      path: `/v1/open311/keys/${(await aKey(house)).split('.')[0] ?? ''}`,
      as: ADMIN,
      body: undefined,
    }),
  },
  { operation: 'putDivision', of: 'new', prepare: put('/v1/divisions/510107', { name: '武侯区' }, false) },
  { operation: 'putDivision', of: 'again', prepare: put('/v1/divisions/510107', { name: '武侯区', population: 1 }, true) },
  { operation: 'putService', of: 'new', prepare: put('/v1/services/newService', service, false) },
  { operation: 'putService', of: 'again', prepare: put('/v1/services/newService', service, true) },
  {
    operation: 'putSetting',
    prepare: put('/v1/settings/programmes', { value: [{ code: 'careForOld', name: { 'zh-CN': '为老服务' }, source: '测试' }] }, false),
  },
  { operation: 'putFacility', of: 'new', prepare: put('/v1/facilities/shelter-1', facility, false, worker) },
  { operation: 'putFacility', of: 'again', prepare: put('/v1/facilities/shelter-2', facility, true, worker) },
  {
    operation: 'applyProvider',
    prepare: () => Promise.resolve({ method: 'POST', path: '/v1/providers', as: neighbour, body: APPLICATION }),
  },
  {
    operation: 'applyProvider',
    of: 'for somebody',
    prepare: () =>
      Promise.resolve({
        method: 'POST',
        path: '/v1/providers',
        as: worker,
        body: { ...APPLICATION, onBehalfOf: { name: '钱师傅', phone: '13800000000', sub: 'craftsman-qian' }, channel: 'counter' },
      }),
  },
  {
    operation: 'putProvider',
    of: 'wider and narrower',
    prepare: async (house) => {
      const { id, as } = await admitted(house.post, { divisions: ['510104017', '510105'] });
      return {
        method: 'PUT',
        path: `/v1/providers/${id}`,
        as,
        body: { ...APPLICATION, services: ['streetLamp', 'legalAdvice'], divisions: ['510104'] },
      };
    },
  },
  { operation: 'admitProvider', prepare: onProvider(applyAs, 'admit', { grounds: '资质齐全' }) },
  { operation: 'suspendProvider', prepare: onProvider(admitted, 'suspend', reason) },
  { operation: 'removeProvider', prepare: onProvider(admitted, 'remove', reason) },
  { operation: 'renewProvider', prepare: onProvider(admitted, 'renew', { until: '2028-06-01T00:00:00+08:00' }) },
  { operation: 'postCreditEvent', prepare: onProvider(admitted, 'credit-events', { kind: 'misconduct', ...reason }) },
  {
    operation: 'appealCreditEvent',
    prepare: async (house) => {
      const { path, as, event } = await aCreditEvent(house);
      return { method: 'POST', path: `${path}/credit-events/${event}/appeal`, as, body: reason };
    },
  },
  {
    operation: 'appealCredit',
    prepare: async (house) => {
      const { path, as, event } = await aCreditEvent(house);
      return { method: 'POST', path: `${path}/appeal`, as, body: { event, ...reason } };
    },
  },
  {
    operation: 'reviewCreditEvent',
    prepare: async (house) => {
      const { path, as, event } = await aCreditEvent(house);
      await house.post(`${path}/appeal`, as, { event, ...reason });
      const body = { ruling: 'struck', ...reason };
      return {
        method: 'POST',
        path: `${path}/credit-events/${event}/review`,
        as: { ...countyDispatcher, sub: 'dispatcher-of-the-city', division: '5101' },
        body,
      };
    },
  },
  {
    operation: 'repairCreditEvent',
    prepare: async (house) => {
      const { path, as, event } = await aCreditEvent(house);
      return { method: 'POST', path: `${path}/credit-events/${event}/repair`, as, body: reason };
    },
  },
  {
    operation: 'assignRequest',
    of: 'to a provider',
    prepare: async (house) => {
      const { to } = await admitted(house.post);
      return onRequest('assign', 'accepted', dispatcher, { to })(house);
    },
  },
  { operation: 'putMealPoint', of: 'new', prepare: put('/v1/meal-points/canteen-1', mealPoint, false, worker) },
  { operation: 'putMealPoint', of: 'again', prepare: put('/v1/meal-points/canteen-2', mealPoint, true, worker) },
  {
    operation: 'putMealPoint',
    of: 'with its day to another community',
    prepare: async (house) => {
      const streetWorker = { ...worker, division: '510104017' };
      await put('/v1/meal-points/canteen-5', mealPoint, true, worker)(house);
      await put('/v1/meal-points/canteen-5/days/2026-11-24', { served: 46, delivered: 12 }, true, worker)(house);
      return put('/v1/meal-points/canteen-5', { ...mealPoint, community: DACISI }, false, streetWorker)(house);
    },
  },
  {
    operation: 'putMealDay',
    of: 'new',
    prepare: async (house) => {
      await put('/v1/meal-points/canteen-3', mealPoint, true, worker)(house);
      return put('/v1/meal-points/canteen-3/days/2026-11-23', { served: 46, delivered: 12 }, false, worker)(house);
    },
  },
  {
    operation: 'putMealDay',
    of: 'again',
    prepare: async (house) => {
      await put('/v1/meal-points/canteen-4', mealPoint, true, worker)(house);
      return put('/v1/meal-points/canteen-4/days/2026-11-23', { served: 46, delivered: 12 }, true, worker)(house);
    },
  },
  { operation: 'putChildcare', of: 'new', prepare: put('/v1/childcare/nursery-1', childcare, false, worker) },
  { operation: 'putChildcare', of: 'again', prepare: put('/v1/childcare/nursery-2', childcare, true, worker) },
  { operation: 'putServicePoint', of: 'new', prepare: put('/v1/service-points/point-1', servicePoint, false, worker) },
  { operation: 'putServicePoint', of: 'again', prepare: put('/v1/service-points/point-2', servicePoint, true, worker) },
  {
    operation: 'putServicePoint',
    of: 'run by a provider',
    prepare: async (house) => {
      const { id } = await admitted(house.post);
      return put('/v1/service-points/point-4', { ...servicePoint, provider: id }, false, worker)(house);
    },
  },
  {
    operation: 'checkEntitlement',
    prepare: async (house) => {
      await put('/v1/service-points/point-3', servicePoint, true, worker)(house);
      return { method: 'POST', path: '/v1/service-points/point-3/entitlements/water/check', as: dispatcher, body: { granted: true } };
    },
  },
  { operation: 'issueAlert', prepare: anAlert([]) },
  {
    operation: 'issueAlert',
    of: 'that waits',
    prepare: anAlert(['red']),
  },
  {
    operation: 'issueAlert',
    of: 'in CAP, the end of another',
    prepare: async (house) => {
      await waitsFor(house, []);
      const { path, as, body, headers = {} } = message('first');
      await house.call('POST', path, { as, body, headers });
      return message('second', '<references>test,first,2026-11-24T09:00:00+08:00</references>');
    },
  },
  { operation: 'updateAlert', prepare: onAlert('updates', alert, alertOfficer, false) },
  { operation: 'cancelAlert', prepare: onAlert('cancel', { reason: '降雨已结束' }, alertOfficer, false) },
  { operation: 'approveAlert', prepare: onAlert('approve', {}, otherOfficer, true) },
  { operation: 'addChannel', prepare: async (house) => onPerson(await verifiedPerson(house), 'POST', 'channels', NEW_CHANNEL) },
  {
    operation: 'addChannel',
    of: 'the first of somebody',
    prepare: () => Promise.resolve(onPerson({ as: somebody(), channel: '' }, 'POST', 'channels', NEW_CHANNEL)),
  },
  {
    operation: 'verifyChannel',
    prepare: async (house) => {
      const { as, channel } = await verifiedPerson(house);
      const { body: added } = await house.post('/v1/me/channels', as, NEW_CHANNEL);
      await subscribe(house, as, [
        { division: '510104', channels: [channel, added.id] },
        { division: '5101', channels: [added.id] },
      ]);
      return onPerson({ as, channel }, 'POST', `channels/${added.id}/verify`, { code: codeIn(house, added) });
    },
  },
  {
    operation: 'removeChannel',
    prepare: async (house) => {
      const person = await verifiedPerson(house);
      return onPerson(person, 'DELETE', `channels/${person.channel}`, undefined);
    },
  },
  {
    operation: 'putAlertSubscriptions',
    prepare: async (house) => {
      const person = await verifiedPerson(house);
      return onPerson(person, 'PUT', 'alert-subscriptions', {
        subscriptions: [
          { division: DACISI, minimumColour: 'red', channels: [person.channel] },
          { division: '51', minimumColour: 'blue', channels: [person.channel] },
        ],
      });
    },
  },
  {
    operation: 'putNotificationPreferences',
    prepare: async (house) => {
      const person = await verifiedPerson(house);
      return onPerson(person, 'PUT', 'notifications', { channels: [person.channel], topics: ['donations'] });
    },
  },
  {
    operation: 'unsubscribe',
    prepare: async (house) => {
      const { as, channel } = await verifiedPerson(house);
      const path = unsubscribeLink(house.runtime, '', as.sub, channel);
      return { method: 'POST', path, as: undefined, body: 'List-Unsubscribe=One-Click', headers: FORM };
    },
  },
  {
    operation: 'receiveReceipts',
    prepare: async (house) => {
      const { batch } = await handedBatch(house, ['first', 'second']);
      const receipts = [
        { id: `${batch}:first`, status: 'delivered' },
        { id: `${batch}:second`, status: 'failed' },
      ];
      const sent = signedByGateway(house.runtime, house.now(), JSON.stringify(receipts));
      return { method: 'POST', path: '/v1/messages/receipts', as: undefined, ...sent };
    },
  },
  { operation: 'acknowledgeAlert', of: 'safe', prepare: acknowledged([], { state: 'safe' }) },
  { operation: 'acknowledgeAlert', of: 'in need of help', prepare: acknowledged([], { state: 'needHelp', note: '停电' }) },
  { operation: 'acknowledgeAlert', of: 'again', prepare: acknowledged([{ state: 'needHelp' }], { state: 'safe' }) },
  {
    operation: 'acknowledgeAlert',
    of: 'from another community',
    prepare: acknowledged([{ state: 'needHelp' }], { state: 'needHelp', community: ZONGFULU }),
  },
  {
    operation: 'acknowledgeAlert',
    of: 'for somebody',
    prepare: acknowledged([], { state: 'needHelp', onBehalfOf: { name: '李奶奶', phone: '13800000000' }, channel: 'phone' }, worker),
  },
  {
    operation: 'registerRecipient',
    prepare: () => Promise.resolve({ method: 'POST', path: '/v1/care/recipients', as: worker, body: recipient }),
  },
  {
    operation: 'changeRecipient',
    prepare: onRecipient('PATCH', '', { tier: 'key', active: false, endedOn: '2026-11-20', contact: { phone: null } }),
  },
  { operation: 'recordVisit', of: 'well', prepare: onRecipient('POST', '/visits', visit) },
  { operation: 'recordVisit', of: 'in need of help', prepare: onRecipient('POST', '/visits', { ...visit, outcome: 'needsHelp' }) },
  { operation: 'recordVisit', of: 'nobody found', prepare: onRecipient('POST', '/visits', { ...visit, outcome: 'notFound' }) },
  ...FOUNDATION_MUTATIONS,
  ...SURVEY_MUTATIONS,
];
