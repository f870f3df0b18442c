/** Answers to alerts while people answer at once, processes die and the database throttles: sums equal a recount, and nobody's help is opened twice or lost. */
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { TokenClaims } from '../../lib/local/issuer.ts';
import { alertReactions, answer, issued } from '../alerts/support/alerts.ts';
import { LONG, newSeed, seeded } from '../support/faults.ts';
import { openHouse, type Answered, type House, type StoredItem } from '../support/house.ts';
import { alertOfficer, CAOSHIJIE, DACISI, SHUIJINGFANG, worker } from '../support/people.ts';

vi.setConfig({ testTimeout: LONG ? 900_000 : 60_000 });

const COMMUNITIES = [SHUIJINGFANG, DACISI, CAOSHIJIE];
const STATES = ['safe', 'needHelp'] as const;

let house: House;
let reactions: Awaited<ReturnType<typeof alertReactions>>;
let alert: string;
beforeAll(async () => {
  house = await openHouse();
  reactions = await alertReactions(house);
});
afterAll(() => house.stop());
beforeEach(async () => {
  await house.faults.revive();
  house.faults.weather({}, () => 1);
  alert = await issued(house);
  await reactions.settle();
});

const some = (index: number): TokenClaims => ({ sub: `resident-${index}`, roles: ['resident'], division: SHUIJINGFANG });
const itemsOf = async (table: string): Promise<readonly StoredItem[]> => [...((await house.content([table]))[table]?.values() ?? [])];
const answersOf = async (of = alert): Promise<readonly StoredItem[]> =>
  (await itemsOf('alerts')).filter((item) => item.pk.startsWith('ACK#') && item['alert'] === of);
const urgent = async (): Promise<readonly StoredItem[]> =>
  (await itemsOf('serviceRequests')).filter((item) => item['service'] === 'urgentHelp');

/** What the answers themselves come to, and what the officer is told. */
const expectRecount = async (): Promise<void> => {
  const recount: Record<string, { safe: number; needHelp: number }> = {};
  for (const item of await answersOf()) {
    const counts = (recount[String(item['community'])] ??= { safe: 0, needHelp: 0 });
    counts[item['state'] as 'safe' | 'needHelp'] += 1;
  }
  const { body } = await house.get(`/v1/alerts/${alert}/reach`, alertOfficer);
  const shown = body.byCommunity.map(({ community, safe, needHelp }: Answered['body']) => [community, { safe, needHelp }]);
  expect(Object.fromEntries(shown)).toEqual(recount);
  const sum = (name: 'safe' | 'needHelp'): number => Object.values(recount).reduce((total, counts) => total + counts[name], 0);
  expect([body.safe, body.needHelp]).toEqual([sum('safe'), sum('needHelp')]);
};

test('a hundred neighbours at once are all counted', async () => {
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, index) => answer(house, alert, some(index), { state: STATES[index % 2] })),
  );
  const refused = answers.filter(({ status }) => status !== 201);
  expect(refused.every(({ status, headers }) => status === 503 && headers['retry-after'] === '1')).toBe(true);
  expect(await answersOf()).toHaveLength(100 - refused.length);
  await expectRecount();
});

test('one person who answers many times at once has one answer, and is counted once', async () => {
  await Promise.all(
    Array.from({ length: 16 }, (_, index) =>
      answer(house, alert, some(0), { state: STATES[index % 2], community: COMMUNITIES[index % 3] }),
    ),
  );
  expect(await answersOf()).toHaveLength(1);
  await expectRecount();
  await reactions.settle();
  expect((await urgent()).filter((item) => item['requester'] === 'resident-0')).toHaveLength(1);
});

test('a day of answers, with crashes, throttling and lost answers between: sums equal a recount; whoever once needed help has one request', async () => {
  const random = seeded(newSeed('acknowledgements'));
  const below = (most: number): number => Math.floor(random() * most);
  const needed = new Set<string>();
  const before = new Set((await urgent()).map(({ pk }) => pk));
  for (let number = 0; number < (LONG ? 3000 : 120); number++) {
    const who = below(12);
    const forSomebody = who >= 9;
    const state = STATES[below(2)];
    const body = {
      state,
      community: COMMUNITIES[below(forSomebody ? 1 : 3)],
      ...(forSomebody ? { onBehalfOf: { name: '李奶奶', phone: `1380000000${who}` }, channel: 'phone' } : {}),
    };
    const send = (): Promise<Answered> =>
      answer(house, alert, forSomebody ? worker : some(who), body, { key: `answer-${alert}-${number}` });
    house.faults.weather({ throttled: 0.1, conflicted: 0.1, answerLost: 0.05 }, random);
    if (below(3) === 0) {
      house.faults.crashAt(1 + below(6), below(2) === 0 ? 'before' : 'after');
      await send();
      await house.faults.revive();
    }
    let made = await send();
    for (let attempt = 0; made.status >= 500 && attempt < 50; attempt++) made = await send();
    expect([made.status, made.text]).toEqual([201, made.text]);
    if (state === 'needHelp') needed.add(made.body.id);
    if (below(10) === 0) {
      house.faults.weather({}, () => 1);
      await reactions.settle();
    }
  }
  house.faults.weather({}, () => 1);
  await expectRecount();
  await reactions.settle();
  const answers = await answersOf();
  expect(new Set(answers.filter((item) => item['request'] !== undefined).map((item) => item['id']))).toEqual(needed);
  const opened = (await urgent()).filter(({ pk }) => !before.has(pk));
  expect(opened.map((item) => item['id']).toSorted()).toEqual(
    answers.flatMap((item) => (item['request'] === undefined ? [] : [item['request']])).toSorted(),
  );
});

test('whoever opens a request dies before or after any of their calls, and comes again: one request, whole', async () => {
  await answer(house, alert, some(1), { state: 'needHelp', note: '停电' });
  const event = (await reactions.events()).find((each) => each['detail-type'] === 'acknowledgement.needsHelp');
  if (event === undefined) throw new Error('nothing was told');
  const empty = await house.content(['serviceRequests']);
  await house.faults.revive();
  await reactions.deliver(event);
  const calls = house.faults.calls();
  const whole = await house.content(['serviceRequests']);
  expect(calls).toBeGreaterThan(2);
  for (let at = 1; at <= calls; at++) {
    for (const when of ['before', 'after'] as const) {
      await house.restore(empty, await house.content(['serviceRequests']));
      house.faults.crashAt(at, when);
      await reactions.deliver(event).catch(() => undefined);
      expect([at, when, house.faults.hasCrashed()]).toEqual([at, when, true]);
      await house.faults.revive();
      await reactions.deliver(event);
      expect([at, when, await house.content(['serviceRequests'])]).toEqual([at, when, whole]);
    }
  }
});

test('a request whose number somebody else has meanwhile is put by, and not lost', async () => {
  await answer(house, alert, some(2), { state: 'needHelp' });
  const event = (await reactions.events()).find((each) => each['detail-type'] === 'acknowledgement.needsHelp');
  if (event === undefined) throw new Error('nothing was told');
  const { request } = event.detail.data.item as unknown as { readonly request: string };
  const number = request.slice(0, 8);
  const there = await house.content(['serviceRequests']);
  const pk = `REQUEST#${number}`;
  const other = { pk, sk: 'REQUEST', id: `${number}ZZZZZZZZZZZZZZZZZ`, service: 'noise' };
  await house.restore({ serviceRequests: new Map([...(there['serviceRequests'] ?? []), [JSON.stringify([pk, 'REQUEST']), other]]) }, there);
  await expect(reactions.deliver(event)).rejects.toThrow('taken');
});
