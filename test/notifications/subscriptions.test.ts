/** What people want to be told of, and that the entries which the planning of an alert finds are what follows from it, always. */
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { channelDied } from '../../functions/notifications/channel-died.ts';
import type { DivisionCode } from '../../functions/kernel/division.ts';
import type { Person } from '../../functions/notifications/person.ts';
import { peopleRepository } from '../../functions/notifications/repository.ts';
import { notificationsTable } from '../../functions/notifications/table.ts';
import { listOf, subscribersOf } from '../../functions/notifications/subscriber.ts';
import { unsubscribeLink } from '../../functions/notifications/unsubscribe-link.ts';
import { newId } from '../../functions/kernel/id.ts';
import { MINUTE } from '../../functions/kernel/time.ts';
import type { TokenClaims } from '../../lib/local/issuer.ts';
import { LONG, newSeed } from '../support/faults.ts';
import { openHouse, type Answered, type House, type StoredItem } from '../support/house.ts';
import { CAOSHIJIE, DACISI, SHUIJINGFANG } from '../support/people.ts';
import { codeIn, somebody, subscribe, verifiedChannel } from '../support/notified.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.stop());

interface Kept {
  readonly person: Person | undefined;
  readonly entries: readonly Readonly<Record<string, unknown>>[];
}

/** What the table has of somebody. */
const keptOf = async (sub: string): Promise<Kept> => {
  const items = [...((await house.content(['notifications']))['notifications']?.values() ?? [])].filter((item) => item['sub'] === sub);
  return {
    person: items.find(({ pk }) => pk.startsWith('PERSON#')) as Person | undefined,
    entries: items.filter(({ pk }) => pk.startsWith('SUBSCRIBERS#')),
  };
};

const inOrder = (all: readonly object[]): readonly string[] =>
  all
    .map((each) =>
      JSON.stringify(each, (_, value: unknown) =>
        typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.fromEntries(Object.entries(value).toSorted()) : value,
      ),
    )
    .toSorted();

/** The same, of the lists alone that somebody lies in who has subscribed to those divisions. */
const keptIn = async (sub: string, divisions: readonly DivisionCode[]): Promise<Kept> => {
  const { database } = house.runtime;
  const person = await peopleRepository(database).read(sub);
  if (person === undefined) return { person, entries: [] };
  const lists = new Set(divisions.map((division) => `SUBSCRIBERS#${listOf(division, person.key)}`));
  const pages = await Promise.all(
    [...lists].map((partition) => database.query<StoredItem>(notificationsTable, { partition, consistent: true })),
  );
  return { person, entries: pages.flatMap(({ items }) => items).filter((each) => each['sub'] === sub) };
};

/** The entries are a recount of the person: none missing, none left, nothing old in any. */
const expectRecount = async (sub: string, within?: readonly DivisionCode[]): Promise<Kept> => {
  const kept = await (within === undefined ? keptOf(sub) : keptIn(sub, within));
  const expected = (kept.person === undefined ? [] : subscribersOf(kept.person)).map((each) => ({
    ...each,
    pk: `SUBSCRIBERS#${listOf(each.division, each.person)}`,
    sk: `${each.division}#${each.person}`,
  }));
  expect(inOrder(kept.entries)).toEqual(inOrder(expected));
  return kept;
};

const preferring = (as: TokenClaims, body: object, ifMatch?: string): Promise<Answered> =>
  house.call('PUT', '/v1/me/notifications', { as, body, ifMatch });

test('who has said nothing has nothing, of version 0', async () => {
  const wang = somebody();
  for (const [path, body] of [
    ['/v1/me/alert-subscriptions', { subscriptions: [] }],
    ['/v1/me/notifications', { channels: [], topics: [] }],
  ] as const) {
    const answer = await house.get(path, wang);
    expect([answer.status, answer.body, answer.headers['etag']]).toEqual([200, body, '"0"']);
  }
  expect((await house.get('/v1/me/channels', wang)).body).toEqual({ items: [], next: null });
  expect((await subscribe(house, wang, [], { ifMatch: '"0"' })).status).toBe(200);
  expect((await preferring(wang, { channels: [], topics: [] }, '"0"')).status).toBe(412);
});

test('what is subscribed to is kept as it was said, and lies in an entry for each division, in its county’s lists', async () => {
  const wang = somebody();
  const [mail, phone] = [await verifiedChannel(house, wang), await verifiedChannel(house, wang, '13812345678', 'sms')];
  const asked = [
    { division: SHUIJINGFANG, minimumColour: 'blue', channels: [mail, phone] },
    { division: '5101', minimumColour: 'red', channels: [phone, phone] },
  ];
  const answer = await subscribe(house, wang, asked, { headers: { 'accept-language': 'en' } });
  expect(answer.body.subscriptions).toEqual([asked[0], { ...asked[1], channels: [phone] }]);
  const { person, entries } = await expectRecount(wang.sub);
  expect(entries.map(({ pk }) => String(pk).split('#').slice(0, 2))).toEqual(
    expect.arrayContaining([
      ['SUBSCRIBERS', '510104'],
      ['SUBSCRIBERS', '5101'],
    ]),
  );
  for (const entry of entries)
    expect(entry).toMatchObject({ home: SHUIJINGFANG, language: 'en', subscriptions: answer.body.subscriptions, person: person?.key });
});

test('a channel counts from when it is verified, and no longer than it is there, alive and wanted', async () => {
  const wang = somebody();
  const { body: channel } = await house.post('/v1/me/channels', wang, { kind: 'email', address: 'wang@example.cn' });
  await subscribe(house, wang, [{ division: '510104', channels: [channel.id] }]);
  expect((await expectRecount(wang.sub)).entries).toEqual([]);
  await house.post(`/v1/me/channels/${channel.id}/verify`, wang, { code: codeIn(house, channel) });
  expect((await expectRecount(wang.sub)).entries.length).toBe(1);

  const died = { runtime: house.runtime, sub: wang.sub, now: house.now(), requestId: 'a-fate' };
  await channelDied(died, channel.id);
  await channelDied({ ...died, requestId: 'the-same-fate' }, channel.id);
  const { person, entries } = await expectRecount(wang.sub);
  expect([person?.version, entries]).toEqual([4, []]);
  expect((await house.get(`/v1/me/channels/${channel.id}`, wang)).body).toMatchObject({ status: 'dead', actions: [] });
  // Added again it is wanted where it was.
  const { body: again } = await house.post('/v1/me/channels', wang, { kind: 'email', address: 'wang@example.cn' });
  await house.post(`/v1/me/channels/${again.id}/verify`, wang, { code: codeIn(house, again) });
  expect((await expectRecount(wang.sub)).entries.length).toBe(1);

  await house.call('DELETE', `/v1/me/channels/${channel.id}`, { as: wang });
  expect((await expectRecount(wang.sub)).entries).toEqual([]);
  expect((await house.get('/v1/me/alert-subscriptions', wang)).body.subscriptions).toEqual([
    { division: '510104', minimumColour: 'blue', channels: [] },
  ]);
});

test('a channel that has died while nobody knows of it, or of its owner, is nobody’s fault', async () => {
  const change = { runtime: house.runtime, sub: 'nobody-at-all', now: house.now(), requestId: 'a-fate' };
  await channelDied(change, 'no-channel');
  expect(await keptOf('nobody-at-all')).toEqual({ person: undefined, entries: [] });
});

test('every wrong field is named: divisions that are none, channels that are not one’s own, hours of no length', async () => {
  const wang = somebody();
  const mail = await verifiedChannel(house, wang);
  const answer = await subscribe(house, wang, [
    { division: '510104', channels: [mail] },
    { division: '999999', channels: [mail, 'ZZZZZZZZZZZZZZZZZZZZZZZZZZ'] },
  ]);
  expect(answer.body.errors.map(({ path }: { path: string }) => path)).toEqual(['subscriptions.1.division', 'subscriptions.1.channels.1']);
  const hours = await preferring(wang, { channels: [mail], topics: [], quietHours: { from: '22:00', to: '22:00' } });
  expect(hours.body.errors.map(({ path }: { path: string }) => path)).toEqual(['quietHours.to']);
  for (const time of ['24:00', '7:00', '07:60', '07:00:00', ''])
    expect([time, (await preferring(wang, { channels: [], topics: [], quietHours: { from: time, to: '08:00' } })).status]).toEqual([
      time,
      422,
    ]);
  const many = Array.from({ length: 21 }, () => ({ division: '510104', channels: [mail] }));
  expect((await subscribe(house, wang, many)).status).toBe(422);
  expect((await expectRecount(wang.sub)).entries).toEqual([]);
});

test('what else somebody is told of is theirs to say, and keeps nothing of what they said before', async () => {
  const wang = somebody();
  const mail = await verifiedChannel(house, wang);
  const first = await preferring(wang, {
    channels: [mail, mail],
    topics: ['requests', 'requests'],
    quietHours: { from: '22:00', to: '07:00' },
  });
  expect(first.body).toEqual({ channels: [mail], topics: ['requests'], quietHours: { from: '22:00', to: '07:00' } });
  const next = await preferring(wang, { channels: [], topics: ['donations'] }, first.headers['etag']);
  expect(next.body).toEqual({ channels: [], topics: ['donations'] });
  expect((await house.get('/v1/me/notifications', wang)).body).toEqual(next.body);
});

test('only a community is a home; who moves is told of there from the next time that they say anything', async () => {
  const wang = somebody();
  const mail = await verifiedChannel(house, wang);
  await subscribe(house, wang, [{ division: '5101', channels: [mail] }]);
  expect((await expectRecount(wang.sub)).entries[0]).toMatchObject({ home: SHUIJINGFANG, language: 'zh-CN' });
  await house.call('PUT', '/v1/me/notifications', {
    as: { ...wang, division: DACISI },
    body: { channels: [], topics: [] },
    headers: { 'accept-language': 'en' },
  });
  expect((await expectRecount(wang.sub)).entries[0]).toMatchObject({ home: DACISI, language: 'en' });
  await preferring({ ...wang, division: '5101' }, { channels: [], topics: [] });
  expect((await expectRecount(wang.sub)).entries[0]).not.toHaveProperty('home');
});

test('of two who say it at once with one If-Match, one is heard; without any, both, one after the other', async () => {
  const wang = somebody();
  const mail = await verifiedChannel(house, wang);
  const put = (division: string, ifMatch?: string): Promise<Answered> =>
    subscribe(house, wang, [{ division, channels: [mail] }], ifMatch === undefined ? {} : { ifMatch });
  const matching = await Promise.all([SHUIJINGFANG, DACISI, CAOSHIJIE, '510104', '5101'].map((division) => put(division, '"2"')));
  expect(matching.map(({ status }) => status).toSorted()).toEqual([200, 412, 412, 412, 412]);
  await expectRecount(wang.sub);
  const both = await Promise.all([put(SHUIJINGFANG), put(DACISI)]);
  expect(both.map(({ status }) => status)).toEqual([200, 200]);
  expect(new Set(both.map(({ headers }) => headers['etag']))).toEqual(new Set(['"4"', '"5"']));
  expect((await expectRecount(wang.sub)).entries.length).toBe(1);
});

const DIVISIONS = [
  SHUIJINGFANG,
  DACISI,
  CAOSHIJIE,
  '510104017',
  '510104',
  '510105',
  '5101',
  '51',
] as readonly string[] as readonly DivisionCode[];
type Action =
  | { readonly kind: 'add' | 'verify' | 'tryWrong' | 'remove' | 'unsubscribe' | 'die'; readonly channel: number }
  | { readonly kind: 'subscribe'; readonly subscriptions: readonly { division: number; channels: readonly number[] }[] }
  | { readonly kind: 'prefer'; readonly channels: readonly number[] }
  | { readonly kind: 'wait' };
const channel = fc.nat(3);
const subscribed = fc.record({
  kind: fc.constant('subscribe' as const),
  subscriptions: fc.array(
    fc.record({ division: fc.nat(DIVISIONS.length - 1), channels: fc.array(channel, { minLength: 1, maxLength: 4 }) }),
    { minLength: 1, maxLength: 6 },
  ),
});
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 4, arbitrary: subscribed },
  { weight: 6, arbitrary: fc.record({ kind: fc.constantFrom('add' as const, 'verify' as const), channel }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom('tryWrong' as const, 'remove' as const, 'unsubscribe' as const, 'die' as const),
      channel,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('prefer' as const), channels: fc.array(channel, { maxLength: 3 }) }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'wait' as const }) },
);
/** What every sequence begins with: two channels that are used. */
const BEGINNING: readonly Action[] = [
  { kind: 'add', channel: 0 },
  { kind: 'verify', channel: 0 },
  { kind: 'add', channel: 1 },
  { kind: 'verify', channel: 1 },
  { kind: 'subscribe', subscriptions: [{ division: 0, channels: [0, 1] }] },
];

test('whatever somebody does in whatever order, the entries are what a recount finds', { timeout: LONG ? 600_000 : 60_000 }, async () => {
  /** How many entries there were after each step: a search that finds none proves nothing. */
  const seen = new Map<number, number>();
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 4, maxLength: LONG ? 24 : 12 }), async (actions) => {
      const wang = somebody();
      const ids = new Map<number, { id: string; addedAt: string }>();
      const named = (channels: readonly number[]): readonly string[] => channels.flatMap((each) => ids.get(each)?.id ?? []);
      const perform = async (each: Action): Promise<Answered | undefined> => {
        const id = 'channel' in each ? ids.get(each.channel)?.id : undefined;
        switch (each.kind) {
          case 'wait':
            house.turn(20 * MINUTE);
            return undefined;
          case 'add': {
            const added = await house.post('/v1/me/channels', wang, { kind: 'email', address: `w${each.channel}@example.cn` });
            if (added.status === 201) ids.set(each.channel, added.body);
            return added;
          }
          case 'subscribe':
            return subscribe(
              house,
              wang,
              each.subscriptions.map(({ division, channels }) => ({ division: DIVISIONS[division] ?? '51', channels: named(channels) })),
            );
          case 'prefer':
            return preferring(wang, { channels: named(each.channels), topics: ['requests'] });
          case 'remove':
            if (id === undefined) return undefined;
            ids.delete(each.channel);
            return house.call('DELETE', `/v1/me/channels/${id}`, { as: wang });
          case 'unsubscribe':
            if (id === undefined) return undefined;
            return house.call('POST', new URL(unsubscribeLink(house.runtime, 'https://linli.test', wang.sub, id)).pathname, {});
          case 'die':
            if (id !== undefined)
              await channelDied({ runtime: house.runtime, sub: wang.sub, now: house.now(), requestId: newId(house.runtime.random) }, id);
            return undefined;
          case 'verify':
          case 'tryWrong': {
            const known = ids.get(each.channel);
            if (known === undefined) return undefined;
            const right = codeIn(house, known);
            const code = each.kind === 'verify' ? right : String((Number(right) + 1) % 1_000_000).padStart(6, '0');
            return house.post(`/v1/me/channels/${known.id}/verify`, wang, { code });
          }
        }
      };
      for (const each of [...BEGINNING, ...actions]) {
        const answer = await perform(each);
        expect(answer === undefined || answer.status < 500, answer?.text).toBe(true);
        const { person, entries } = await expectRecount(wang.sub, DIVISIONS);
        seen.set(entries.length, (seen.get(entries.length) ?? 0) + 1);
        const alive = new Set(person?.channels.filter(({ status }) => status === 'verified').map(({ id }) => id));
        for (const entry of entries) for (const { id } of entry['channels'] as readonly { id: string }[]) expect(alive.has(id)).toBe(true);
      }
      // And nowhere else is anything of them.
      await expectRecount(wang.sub);
    }),
    { seed: newSeed('subscriptions'), numRuns: LONG ? 300 : 10, endOnFailure: true },
  );
  expect(seen.size).toBeGreaterThan(3);
});
