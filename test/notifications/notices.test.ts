/** Requesters and donors are told of what is theirs: once, in their language, by what they chose, and not at night. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CloudEvent } from '../../functions/data/reaction.ts';
import type { Fate, Letter } from '../../functions/notifications/channels/carrier.ts';
import type { Notice } from '../../functions/notifications/notices/notice.ts';
import { requestNotice, TOLD_REQUESTS, type ChangedRequest } from '../../functions/notifications/notices/request-notice.ts';
import { telling } from '../../functions/notifications/notices/tell.ts';
import { HOUR, MINUTE } from '../../functions/kernel/time.ts';
import type { TokenClaims } from '../../lib/local/issuer.ts';
import { openHouse, type House } from '../support/house.ts';
import { somebody, verifiedChannel } from '../support/notified.ts';
import { dispatcher, resident, SHUIJINGFANG, treasurer, worker } from '../support/people.ts';
import { newRequest } from '../support/stages.ts';
import { applyAs } from '../support/providers.ts';
import { startWorld, type World } from '../support/world.ts';

let world: World;
let house: House;
beforeAll(async () => {
  [world, house] = await Promise.all([startWorld(), openHouse()]);
});
afterAll(() => Promise.all([world.stop(), house.stop()]));

interface Sent {
  readonly subject: string;
  readonly text: string;
  readonly about: string;
}
const outbox = async (to: string): Promise<readonly Sent[]> => {
  await world.settle();
  return (await world.get(`/dev/outbox?to=${encodeURIComponent(to)}`)).body.items;
};

/** Verifies a channel by the code that it was sent, and chooses it for these topics. */
const listens = async (as: TokenClaims, address: string, more: object, language = 'zh-CN'): Promise<void> => {
  const { body } = await world.post('/v1/me/channels', as, { kind: 'email', address });
  const [first] = await outbox(address);
  const code = first?.text.match(/\d{6}/g)?.at(-1);
  expect((await world.post(`/v1/me/channels/${body.id}/verify`, as, { code })).body.status).toBe('verified');
  const preferences = { channels: [body.id], topics: ['requests', 'donations'], ...more };
  expect((await world.put('/v1/me/notifications', as, preferences, { 'accept-language': language })).status).toBe(200);
};
const step = (id: string, action: string, as: TokenClaims, body: unknown = {}) => world.post(`/v1/requests/${id}/${action}`, as, body);
const textsOf = (sent: readonly Sent[]): readonly string[] => sent.map(({ text }) => text).toReversed();

test('a requester is told of each step, and nobody else is', async () => {
  await listens(resident, 'wang@example.cn', {});
  const { body } = await world.post('/v1/requests', resident, newRequest);
  await step(body.id, 'accept', dispatcher);
  await step(body.id, 'assign', dispatcher, { to: { kind: 'worker', id: worker.sub } });
  await step(body.id, 'start', worker);
  await step(body.id, 'resolve', worker, { resolution: '已更换灯泡' });
  const sent = (await outbox('wang@example.cn')).filter(({ about }) => about === `requests/${body.id}`);
  const named = `您的诉求 ${body.number}（路灯不亮）`;
  expect(textsOf(sent)).toEqual([
    `${named}已受理，将于 ${body.resolveBy.slice(0, 10)} 前办结。`,
    `${named}已安排人员办理。`,
    `${named}正在办理。`,
    `${named}已办结，请您评价。`,
  ]);
  expect(sent.map(({ subject }) => subject)).toContain(`诉求 ${body.number} 有新进展`);
  expect(JSON.stringify(sent)).not.toContain('已更换灯泡');
});

test('of what was asked for in confidence, not even the service is named, and the reader’s language is theirs', async () => {
  const ying: TokenClaims = { sub: 'resident-ying', roles: ['resident'], division: SHUIJINGFANG };
  await listens(ying, 'ying@example.cn', {}, 'en');
  const { body } = await world.post('/v1/requests', ying, { ...newRequest, service: 'psychologicalSupport', description: '失眠' });
  await step(body.id, 'accept', dispatcher);
  const texts = textsOf((await outbox('ying@example.cn')).filter(({ about }) => about === `requests/${body.id}`));
  expect(texts).toEqual([expect.stringMatching(new RegExp(`^Your request ${body.number} has been accepted, and will be resolved by `))]);
});

test('at night nothing comes, and in the morning what waited, once', async () => {
  const tan: TokenClaims = { sub: 'resident-tan', roles: ['resident'], division: SHUIJINGFANG };
  await listens(tan, 'tan@example.cn', { quietHours: { from: '22:00', to: '07:00' } });
  const { body } = await world.post('/v1/requests', tan, newRequest);
  const sent = async (): Promise<number> => (await outbox('tan@example.cn')).filter(({ about }) => about === `requests/${body.id}`).length;
  world.turnTo('2026-11-24T23:30:00+08:00');
  await step(body.id, 'accept', dispatcher);
  await world.settle();
  await world.schedule('heldNotices', '2026-11-24T23:35:00+08:00');
  expect(await sent()).toBe(0);
  world.turnTo('2026-11-25T07:00:00+08:00');
  await world.schedule('heldNotices');
  expect(await sent()).toBe(1);
  await world.schedule('heldNotices');
  expect(await sent()).toBe(1);
});

test('a donor is told of the receipt, and of what the gift was used for', async () => {
  const donor: TokenClaims = { sub: 'resident-donor', roles: ['resident'], division: SHUIJINGFANG };
  await listens(donor, 'donor@example.cn', {});
  const fund = await world.post('/v1/funds', treasurer, { name: { 'zh-CN': '微基金' }, division: '510104017', purposes: [] });
  const gift = { fund: fund.body.id, amount: 5050, donor: { name: '王芳', anonymous: false }, channel: 'cash' };
  const { body } = await world.post('/v1/donations', donor, gift);
  expect((await world.post(`/v1/donations/${body.id}/confirm`, treasurer)).status).toBe(200);
  const [sent] = await outbox('donor@example.cn');
  expect(sent).toMatchObject({ about: `donations/${body.id}` });
  expect(sent?.text).toMatch(/^感谢您捐赠 50\.50 元，收据已开具，编号 .+-2026-000001。$/);
});

const notice = (sub: string, id: string): Notice => ({
  id,
  topic: 'requests',
  sub,
  subject: { 'zh-CN': '新进展' },
  text: { 'zh-CN': '已受理' },
  about: 'requests/1',
});
/** A carrier that does with each letter what it is told to, and keeps it. */
const carrying = (fateOf: () => Fate) => {
  const letters: Letter[] = [];
  return {
    letters,
    carry: (_channel: unknown, letter: Letter): Promise<Fate> => {
      letters.push(letter);
      return Promise.resolve(fateOf());
    },
  };
};
const chosen = async (as: TokenClaims): Promise<string> => {
  const channel = await verifiedChannel(house, as);
  await house.call('PUT', '/v1/me/notifications', { as, body: { channels: [channel], topics: ['requests'] } });
  return channel;
};
const due = async (carry: ReturnType<typeof carrying>['carry']): Promise<void> => {
  const { sendDue } = telling(house.runtime, carry);
  for (let shard = 0; shard < 8; shard++) await sendDue(shard, house.now(), 100);
};

test('an event that comes again sends nothing again; what a carrier does not take is tried again, and given up in the end', async () => {
  const wang = somebody();
  await chosen(wang);
  const good = carrying(() => ({ kind: 'delivered' }));
  for (let time = 0; time < 3; time++) await telling(house.runtime, good.carry).tell(notice(wang.sub, 'one'));
  expect(good.letters.map(({ id }) => id.split(':')[0])).toEqual(['one']);

  const busy = carrying(() => ({ kind: 'later', why: 'busy' }));
  await telling(house.runtime, busy.carry).tell(notice(wang.sub, 'two'));
  for (let hours = 0; hours < 24; hours++) {
    house.turn(HOUR);
    await due(busy.carry);
  }
  expect(busy.letters.length).toBe(6);
  expect(new Set(busy.letters.map(({ id }) => id)).size).toBe(1);
  expect(house.logs.map(({ code }) => code)).toContain('noticeGivenUp');
});

test('a dead address is retired, and who has changed their mind meanwhile is not told', async () => {
  const wang = somebody();
  const channel = await chosen(wang);
  const gone = carrying(() => ({ kind: 'dead', why: 'gone' }));
  await telling(house.runtime, gone.carry).tell(notice(wang.sub, 'three'));
  expect((await house.get(`/v1/me/channels/${channel}`, wang)).body.status).toBe('dead');

  const li = somebody();
  const other = await chosen(li);
  const busy = carrying(() => ({ kind: 'later', why: 'busy' }));
  await telling(house.runtime, busy.carry).tell(notice(li.sub, 'four'));
  await house.call('PUT', '/v1/me/notifications', { as: li, body: { channels: [other], topics: [] } });
  house.turn(10 * MINUTE);
  await due(busy.carry);
  expect(busy.letters.length).toBe(1);
});

test('a crash before or after any call, and the event again: told, by one letter’s id', async () => {
  for (let at = 1; ; at++) {
    const wang = somebody();
    await chosen(wang);
    await house.faults.revive();
    const good = carrying(() => ({ kind: 'delivered' }));
    house.faults.crashAt(at, at % 2 === 0 ? 'before' : 'after');
    await telling(house.runtime, good.carry)
      .tell(notice(wang.sub, `crash-${at}`))
      .catch(() => undefined);
    const hasCrashed = house.faults.hasCrashed();
    await house.faults.revive();
    await telling(house.runtime, good.carry).tell(notice(wang.sub, `crash-${at}`));
    // Who has died with it in hand is found when their time is over.
    house.turn(5 * MINUTE);
    await due(good.carry);
    expect([at, new Set(good.letters.map(({ id }) => id)).size]).toEqual([at, 1]);
    if (!hasCrashed) break;
  }
});

test('what is being sent is sent by nobody else: not by the schedule at that very moment, nor by the event again', async () => {
  const wang = somebody();
  await chosen(wang);
  const sent: string[] = [];
  // While the first letter is on its way, everybody else looks at it, too.
  const nosy = async (_channel: unknown, { id }: Letter): Promise<Fate> => {
    sent.push(id);
    if (sent.length < 5) {
      await telling(house.runtime, nosy).tell(notice(wang.sub, 'shared'));
      await due(nosy);
    }
    return sent.length === 1 ? { kind: 'later', why: 'busy' } : { kind: 'delivered' };
  };
  await telling(house.runtime, nosy).tell(notice(wang.sub, 'shared'));
  expect(sent).toHaveLength(1);
  house.turn(MINUTE);
  await Promise.all([due(nosy), due(nosy), telling(house.runtime, nosy).tell(notice(wang.sub, 'shared'))]);
  expect(sent).toHaveLength(2);
});

test('every change that is told of has words in both languages, and no other is told of', () => {
  const item: ChangedRequest = {
    id: '0'.repeat(25),
    visibility: 'public',
    service: 'x',
    resolveBy: '2026-11-30T00:00:00.000Z',
  };
  const event = (type: string, of: ChangedRequest): CloudEvent<ChangedRequest> => ({
    specversion: '1.0',
    id: '1',
    source: 'linli/serviceRequests',
    type,
    subject: 'REQUEST#0',
    time: '',
    datacontenttype: 'application/json',
    data: { version: 1, changed: [], item: of },
  });
  for (const type of TOLD_REQUESTS) {
    const told = requestNotice(event(type, item), 'wang', { 'zh-CN': '路灯' });
    expect(told?.text['zh-CN']).toMatch(/（路灯）.+。$/);
    expect(told?.text.en).toMatch(/\(路灯\) .+\.$/);
  }
  expect(requestNotice(event('serviceRequest.rated', item), 'wang', undefined)).toBeUndefined();
});

test('whoever owns a provider is told what was decided on it and what is posted to its credit, without reasons', async () => {
  const boss: TokenClaims = { sub: 'boss-luo', roles: ['resident'], division: SHUIJINGFANG };
  await listens(boss, 'luo@example.cn', { topics: ['providers'] });
  const { id, as } = await applyAs(world.post, { divisions: ['510104', '510105'] }, boss.sub);
  const act = (path: string, body: object = {}, by = dispatcher) => world.post(`/v1/providers/${id}/${path}`, by, body);
  const above: TokenClaims = { ...dispatcher, sub: 'dispatcher-he', division: '510104' };
  await act('admit', { grounds: '齐全' }, above);
  const event = (await act('credit-events', { kind: 'misconduct', reason: '虚报' })).body.id;
  await act('appeal', { event, reason: '不实' }, as);
  await act(`credit-events/${event}/review`, { ruling: 'upheld', reason: '属实' }, above);
  await act('suspend', { reason: '核查' }, above);
  // Admitted by another county meanwhile, it stands there.
  await act('admit', {}, { ...above, division: '510105' });
  await act('remove', { reason: '造假' }, above);
  const sent = (await outbox('luo@example.cn')).filter(({ about }) => about === `providers/${id}`);
  const named = '您登记的服务商锦江便民维修有限公司';
  expect(textsOf(sent)).toEqual([
    `${named}已获准入，范围和期限请查看登记信息。`,
    `${named}新增一项信用事件，可以申诉。`,
    `${named}信用申诉已有裁定。`,
    `${named}已被暂停，原因请查看登记信息。`,
    `${named}已获准入，范围和期限请查看登记信息。`,
    `${named}在部分区划已被移出或未获准入，原因请查看登记信息。`,
  ]);
  expect(JSON.stringify(sent)).not.toMatch(/虚报|核查|造假/);
});
