/** Those who allow it are invited to a survey of their community when it opens, and reminded before it closes: once each. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { begun, heard, type AskedSurvey, type Invitation } from '../../functions/notifications/invitations/invitation.ts';
import { roundsIn } from '../../functions/notifications/invitations/begin-round.ts';
import { inviteToSurvey } from '../../functions/notifications/invite-to-survey.ts';
import { walkReaders } from '../../functions/notifications/walk-readers.ts';
import { VARIABLES } from '../../functions/kernel/environment.ts';
import { DAY, toInstant } from '../../functions/kernel/time.ts';
import type { TokenClaims } from '../../lib/local/issuer.ts';
import { openHouse, type House } from '../support/house.ts';
import { gateway, type MessageGateway } from '../support/message-gateway.ts';
import { somebody, verifiedChannel } from '../support/notified.ts';
import { CAOSHIJIE, DACISI, dispatcher, SHUIJINGFANG } from '../support/people.ts';
import { startWorld, type World } from '../support/world.ts';

let world: World;
let house: House;
let messages: MessageGateway;
beforeAll(async () => {
  [world, house, messages] = await Promise.all([startWorld(), openHouse(), gateway()]);
  house.set(VARIABLES.messageGateway, messages.url);
});
afterAll(() => Promise.all([world.stop(), house.stop(), messages.stop()]));

const outbox = async (to: string): Promise<readonly { about: string; text: string }[]> => {
  await world.settle();
  return (await world.get(`/dev/outbox?to=${encodeURIComponent(to)}`)).body.items;
};
const listens = async (sub: string, division: string, topics: readonly string[]): Promise<string> => {
  const as: TokenClaims = { sub, roles: ['resident'], division };
  const address = `${sub}@example.cn`;
  const { body } = await world.post('/v1/me/channels', as, { kind: 'email', address });
  const code = (await outbox(address))[0]?.text.match(/\d{6}/g)?.at(-1);
  await world.post(`/v1/me/channels/${body.id}/verify`, as, { code });
  expect((await world.put('/v1/me/notifications', as, { channels: [body.id], topics })).status).toBe(200);
  return address;
};
const survey = (opensAt: string, closesAt: string): object => ({
  title: { 'zh-CN': '社区服务', en: 'Services here' },
  questions: [{ id: 'overall', kind: 'rating', text: { 'zh-CN': '总体满意程度' }, required: true, satisfaction: true }],
  audience: { divisions: ['510104017'] },
  opensAt,
  closesAt,
  mode: 'anonymous',
});
const published = async (opensAt: string, closesAt: string): Promise<string> => {
  const { body } = await world.post('/v1/surveys', dispatcher, survey(opensAt, closesAt));
  expect((await world.post(`/v1/surveys/${body.id}/publish`, dispatcher)).status).toBe(200);
  return body.id;
};

test('who allows it and lives there is invited when it opens and reminded two days before its end, and nobody else is', async () => {
  const [asked, neighbour, elsewhere, silent] = [
    await listens('asked', SHUIJINGFANG, ['surveys']),
    await listens('neighbour', DACISI, ['surveys', 'requests']),
    await listens('elsewhere', CAOSHIJIE, ['surveys']),
    await listens('silent', SHUIJINGFANG, ['requests']),
  ];
  const id = await published('2026-11-25T08:00:00+08:00', '2026-12-05T18:00:00+08:00');
  const told = async (): Promise<readonly number[]> =>
    Promise.all(
      [asked, neighbour, elsewhere, silent].map(async (to) => (await outbox(to)).filter(({ about }) => about === `surveys/${id}`).length),
    );
  await world.schedule('heldNotices');
  expect(await told()).toEqual([0, 0, 0, 0]);
  world.turnTo('2026-11-25T08:00:00+08:00');
  await world.schedule('heldNotices');
  expect(await told()).toEqual([1, 1, 0, 0]);
  expect((await outbox(asked))[0]?.text).toBe('邀请您参与调查《社区服务》，2026-12-05 截止。');
  await world.schedule('heldNotices');
  world.turnTo('2026-12-03T18:00:00+08:00');
  await world.schedule('heldNotices');
  expect(await told()).toEqual([2, 2, 0, 0]);
  expect((await outbox(asked))[0]?.text).toBe('调查《社区服务》将于 2026-12-05 截止。如已作答，请忽略。');
  world.turnTo('2026-12-05T10:00:00+08:00');
  await world.schedule('heldNotices');
  expect(await told()).toEqual([2, 2, 0, 0]);
});

test('what is open already is told of at once; what was closed before it opened never is', async () => {
  const address = await listens('prompt', SHUIJINGFANG, ['surveys']);
  const open = await published('2026-11-20T08:00:00+08:00', '2026-12-07T18:00:00+08:00');
  expect((await outbox(address)).map(({ about }) => about)).toContain(`surveys/${open}`);
  const never = await published('2026-12-06T08:00:00+08:00', '2026-12-20T18:00:00+08:00');
  expect((await world.post(`/v1/surveys/${never}/close`, dispatcher)).status).toBe(200);
  await world.settle();
  world.turnTo('2026-12-06T08:00:00+08:00');
  await world.schedule('heldNotices');
  expect((await outbox(address)).map(({ about }) => about)).not.toContain(`surveys/${never}`);
});

const asked = (version: number, more: Partial<AskedSurvey> = {}): AskedSurvey => ({
  id: 'S1',
  version,
  title: { 'zh-CN': '社区服务' },
  audience: { divisions: ['510104017' as never] },
  opensAt: '2026-11-24T00:00:00.000Z' as never,
  closesAt: '2026-12-04T00:00:00.000Z' as never,
  ...more,
});

test('events of a survey in any order come to the same: what is over stays over, and an extension moves the reminder', () => {
  const events = [
    asked(2),
    asked(3, { closesAt: '2026-12-10T00:00:00.000Z' as never }),
    asked(4, { closesAt: '2026-12-10T00:00:00.000Z' as never, closedAt: '2026-12-01T00:00:00.000Z' as never }),
  ];
  const after = (order: readonly number[]): Invitation | undefined =>
    order.reduce<Invitation | undefined>((before, index) => heard(before, events[index] ?? asked(1)) ?? before, undefined);
  for (const order of [
    [0, 1, 2],
    [2, 1, 0],
    [1, 2, 0],
    [0, 2, 1],
  ])
    expect([order, after(order)?.round, after(order)?.dueAt]).toEqual([order, undefined, undefined]);
  const first = heard(undefined, asked(2));
  const invited = first === undefined ? undefined : begun(first);
  expect([first?.round, invited?.round, invited?.dueAt]).toEqual(['invitation', 'reminder', '2026-12-02T00:00:00.000Z']);
  expect(heard(invited, events[1] ?? asked(1))?.dueAt).toBe('2026-12-08T00:00:00.000Z');
  // What is open for less than five days is spoken of once.
  const short = heard(undefined, asked(2, { closesAt: '2026-11-26T00:00:00.000Z' as never }));
  expect(short === undefined ? 'nothing' : begun(short).dueAt).toBeUndefined();
});

test('a crash before or after any call of it, and the event again: everybody is told, by one letter each', async () => {
  const people = await Promise.all(
    Array.from({ length: 3 }, async () => {
      const as = somebody();
      const channel = await verifiedChannel(house, as, `${as.sub}@example.cn`);
      await house.call('PUT', '/v1/me/notifications', { as, body: { channels: [channel], topics: ['surveys'] } });
      return channel;
    }),
  );
  const event = (type: string, item: object): never => ({ detail: { type, data: { version: 2, changed: [], item } } }) as never;
  /** All that follows, as often as it takes. */
  const follow = async (id: string): Promise<void> => {
    await inviteToSurvey(house.runtime)(event('survey.published', asked(2, { id })));
    for (const [, item] of (await house.content(['notifications']))['notifications'] ?? [])
      if (item.sk === 'READING' && item['survey'] === id) await walkReaders(house.runtime)(event('readerWalk.begun', item));
  };
  for (let at = 1; ; at++) {
    const id = `SURVEY${at}`;
    await house.faults.revive();
    house.faults.crashAt(at, at % 2 === 0 ? 'before' : 'after');
    await follow(id).catch(() => undefined);
    const hasCrashed = house.faults.hasCrashed();
    await house.faults.revive();
    await follow(id);
    await follow(id);
    const ids = messages.ids().filter((each) => each.startsWith(`${id}:`));
    expect([at, ids.map((each) => each.split(':').at(-1)).toSorted()]).toEqual([at, people.toSorted()]);
    if (!hasCrashed) break;
    // Few of the calls differ: lists are gone through one like another.
    if (at > 12) break;
  }
});

test('who is told of surveys is found by where they live now, and by nothing when they no longer want to be', async () => {
  const readers = async (sub: string): Promise<readonly string[]> =>
    [...((await house.content(['notifications']))['notifications']?.values() ?? [])]
      .filter(({ pk, sub: of }) => pk.startsWith('READERS#') && of === sub)
      .map(({ sk }) => sk.slice(0, 12));
  const wang = somebody();
  const channel = await verifiedChannel(house, wang);
  const wants = (topics: readonly string[], as: TokenClaims) =>
    house.call('PUT', '/v1/me/notifications', { as, body: { channels: [channel], topics } });
  await wants(['surveys'], wang);
  expect(await readers(wang.sub)).toEqual([SHUIJINGFANG]);
  await wants(['surveys'], { ...wang, division: DACISI });
  expect(await readers(wang.sub)).toEqual([DACISI]);
  await wants(['requests'], wang);
  expect(await readers(wang.sub)).toEqual([]);
  await wants(['surveys'], wang);
  await house.call('DELETE', `/v1/me/channels/${channel}`, { as: wang });
  expect(await readers(wang.sub)).toEqual([]);
});

test('what is closed before its time is not spoken of any more by who is on their way, from the next page on', async () => {
  const as = somebody();
  const channel = await verifiedChannel(house, as, `${as.sub}@example.cn`);
  await house.call('PUT', '/v1/me/notifications', { as, body: { channels: [channel], topics: ['surveys'] } });
  const hear = (survey: AskedSurvey) =>
    inviteToSurvey(house.runtime)({ detail: { data: { version: survey.version, item: survey } } } as never);
  const walk = async (id: string): Promise<number> => {
    const items = [...((await house.content(['notifications']))['notifications'] ?? new Map()).values()];
    for (const item of items.filter(({ sk, survey }) => sk === 'READING' && survey === id))
      await walkReaders(house.runtime)({ detail: { data: { version: 1, item } } } as never);
    return messages.ids().filter((each) => each.startsWith(`${id}:`)).length;
  };
  await hear(asked(2, { id: 'GOES-ON' }));
  expect(await walk('GOES-ON')).toBeGreaterThan(0);
  await hear(asked(2, { id: 'STOPS' }));
  await hear(asked(3, { id: 'STOPS', closedAt: toInstant(house.now()) }));
  expect(await walk('STOPS')).toBe(0);
});

test('a round begins once, and not after the end', async () => {
  const { begin } = roundsIn(house.runtime);
  await inviteToSurvey(house.runtime)({ detail: { data: { version: 2, changed: [], item: asked(2, { id: 'LATE' }) } } } as never);
  house.turn(30 * DAY);
  const before = await house.content(['notifications']);
  await begin('LATE', house.now());
  expect(await house.content(['notifications'])).toEqual(before);
});
