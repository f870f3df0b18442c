/** What lists cost among hundreds of requests: no more is read than a page needs, and its share of what other lists might have given. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TokenClaims } from '../../lib/local/issuer.ts';
import { CAOSHIJIE, countyDispatcher, DACISI, dispatcher, resident, SHUIJINGFANG, worker, ZONGFULU } from '../support/people.ts';
import { referenceRequest } from '../support/reference-request.ts';
import { ADMIN, startWorld, type Answer, type World } from '../support/world.ts';
import { expectAgreement } from './support/agreement.ts';
import { Meter, type Metered } from './support/meter.ts';
import { readUnits } from './support/size.ts';

const COMMUNITIES = [SHUIJINGFANG, DACISI, ZONGFULU, CAOSHIJIE];
const CHUNK = 200;
const REQUESTS = 2 * CHUNK;
const PAGE = 20;
const cityDispatcher: TokenClaims = { ...countyDispatcher, division: '5101' };

/** Lines of a file, an hour apart, one community after the other. */
const rows = (from: number): readonly object[] =>
  Array.from({ length: CHUNK }, (_, index) => ({
    line: index + 2,
    service_request_id: String(from + index),
    requested_datetime: new Date(Date.UTC(2026, 0, 1) + (from + index) * 3_600_000).toISOString(),
    service_name: '路灯不亮',
    description: referenceRequest.description,
    address: referenceRequest.address,
    lat: '30.6443256',
    long: '104.0915432',
    community: COMMUNITIES[(from + index) % COMMUNITIES.length],
  }));

const meter = new Meter();
let world: World;
let imported: Metered;
beforeAll(async () => {
  world = await startWorld({ prepare: meter.attach });
  imported = await meter.of(() => world.post('/v1/imports/requests', ADMIN, { rows: rows(0) }));
  for (let from = CHUNK; from < REQUESTS; from += CHUNK) await world.post('/v1/imports/requests', ADMIN, { rows: rows(from) });
});
afterAll(() => world.stop());

const page = async (path: string, as: TokenClaims | undefined): Promise<Metered & { readonly answer: Answer }> => {
  let answer: Answer | undefined;
  const metered = await meter.of(async () => {
    answer = await world.get(path, as);
  });
  expectAgreement(metered);
  if (answer?.status !== 200) throw new Error(`${path}: ${answer?.text}`);
  return { ...metered, answer };
};

/** How many entries were read, and of how many bytes those of the page were at the least. */
const entriesOf = ({ readings }: Metered): { count: number; smallest: number } => {
  const sizes = readings.filter(({ index }) => index !== undefined).flatMap(({ sizes: each }) => each);
  return { count: sizes.length, smallest: Math.min(...sizes) };
};

test.each<readonly [what: string, path: string, as: TokenClaims, read: number, entries: number]>([
  // What it shows and nothing else: 20 × 0.6 KB.
  ['of a community', `/v1/requests?division=${SHUIJINGFANG}`, dispatcher, 2, 20],
  // Two communities' lists, 12 of each, and which communities there are.
  ['of a street', '/v1/requests?division=510104017', dispatcher, 2.5, 24],
])('a page of the newest 20 %s, and the next, cost the same', async (_, path, as, read, entries) => {
  const first = await page(path, as);
  const second = await page(`${path}&cursor=${first.answer.body.next}`, as);
  for (const each of [first, second]) {
    expect(each.answer.body.items).toHaveLength(PAGE);
    expect(each.read).toBe(read);
    expect(entriesOf(each).count).toBe(entries);
  }
  expect(second.answer.body.items[0].requestedAt < first.answer.body.items.at(-1).requestedAt).toBe(true);
});

test.each<readonly [what: string, path: string, as: TokenClaims, lists: number]>([
  ['a county, among 300 of its own', '/v1/requests?division=510104', countyDispatcher, 2],
  ['a city of two counties', '/v1/requests?division=5101', cityDispatcher, 4],
])('the newest 20 of %s read at most the page and one more bite of one of its lists', async (_, path, as, lists) => {
  const first = await page(path, as);
  const second = await page(`${path}&cursor=${first.answer.body.next}`, as);
  for (const each of [first, second]) {
    expect(each.answer.body.items).toHaveLength(PAGE);
    const { count, smallest } = entriesOf(each);
    const shares = PAGE + 2 * lists;
    expect(count).toBeLessThanOrEqual(shares + PAGE + 4);
    // Half a unit more at most for each query that ends within 4 KB, and half a one for the counties.
    expect(each.read).toBeLessThanOrEqual(readUnits(count * (smallest + 32), false) + each.readings.length / 2);
  }
});

test('filters that fit nothing stop at 200 evaluated: what was read is no more than twice that', async () => {
  const { answer, readings } = await page('/v1/requests?division=5101&status=resolved', cityDispatcher);
  expect(answer.body.items).toEqual([]);
  expect(answer.body.next).not.toBeNull();
  expect(entriesOf({ readings } as Metered).count).toBeLessThanOrEqual(400);
});

test('a number finds its request with one read', async () => {
  const { body: made } = await world.post('/v1/requests', resident, referenceRequest);
  expect((await page(`/v1/requests?number=${made.number}`, dispatcher)).read).toBe(0.5);
});

test('a resident’s own, and somebody’s work, cost half a unit a list while they are few', async () => {
  const { body: made } = await world.post('/v1/requests', resident, referenceRequest);
  await world.post(`/v1/requests/${made.id}/accept`, dispatcher);
  await world.post(`/v1/requests/${made.id}/assign`, dispatcher, { to: { kind: 'worker', id: worker.sub } });
  const mine = await page('/v1/me/requests', resident);
  expect([mine.read, mine.readings.length]).toEqual([0.5, 1]);
  // As a worker, and as a volunteer, whom no register knows.
  const work = await page('/v1/me/work', worker);
  expect([work.read, work.readings.length]).toEqual([1, 2]);
});

test('rectifications of a street cost its communities and half a unit each', async () => {
  expect((await page('/v1/rectifications', dispatcher)).read).toBe(1.5);
});

test('an import takes 1 read and 5 write units a line and reads the catalogue once; the same again writes nothing', async () => {
  expectAgreement(imported);
  // An item of 3 KB, the line that it came from included, and two lists; 86 services, and each community once.
  expect({ read: imported.read, write: imported.write }).toEqual({ read: CHUNK + 7.5 + COMMUNITIES.length, write: 5 * CHUNK });
  const again = await meter.of(() => world.post('/v1/imports/requests', ADMIN, { rows: rows(0) }));
  expect({ read: again.read, write: again.write }).toEqual({ read: CHUNK + 7.5 + COMMUNITIES.length, write: 0 });
});
