/** Many at once: one key, one version, one request; and answers that are lost after the commit. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { MINUTE, HOUR } from '../../functions/kernel/time.ts';
import { LONG } from '../support/faults.ts';
import { playMerchant } from '../support/foundation.ts';
import { openHouse, type Answered, type House } from '../support/house.ts';
import { keyFor, MUTATIONS } from '../support/mutations.ts';
import { dispatcher, otherDispatcher, resident, SHUIJINGFANG } from '../support/people.ts';
import { newRequest, requestAt } from '../support/stages.ts';
import { ADMIN } from '../support/world.ts';

if (LONG) vi.setConfig({ testTimeout: 900_000 });

let house: House;
beforeAll(async () => {
  house = await openHouse({ payments: playMerchant().payments });
});
afterAll(() => house.stop());

const atOnce = <T>(count: number, work: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => work(index)));
const tally = (answers: readonly Answered[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { status, body } of answers) {
    const name = status < 300 ? String(status) : `${status} ${body?.code}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
};

/** What providers and gateways tell needs no key: its own words keep it from counting twice. */
const POSTS = MUTATIONS.filter(({ operation }) => !/^(?:put|revoke|remove|receiveNotification$|receiveReceipts$)/.test(operation));
/** By default one of each kind: made, changed, with something beside, imported. */
const SHORT = new Set([
  'createRequest',
  'acceptRequest',
  'commentRequest',
  'rateRequest, bad',
  'submitOpen311UpdateJson',
  'importRequests',
  'importDivisions',
  'createDonation, through a provider',
  'refundDonation',
  'acknowledgeAlert, in need of help',
  'registerRecipient',
  'recordVisit, in need of help',
  'postCreditEvent',
]);
const CASES = POSTS.map(
  (sample) => [[sample.operation, ...(sample.of === undefined ? [] : [sample.of])].join(', '), sample] as const,
).filter(([name]) => LONG || SHORT.has(name));
/** Of an answer what it says later, too: what may be done now is another thing after a day. */
const lasting = ({ body, text }: Answered): unknown => body?.history ?? body?.address ?? text;
/** What an account was in a month that is over is no effect: whoever comes first in the next one leaves it. */
const itemsOf = async (): Promise<number> =>
  Object.values(await house.content(['serviceRequests', 'divisions', 'donations', 'notifications', 'alerts', 'care', 'providers'])).reduce(
    (sum, items) => sum + [...items.values()].filter(({ sk }) => !sk.startsWith('PERIOD#')).length,
    0,
  );

describe('one idempotency key, 50 at once: one effect and 50 equal answers; and again after 11 minutes and after 23 h 59 min', () => {
  test.each(CASES)('%s', async (name, { prepare }) => {
    const call = await prepare(house);
    const { path } = call;
    const before = await itemsOf();
    const send = (): Promise<Answered> => house.call('POST', path, { ...call, key: keyFor(call, `fifty ${name}`) });
    const answers = await atOnce(50, send);
    const [first] = answers;
    expect(tally(answers)).toEqual({
      [/^\/v1\/(?:requests|open311\/keys|media|me\/channels|funds(?:\/\w+\/income)?|donations(?:\/\w+\/refunds)?|grants|alerts(?:\/\w+\/(?:updates|cancel|acknowledgements))?|care\/recipients(?:\/\w+\/visits)?|providers(?:\/\w+\/credit-events)?)$/.test(
        path,
      )
        ? '201'
        : '200']: 50,
    });
    expect(new Set(answers.map(({ text }) => text))).toEqual(new Set([first?.text]));
    expect(answers.filter(({ headers }) => headers['idempotency-replayed'] === 'true')).toHaveLength(49);
    expect(new Set(answers.map(({ headers }) => `${headers['location']} ${headers['etag']}`)).size).toBe(1);
    if (name === 'importRequests') expect(first?.body.errors.map((each: { line: number }) => each.line)).toEqual([4]);
    const made = (await itemsOf()) - before;
    for (const later of [11 * MINUTE, 23 * HOUR + 48 * MINUTE]) {
      house.turn(later);
      const again = await send();
      expect([again.status, again.headers['idempotency-replayed']]).toEqual([first?.status, 'true']);
      expect(lasting(again)).toEqual(first === undefined ? undefined : lasting(first));
    }
    expect((await itemsOf()) - before).toBe(made);
    // What comes with a name of its own is not made a second time.
    if (path.startsWith('/v1/imports') || name.includes('in CAP')) return;
    const other = await prepare(house);
    const beforeOne = await itemsOf();
    await house.call('POST', other.path, { ...other, key: keyFor(other, `one ${name}`) });
    expect(made).toBe((await itemsOf()) - beforeOne);
  });
});

// Known: a row that another run of the same chunk has just put is told as an error, though it is in.
test('divisions imported by many at once are told as errors by nobody', async () => {
  const rows = Array.from({ length: 10 }, (_, index) => ({ line: index + 2, code: `51010700${index}`, name: `第 ${index} 街道` }));
  await house.post('/v1/imports/divisions', ADMIN, { rows: [{ line: 2, code: '510107', name: '武侯区' }] });
  const answers = await atOnce(8, () => house.post('/v1/imports/divisions', ADMIN, { rows }));
  expect(answers.flatMap(({ body }) => body.errors)).toEqual([]);
});

test('a key is free again after 24 hours', async () => {
  const send = (): Promise<Answered> => house.post('/v1/requests', resident, newRequest, { key: 'a-day' });
  const first = await send();
  house.turn(24 * HOUR);
  const second = await send();
  expect([second.status, second.headers['idempotency-replayed']]).toEqual([201, undefined]);
  expect(second.body.id).not.toBe(first.body.id);
});

test('one key with two bodies at once: one effect, and the other body is told that the key is used', async () => {
  const answers = await atOnce(20, (index) =>
    house.post('/v1/requests', resident, { ...newRequest, description: `第 ${index % 2} 种` }, { key: 'two-bodies' }),
  );
  expect(tally(answers)).toEqual({ '201': 10, '422 idempotencyKeyReused': 10 });
  expect(new Set(answers.filter(({ status }) => status === 201).map(({ body }) => body.id)).size).toBe(1);
});

test('a key belongs to its caller: two callers with one key are two effects', async () => {
  const [one, other] = await Promise.all([resident, dispatcher].map((as) => house.post('/v1/requests', as, newRequest, { key: 'shared' })));
  expect([one?.status, other?.status]).toEqual([201, 201]);
  expect(one?.body.id).not.toBe(other?.body.id);
});

test('64 writers with one If-Match: 1 succeeds, 63 are told that it has changed', async () => {
  for (const key of [undefined, 'key']) {
    const id = await requestAt(house.post, 'submitted');
    const answers = await atOnce(64, (index) =>
      house.post(
        `/v1/requests/${id}/accept`,
        index % 2 === 0 ? dispatcher : otherDispatcher,
        {},
        {
          ifMatch: '"1"',
          key: key === undefined ? undefined : `${key}-${index}`,
        },
      ),
    );
    expect(tally(answers)).toEqual({ '200': 1, '412 preconditionFailed': 63 });
    const read = await house.get(`/v1/requests/${id}`, resident);
    expect([read.headers['etag'], read.body.history.length]).toEqual(['"2-whole"', 2]);
  }
});

test('64 writers of comments with one If-Match: 1 succeeds, 63 are told that it has changed', async () => {
  const id = await requestAt(house.post, 'accepted');
  const answers = await atOnce(64, (index) =>
    house.post(`/v1/requests/${id}/comments`, resident, { text: `第 ${index} 条` }, { ifMatch: '"2"' }),
  );
  expect(tally(answers)).toEqual({ '200': 1, '412 preconditionFailed': 63 });
});

test('64 writers of comments without If-Match: each is in, or is told of the conflict; none is lost and none is there twice', async () => {
  const id = await requestAt(house.post, 'accepted');
  const texts = Array.from({ length: 64 }, (_, index) => `第 ${index} 条`);
  const answers = await Promise.all(texts.map((text) => house.post(`/v1/requests/${id}/comments`, resident, { text })));
  const counts = tally(answers);
  expect((counts['200'] ?? 0) + (counts['409 conflict'] ?? 0)).toBe(64);
  expect(counts['200']).toBeGreaterThanOrEqual(8);
  const said = texts.filter((_, index) => answers[index]?.status === 200);
  const read = await house.get(`/v1/requests/${id}`, resident);
  expect(read.body.comments.map(({ text }: { text: string }) => text).toSorted()).toEqual(said.toSorted());
  expect(read.headers['etag']).toBe(`"${2 + said.length}-whole"`);
  for (const { status, body } of answers) if (status === 200) expect(body.comments.length).toBeGreaterThan(0);
});

test('whoever acts at once on one request: one wins, the others hear what is open now', async () => {
  const id = await requestAt(house.post, 'submitted');
  const answers = await atOnce(30, (index) => {
    const action = ['accept', 'reject', 'cancel'][index % 3] ?? '';
    return house.post(
      `/v1/requests/${id}/${action}`,
      action === 'cancel' ? resident : dispatcher,
      action === 'accept' ? {} : { reason: '原因' },
    );
  });
  expect(answers.filter(({ status }) => status >= 500)).toEqual([]);
  const read = await house.get(`/v1/requests/${id}`, resident);
  expect(read.body.history).toHaveLength(1 + answers.filter(({ status }) => status === 200).length);
  expect(Object.keys(tally(answers)).filter((name) => name !== '200')).toEqual(['409 wrongState']);
});

// Known: the rule looks at the other request, and its transaction does not hold it.
test('of two requests that are marked as duplicates of each other at once, one stays', async () => {
  const [one, other] = [await requestAt(house.post, 'submitted'), await requestAt(house.post, 'submitted')];
  const answers = await Promise.all([
    house.post(`/v1/requests/${one}/duplicate`, dispatcher, { of: other }),
    house.post(`/v1/requests/${other}/duplicate`, dispatcher, { of: one }),
  ]);
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
});

test('a bad rating by the same person many times at once opens one rectification', async () => {
  const id = await requestAt(house.post, 'resolved');
  const answers = await atOnce(20, () => house.post(`/v1/requests/${id}/rating`, resident, { level: 1 }));
  expect(tally(answers)).toEqual({ '200': 1, '409 wrongState': 19 });
  const listed = await house.get(`/v1/rectifications?limit=100`, dispatcher);
  expect(listed.body.items.filter((each: { request: string }) => each.request === id)).toHaveLength(1);
});

test('the same file imported by many at once makes each of its requests once', async () => {
  const rows = Array.from({ length: 20 }, (_, index) => ({
    line: index + 2,
    service_request_id: `at-once-${index}`,
    requested_datetime: '2025-01-01T07:52:00+08:00',
    service_name: '路灯不亮',
    community: SHUIJINGFANG,
  }));
  const before = (await house.content(['serviceRequests']))['serviceRequests']?.size ?? 0;
  const answers = await atOnce(6, () => house.post('/v1/imports/requests', ADMIN, { rows }));
  expect(tally(answers)).toEqual({ '200': 6 });
  const after = (await house.content(['serviceRequests']))['serviceRequests']?.size ?? 0;
  expect(after - before).toBe(20);
  expect(answers.flatMap(({ body }) => body.errors)).toEqual([]);
  expect(answers.reduce((sum, { body }) => sum + body.made, 0)).toBe(20);
});
