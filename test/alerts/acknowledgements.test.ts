/** What residents answer to an alert: one standing answer a person, counted where it stands now, and one request where help is needed. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { MINUTE } from '../../functions/kernel/time.ts';
import type { TokenClaims } from '../../lib/local/issuer.ts';
import { openHouse, type Answered, type House } from '../support/house.ts';
import {
  alertOfficer,
  CAOSHIJIE,
  countyDispatcher,
  DACISI,
  dispatcher,
  neighbour,
  otherDispatcher,
  otherOfficer,
  resident,
  SHUIJINGFANG,
  strangeDispatcher,
  strangeWorker,
  worker,
  ZONGFULU,
} from '../support/people.ts';
import { ADMIN } from '../support/world.ts';
import { alertReactions, answer, cityOfficer, issued, strangeOfficer } from './support/alerts.ts';

let house: House;
let reactions: Awaited<ReturnType<typeof alertReactions>>;
let alert: string;
beforeAll(async () => {
  house = await openHouse();
  reactions = await alertReactions(house);
});
afterAll(() => house.stop());
beforeEach(async () => {
  house.turnTo('2026-11-24T09:00:00+08:00');
  alert = await issued(house);
  await reactions.settle();
});

const good = (made: Answered): Answered['body'] => {
  expect([made.status, made.text]).toEqual([201, made.text]);
  return made.body;
};
const says = async (as: TokenClaims, state: string, more: object = {}, of = alert): Promise<Answered['body']> =>
  good(await answer(house, of, as, { state, ...more }));
const reach = async (of = alert, as = alertOfficer): Promise<Answered['body']> => {
  const { status, body, text } = await house.get(`/v1/alerts/${of}/reach`, as);
  expect([status, text]).toEqual([200, text]);
  return body;
};
/** How many have said what, in all and by community. */
const counted = async (of = alert): Promise<unknown> => {
  const { safe, needHelp, byCommunity } = await reach(of);
  return [
    safe,
    needHelp,
    Object.fromEntries(
      byCommunity.map((each: { community: string; safe: number; needHelp: number }) => [each.community, [each.safe, each.needHelp]]),
    ),
  ];
};
const wrong = (made: Answered): unknown => [made.status, made.body.errors?.map(({ path }: { path: string }) => path)];
const some = (sub: string, division = SHUIJINGFANG): TokenClaims => ({ sub, roles: ['resident'], division });

describe('an answer', () => {
  test('is shown to who gave it, staff of its community and officers over it, whole; to others it is not there', async () => {
    const made = await answer(house, alert, resident, {
      state: 'needHelp',
      note: '一楼进水，老人行动不便',
      address: '水井街 1 号',
      location: { lat: 30.65, long: 104.09 },
      contact: { name: '王', phone: '13800000000' },
    });
    const { id } = good(made);
    const path = `/v1/alerts/${alert}/acknowledgements/${id}`;
    expect([made.headers['location'], made.headers['etag']]).toEqual([path, '"1"']);
    expect(made.body).toEqual({
      id,
      alert,
      status: 'actual',
      state: 'needHelp',
      community: SHUIJINGFANG,
      channel: 'app',
      answeredAt: '2026-11-24T01:00:00.000Z',
      firstAnsweredAt: '2026-11-24T01:00:00.000Z',
      note: '一楼进水，老人行动不便',
      address: '水井街 1 号',
      location: { lat: 30.65, long: 104.09 },
      contact: { name: '王', phone: '13800000000' },
      resident: resident.sub,
      request: made.body.request,
    });
    for (const as of [resident, worker, dispatcher, countyDispatcher, alertOfficer, cityOfficer]) {
      const read = await house.get(path, as);
      expect([as.sub, read.status, read.headers['etag'], read.body]).toEqual([as.sub, 200, '"1"', made.body]);
    }
    for (const as of [neighbour, strangeWorker, strangeDispatcher, strangeOfficer, ADMIN, some('x', '5101')])
      expect([as.sub, (await house.get(path, as)).status]).toEqual([as.sub, 404]);
    const other = await issued(house);
    expect((await house.get(`/v1/alerts/${other}/acknowledgements/${id}`, resident)).status).toBe(404);
    expect((await house.get(`/v1/alerts/${alert}/acknowledgements/00000000000000000000000000`, resident)).status).toBe(404);
  });

  test('that somebody else reads is written down, and one’s own is not', async () => {
    const { id } = await says(resident, 'safe');
    const path = `/v1/alerts/${alert}/acknowledgements/${id}`;
    await house.get(path, resident);
    await house.get(path, worker);
    const { body } = await house.get(`/v1/audit?resource=${path.replace('/v1/', '')}`, { sub: 'a', roles: ['auditor'], division: '51' });
    expect(body.items).toMatchObject([{ action: 'read', sub: worker.sub, community: SHUIJINGFANG }]);
  });

  test('takes the place of the one before, and all of it', async () => {
    const first = await says(resident, 'needHelp', { note: '停电', address: '水井街 1 号' });
    house.turn(5 * MINUTE);
    const second = await answer(house, alert, resident, { state: 'safe', community: DACISI });
    expect(good(second)).toEqual({
      id: first.id,
      alert,
      status: 'actual',
      state: 'safe',
      community: DACISI,
      channel: 'app',
      answeredAt: '2026-11-24T01:05:00.000Z',
      firstAnsweredAt: '2026-11-24T01:00:00.000Z',
      resident: resident.sub,
      request: first.request,
    });
    expect(second.headers['etag']).toBe('"2"');
    expect(await counted()).toEqual([1, 0, { [DACISI]: [1, 0] }]);
  });

  test('is of the home community unless another is named, and one of those has to be', async () => {
    expect((await says(resident, 'safe')).community).toBe(SHUIJINGFANG);
    expect((await says(neighbour, 'safe', { community: ZONGFULU })).community).toBe(ZONGFULU);
    expect(wrong(await answer(house, alert, some('traveller', '5101'), { state: 'safe' }))).toEqual([422, ['community']]);
    expect(wrong(await answer(house, alert, { sub: 'nowhere', roles: ['resident'] }, { state: 'safe' }))).toEqual([422, ['community']]);
    for (const community of ['510104017999', '310101001001'])
      expect(wrong(await answer(house, alert, resident, { state: 'safe', community }))).toEqual([422, ['community']]);
    await house.call('PUT', `/v1/divisions/${CAOSHIJIE}`, { as: ADMIN, body: { name: '草市街社区', active: false } });
    expect(wrong(await answer(house, alert, some('late', CAOSHIJIE), { state: 'needHelp' }))).toEqual([422, ['community']]);
    await house.call('PUT', `/v1/divisions/${CAOSHIJIE}`, { as: ADMIN, body: { name: '草市街社区' } });
  });

  test('is taken of what has been replaced, ended or has expired: people answer late; of what waits, or is not there, it is not', async () => {
    const update = await house.post(`/v1/alerts/${alert}/cancel`, alertOfficer, {});
    expect(update.status).toBe(201);
    await says(resident, 'safe');
    await says(resident, 'safe', {}, update.body.id);
    house.turnTo('2026-11-25T09:00:00+08:00');
    await says(neighbour, 'needHelp');
    expect(await counted()).toEqual([1, 1, { [SHUIJINGFANG]: [1, 1] }]);
    expect((await answer(house, '00000000000000000000000000', resident, { state: 'safe' })).status).toBe(404);
    house.turnTo('2026-11-24T09:00:00+08:00');
    await house.call('PUT', '/v1/settings/alertSecondPerson', { as: ADMIN, body: { value: { colours: ['red'] } } });
    const waiting = await issued(house, { colour: 'red' });
    for (const path of ['acknowledgements', 'reach'])
      expect([path, (await house.get(`/v1/alerts/${waiting}/${path}`, alertOfficer)).status]).toEqual([path, 404]);
    expect((await answer(house, waiting, resident, { state: 'safe' })).status).toBe(404);
    expect((await house.post(`/v1/alerts/${waiting}/approve`, otherOfficer)).status).toBe(200);
    await says(resident, 'safe', {}, waiting);
    await house.call('PUT', '/v1/settings/alertSecondPerson', { as: ADMIN, body: { value: { colours: [] } } });
  });

  test('is told of on the bus and in the log without a word that is anybody’s, needed help or not', async () => {
    const words = { note: '停电XQ01', address: '地址XQ02', contact: { name: '姓名XQ03', phone: '13812340007' } };
    const told = /XQ0|13812340007|sub-XQ/;
    const lines = house.logs.length;
    await says(some('sub-XQ04'), 'safe', words);
    await says({ ...worker, sub: 'sub-XQ05' }, 'safe', { ...words, onBehalfOf: { name: '老人XQ06', phone: '13812340007' } });
    const { id } = await says(some('sub-XQ04'), 'needHelp', words);
    await house.get(`/v1/alerts/${alert}/acknowledgements/${id}`, worker);
    const events = await reactions.events();
    expect(events.map((each) => each['detail-type'])).toContain('acknowledgement.needsHelp');
    for (const event of events) expect(JSON.stringify(event)).not.toMatch(told);
    for (const event of events) await reactions.deliver(event);
    expect(JSON.stringify(house.logs.slice(lines))).not.toMatch(told);
  });

  test('that is sent again with its key is the same answer, and told so', async () => {
    const body = { state: 'needHelp', note: '需要轮椅' };
    const first = await answer(house, alert, resident, body, { key: 'once' });
    const again = await answer(house, alert, resident, body, { key: 'once' });
    expect([again.status, again.body, again.headers['idempotency-replayed']]).toEqual([201, first.body, 'true']);
    expect((await answer(house, alert, resident, { state: 'safe' }, { key: 'once' })).status).toBe(422);
    expect(await counted()).toEqual([0, 1, { [SHUIJINGFANG]: [0, 1] }]);
  });
});

describe('for somebody', () => {
  const grandmother = { name: '李奶奶', phone: '138-0000-1111' };

  test('a worker or dispatcher of the community answers, and nobody else; who takes it down is told', async () => {
    const made = await says(worker, 'needHelp', { onBehalfOf: grandmother, channel: 'phone' });
    expect(made).toMatchObject({ onBehalfOf: grandmother, channel: 'phone', recordedBy: worker.sub, community: SHUIJINGFANG });
    expect(made.resident).toBeUndefined();
    expect(await says(dispatcher, 'safe', { onBehalfOf: grandmother, community: DACISI })).toMatchObject({ channel: 'proxy' });
    const body = { state: 'safe', onBehalfOf: grandmother, community: SHUIJINGFANG };
    for (const as of [resident, strangeWorker, strangeDispatcher, { ...worker, division: DACISI }])
      expect([as.sub, (await answer(house, alert, as, body)).status]).toEqual([as.sub, 403]);
    // Their own answer is a resident's.
    expect((await answer(house, alert, worker, { state: 'safe' })).status).toBe(403);
    expect((await answer(house, alert, resident, { state: 'safe', channel: 'counter' })).status).toBe(403);
    const both: TokenClaims = { ...worker, roles: ['worker', 'resident'] };
    expect(wrong(await answer(house, alert, both, { state: 'safe', channel: 'counter' }))).toEqual([422, ['onBehalfOf']]);
    expect((await answer(house, alert, both, { state: 'safe' })).status).toBe(201);
  });

  test('with a `sub`, it is that person’s own answer, who sees it and may change it', async () => {
    const made = await says(worker, 'needHelp', { onBehalfOf: { name: '王', sub: resident.sub }, channel: 'phone' });
    expect((await house.get(`/v1/alerts/${alert}/acknowledgements/${made.id}`, resident)).status).toBe(200);
    expect(await says(resident, 'safe')).toMatchObject({ id: made.id, request: made.request });
    expect(await counted()).toEqual([1, 0, { [SHUIJINGFANG]: [1, 0] }]);
  });

  test('with a `sub`, who answered elsewhere is out of the reach of workers who are not of that place, too', async () => {
    const made = await says(resident, 'needHelp', { note: '在家里' });
    const body = { state: 'safe', community: CAOSHIJIE, onBehalfOf: { name: '王', sub: resident.sub } };
    const path = `/v1/alerts/${alert}/acknowledgements/${made.id}`;
    for (const as of [strangeWorker, strangeDispatcher]) {
      const refused = await answer(house, alert, as, body);
      expect([refused.status, refused.text.includes('在家里')]).toEqual([403, false]);
    }
    expect((await house.get(path, resident)).body).toEqual(made);
    // Who has not answered yet is anybody's whose community they are in; from then on, theirs.
    const first = await says(strangeWorker, 'needHelp', { ...body, state: 'needHelp', onBehalfOf: { name: '李', sub: neighbour.sub } });
    expect((await answer(house, alert, worker, { state: 'safe', onBehalfOf: { name: '李', sub: neighbour.sub } })).status).toBe(403);
    expect(await says(neighbour, 'safe')).toMatchObject({ id: first.id, community: SHUIJINGFANG });
  });

  test('without one, name and telephone tell persons from each other, or name and address, however they are written', async () => {
    const id = async (onBehalfOf: object, more: object = {}): Promise<string> =>
      (await says(worker, 'safe', { onBehalfOf, channel: 'proxy', ...more })).id;
    const byPhone = await id(grandmother);
    expect(await id({ ...grandmother, phone: '+86 138 0000 1111' })).toBe(byPhone);
    expect(await id({ name: '李奶奶' }, { contact: { phone: '13800001111' } })).toBe(byPhone);
    expect(await id({ name: '李爷爷', phone: '138-0000-1111' })).not.toBe(byPhone);
    const byAddress = await id({ name: '王芳' }, { address: '水井街 1 号' });
    expect(await id({ name: '王芳' }, { address: '水井街 1 号' })).toBe(byAddress);
    expect(await id({ name: '王芳' }, { address: '水井街 2 号' })).not.toBe(byAddress);
    expect(await counted()).toEqual([4, 0, { [SHUIJINGFANG]: [4, 0] }]);
  });

  test('of a name alone each answer is another person’s: help is asked for twice sooner than lost', async () => {
    const one = await says(worker, 'needHelp', { onBehalfOf: { name: '王芳' } });
    const other = await says(worker, 'needHelp', { onBehalfOf: { name: '王芳' } });
    expect(one.id).not.toBe(other.id);
    expect(one.request).not.toBe(other.request);
    expect(await counted()).toEqual([0, 2, { [SHUIJINGFANG]: [0, 2] }]);
  });
});

describe('the request for help', () => {
  const requestsOf = async (as = countyDispatcher): Promise<readonly Answered['body'][]> =>
    (await house.get('/v1/requests?service=urgentHelp&limit=100', as)).body.items;

  test('is opened for who needs it: urgent, confidential, respond within 30 minutes, with what they have told', async () => {
    const told = {
      note: '一楼进水',
      address: '水井街 1 号',
      location: { lat: 30.65, long: 104.09 },
      contact: { name: '王', phone: '13800000000' },
    };
    const { request } = await says(resident, 'needHelp', told);
    expect((await house.get(`/v1/requests/${request}`, resident)).status).toBe(404);
    await reactions.settle();
    const { note: description, ...rest } = told;
    const { body } = await house.get(`/v1/requests/${request}`, resident);
    expect(body).toMatchObject({
      ...rest,
      id: request,
      service: 'urgentHelp',
      description,
      priority: 'urgent',
      visibility: 'confidential',
      status: 'submitted',
      community: SHUIJINGFANG,
      channel: 'app',
      requester: resident.sub,
      requestedAt: '2026-11-24T01:00:00.000Z',
      respondBy: '2026-11-24T01:30:00.000Z',
      history: [{ action: 'submit', by: resident.sub, note: '响应预警：锦江区发布暴雨橙色预警' }],
    });
    // As of any confidential one: the dispatchers of its community, until one of them takes it on.
    for (const as of [dispatcher, otherDispatcher, countyDispatcher]) expect((await requestsOf(as)).map(({ id }) => id)).toContain(request);
    for (const as of [worker, neighbour, strangeDispatcher, alertOfficer])
      expect([as.sub, (await house.get(`/v1/requests/${request}`, as)).status]).toEqual([as.sub, 404]);
    expect((await house.post(`/v1/requests/${request}/accept`, dispatcher)).status).toBe(200);
    expect((await house.get(`/v1/requests/${request}`, otherDispatcher)).status).toBe(404);
    expect((await house.get('/v1/me/requests', resident)).body.items.map(({ id }: { id: string }) => id)).toContain(request);
  });

  test('says which alert it is about where nobody has said what is needed, and for whom a worker asked', async () => {
    const { request } = await says(worker, 'needHelp', { onBehalfOf: { name: '李奶奶' }, channel: 'phone' });
    await reactions.settle();
    const { body } = await house.get(`/v1/requests/${request}`, dispatcher);
    expect(body).toMatchObject({
      description: '收到预警“锦江区发布暴雨橙色预警”后求助',
      onBehalfOf: { name: '李奶奶' },
      channel: 'phone',
      recordedBy: worker.sub,
      history: [{ action: 'submit', by: worker.sub }],
    });
    expect(body.requester).toBeUndefined();
  });

  test('is one, however often somebody needs help, says that they are safe, and moves between', async () => {
    const before = (await requestsOf()).length;
    const answers = [];
    for (const [state, community] of [
      ['needHelp', SHUIJINGFANG],
      ['safe', SHUIJINGFANG],
      ['needHelp', DACISI],
      ['safe', ZONGFULU],
      ['needHelp', SHUIJINGFANG],
    ] as const)
      answers.push(await says(resident, state, { community }));
    expect(new Set(answers.map(({ request }) => request)).size).toBe(1);
    await reactions.settle();
    expect(await requestsOf()).toHaveLength(before + 1);
    expect(await counted()).toEqual([0, 1, { [SHUIJINGFANG]: [0, 1] }]);
  });

  test('is one however often and in whatever order that is told of, also while it is worked on', async () => {
    const before = (await requestsOf(dispatcher)).length;
    await says(resident, 'needHelp', { note: '一' });
    await says(resident, 'safe');
    const { request } = await says(resident, 'needHelp', { note: '三' });
    const events = await reactions.events();
    expect(events.map((event) => event['detail-type'])).toEqual([
      'acknowledgement.needsHelp',
      'acknowledgement.safe',
      'acknowledgement.needsHelp',
    ]);
    for (const event of [...events.toReversed(), ...events]) await reactions.deliver(event);
    await Promise.all(events.map((event) => reactions.deliver(event)));
    expect((await house.post(`/v1/requests/${request}/accept`, dispatcher)).status).toBe(200);
    for (const event of events) await reactions.deliver(event);
    expect((await house.get(`/v1/requests/${request}`, dispatcher)).body).toMatchObject({ status: 'accepted', description: '三' });
    expect(await requestsOf(dispatcher)).toHaveLength(before + 1);
  });

  test('tells helpers, and nobody on the bus, what was said since: a newer place and note, or that the person is safe, once each', async () => {
    const { request } = await says(resident, 'needHelp', { note: '一楼进水', address: '水井街 1 号' });
    await reactions.settle();
    const comments = async (as = dispatcher): Promise<readonly Answered['body'][]> =>
      (await house.get(`/v1/requests/${request}`, as)).body.comments;
    expect(await comments()).toEqual([]);
    house.turn(MINUTE);
    const newer = { note: '已到屋顶', community: DACISI, address: '蜀都大道 9 号', location: { lat: 30.65, long: 104.08 } };
    await says(resident, 'needHelp', { ...newer, contact: { phone: '13800000000' } });
    const events = await reactions.events();
    for (const event of [...events, ...events]) await reactions.deliver(event);
    expect(await comments()).toMatchObject([
      {
        internal: true,
        at: '2026-11-24T01:01:00.000Z',
        text: `对方最新回复：仍需帮助\n说明：已到屋顶\n社区：${DACISI}\n地址：蜀都大道 9 号\n位置：30.65,104.08\n联系：13800000000`,
      },
    ]);
    expect((await house.post(`/v1/requests/${request}/accept`, dispatcher)).status).toBe(200);
    house.turn(MINUTE);
    await says(resident, 'safe');
    await reactions.settle();
    expect((await comments()).map(({ text }) => text.split('\n')[0])).toEqual(['对方最新回复：仍需帮助', '对方最新回复：已安全']);
    expect((await house.get(`/v1/requests/${request}`, dispatcher)).body).toMatchObject({ status: 'accepted', description: '一楼进水' });
  });

  test('is opened for each alert that somebody answers so', async () => {
    const other = await issued(house);
    const requests = [(await says(resident, 'needHelp')).request, (await says(resident, 'needHelp', {}, other)).request];
    expect(new Set(requests).size).toBe(2);
  });

  test('is opened where the service is not offered any more: in danger nobody is turned away', async () => {
    const { body: service } = await house.get('/v1/services/urgentHelp');
    const { code: _code, version: _version, ...rest } = service;
    expect((await house.call('PUT', '/v1/services/urgentHelp', { as: ADMIN, body: { ...rest, active: false } })).status).toBe(200);
    const { request } = await says(resident, 'needHelp');
    await reactions.settle();
    expect((await house.get(`/v1/requests/${request}`, resident)).status).toBe(200);
    await house.call('PUT', '/v1/services/urgentHelp', { as: ADMIN, body: rest });
  });

  test.each(['exercise', 'test'])('is not opened in an %s, which has its own reach and is marked everywhere', async (status) => {
    const drill = await issued(house, { status });
    const before = (await requestsOf()).length;
    const made = await says(resident, 'needHelp', {}, drill);
    expect([made.status, made.request]).toEqual([status, undefined]);
    await reactions.settle();
    expect(await requestsOf()).toHaveLength(before);
    expect(await reach(drill)).toMatchObject({ status, needHelp: 1, safe: 0 });
    expect(await reach()).toMatchObject({ status: 'actual', needHelp: 0, byCommunity: [] });
    expect((await house.get(`/v1/alerts/${drill}/acknowledgements`, dispatcher)).body.items).toMatchObject([{ status, id: made.id }]);
  });
});

describe('the list', () => {
  const list = async (as: TokenClaims, query = ''): Promise<Answered> => house.get(`/v1/alerts/${alert}/acknowledgements${query}`, as);
  const ids = async (as: TokenClaims, query = ''): Promise<readonly string[]> =>
    (await list(as, query)).body.items.map(({ id }: { id: string }) => id);

  test('shows staff and officers who needs help where they are, the latest first, and no private field', async () => {
    const made: Answered['body'][] = [];
    for (const [index, [community, state]] of (
      [
        [SHUIJINGFANG, 'needHelp'],
        [SHUIJINGFANG, 'safe'],
        [DACISI, 'needHelp'],
        [SHUIJINGFANG, 'needHelp'],
        [CAOSHIJIE, 'needHelp'],
        [ZONGFULU, 'safe'],
      ] as const
    ).entries()) {
      house.turn(MINUTE);
      made.push(await says(some(`r-${index}`), state, { community, note: '密', address: '密', contact: { phone: '13800000000' } }));
    }
    const [first, safe, dacisi, last, caoshijie, zongfulu] = made.map(({ id }) => id);
    expect(await ids(worker, '?state=needHelp')).toEqual([last, first]);
    expect(await ids(worker)).toEqual([last, safe, first]);
    expect(await ids(dispatcher, '?state=needHelp')).toEqual([dacisi, last, first]);
    expect(await ids(countyDispatcher)).toEqual([zongfulu, dacisi, last, safe, first]);
    expect(await ids(alertOfficer, '?state=safe')).toEqual([zongfulu, safe]);
    expect(await ids(cityOfficer)).toEqual([caoshijie, zongfulu, dacisi, last, safe, first]);
    expect(await ids(cityOfficer, `?community=${DACISI}&state=needHelp`)).toEqual([dacisi]);
    expect(await ids(strangeOfficer)).toEqual([caoshijie]);
    expect((await list(worker)).text).not.toMatch(/密|13800000000|r-\d/);
    expect((await list(worker)).body.items[0]).toEqual({
      id: last,
      alert,
      status: 'actual',
      state: 'needHelp',
      community: SHUIJINGFANG,
      channel: 'app',
      answeredAt: '2026-11-24T01:04:00.000Z',
      request: made[3]?.request,
    });
    // Who is safe by now no longer stands among those who need help.
    await says(some('r-0'), 'safe');
    expect(await ids(worker, '?state=needHelp')).toEqual([last]);
  });

  test('goes on where a page ended, over counties, without gaps', async () => {
    const made = new Set<string>();
    for (let index = 0; index < 12; index++) {
      house.turn(MINUTE);
      made.add((await says(some(`r-${index}`), 'safe', { community: [SHUIJINGFANG, CAOSHIJIE, DACISI][index % 3] })).id);
    }
    const whole = await ids(cityOfficer, '?limit=100');
    expect(new Set(whole)).toEqual(made);
    const paged: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const { body } = await list(cityOfficer, `?limit=5${cursor === '' ? '' : `&cursor=${cursor}`}`);
      paged.push(...body.items.map(({ id }: { id: string }) => id));
      cursor = body.next;
    }
    expect(paged).toEqual(whole);
  });

  test('ends where the caller’s division ends', async () => {
    expect((await list(worker, `?community=${DACISI}`)).status).toBe(403);
    for (const as of [resident, ADMIN]) expect([as.sub, (await list(as)).status]).toEqual([as.sub, 403]);
  });
});

describe('the reach', () => {
  test('is for officers of the division that issued it, and of those above it', async () => {
    expect((await reach(alert, cityOfficer)).status).toBe('actual');
    for (const as of [strangeOfficer, { ...alertOfficer, division: '510104017' }, dispatcher, ADMIN])
      expect([as.sub, (await house.get(`/v1/alerts/${alert}/reach`, as)).status]).toEqual([as.sub, 403]);
    expect((await house.get('/v1/alerts/00000000000000000000000000/reach', alertOfficer)).status).toBe(404);
  });

  test('keeps its ETag while nothing is answered', async () => {
    const read = (headers = {}) => house.call('GET', `/v1/alerts/${alert}/reach`, { as: alertOfficer, headers });
    await says(resident, 'safe');
    const { headers } = await read();
    expect((await read({ 'if-none-match': headers['etag'] })).status).toBe(304);
    await says(neighbour, 'safe');
    expect((await read({ 'if-none-match': headers['etag'] })).status).toBe(200);
  });
});
