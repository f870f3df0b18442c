/** Childcare: places offered, taken, free, children who wait, and what a division has of them. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openHouse, type Answered, type House } from '../support/house.ts';
import { CAOSHIJIE, DACISI, SHUIJINGFANG, strangeWorker, worker, ZONGFULU } from '../support/people.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.stop());

const cityWorker = { sub: 'worker-of-the-city', roles: ['worker'], division: '5101' };
const put = (id: string, [offered, taken, waiting]: readonly [number, number, number], more: object = {}, as = worker): Promise<Answered> =>
  house.call('PUT', `/v1/childcare/${id}`, {
    as,
    body: { name: { 'zh-CN': '水井坊社区托育点' }, community: SHUIJINGFANG, offered, taken, waiting, ...more },
  });
const sumsOf = async (division: string): Promise<object> => (await house.get(`/v1/childcare?division=${division}`)).body.sums;

test('is put by a worker of its community, and shows what is free', async () => {
  const made = await put('nursery', [40, 36, 5], { barrierFree: true, location: { lat: 30.6461, long: 104.0913 } });
  expect([made.status, made.headers['location']]).toEqual([201, '/v1/childcare/nursery']);
  expect(made.body).toMatchObject({ id: 'nursery', offered: 40, taken: 36, waiting: 5, free: 4, barrierFree: true });
  expect((await house.get('/v1/childcare/nursery')).body).toEqual(made.body);
  expect((await put('nursery', [40, 40, 7])).body).toMatchObject({ free: 0, waiting: 7 });
  expect((await put('elsewhere', [1, 0, 0], {}, strangeWorker)).status).toBe(403);
  expect((await put('nursery', [1, 0, 0], { community: CAOSHIJIE }, strangeWorker)).status).toBe(403);
  // It is no facility: its ids are its own.
  expect((await house.get('/v1/facilities/nursery')).status).toBe(404);
});

test('no more are taken than offered, in a community that is there: both are told at once', async () => {
  const pathsOf = ({ status, body }: Answered): unknown => [status, body.errors.map(({ path }: { path: string }) => path)];
  expect(pathsOf(await put('full', [40, 41, 0]))).toEqual([422, ['taken']]);
  expect(pathsOf(await put('full', [40, 41, 0], { community: '510104017999' }, cityWorker))).toEqual([422, ['community', 'taken']]);
  expect((await house.get('/v1/childcare/full')).status).toBe(404);
});

test('a division’s list begins with its sums, which are right at once after every change and move', async () => {
  await put('nursery', [40, 36, 5]);
  await put('second', [20, 10, 0], { community: DACISI }, cityWorker);
  await put('third', [30, 30, 9], { community: ZONGFULU }, cityWorker);
  await put('fourth', [10, 0, 0], { community: CAOSHIJIE }, cityWorker);
  expect(await sumsOf(SHUIJINGFANG)).toEqual({ offered: 40, taken: 36, waiting: 5, free: 4 });
  expect(await sumsOf('510104017')).toEqual({ offered: 60, taken: 46, waiting: 5, free: 14 });
  expect(await sumsOf('510104')).toEqual({ offered: 90, taken: 76, waiting: 14, free: 14 });
  expect(await sumsOf('5101')).toEqual({ offered: 100, taken: 76, waiting: 14, free: 24 });
  expect(await sumsOf('5201')).toEqual({ offered: 0, taken: 0, waiting: 0, free: 0 });
  await put('second', [25, 11, 1], { community: CAOSHIJIE }, cityWorker);
  expect(await sumsOf('510104')).toEqual({ offered: 70, taken: 66, waiting: 14, free: 4 });
  expect(await sumsOf('5101')).toEqual({ offered: 105, taken: 77, waiting: 15, free: 28 });
  // All of a city is read for its sums, and of nothing larger, which is listed without; what everybody sees may be kept on the way, as figures are.
  const { body: province } = await house.get('/v1/childcare?division=51&limit=2');
  expect(Object.keys(province)).toEqual(['items', 'next']);
  expect(province.items.map(({ id }: { id: string }) => id)).toEqual(['nursery', 'third']);
  const first = await house.get('/v1/childcare?division=5101&limit=2');
  expect(first.headers['cache-control']).toBe('public, max-age=60');
  expect(first.body.items.map(({ id }: { id: string }) => id)).toEqual(['nursery', 'third']);
  const second = await house.get(`/v1/childcare?division=5101&limit=2&cursor=${first.body.next}`);
  expect(second.body).not.toHaveProperty('sums');
  expect(second.body.items.map(({ id }: { id: string }) => id)).toEqual(['fourth', 'second']);
});
