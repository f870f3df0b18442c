/** Those who are looked after: who may know of them, since when they are, and what changes them. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openHouse, type Answered, type House } from '../support/house.ts';
import { ADMIN } from '../support/world.ts';
import {
  auditor,
  CAOSHIJIE,
  DACISI,
  dispatcher,
  neighbour,
  otherWorker,
  resident,
  SHUIJINGFANG,
  strangeWorker,
  worker,
} from '../support/people.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.stop());

const streetWorker = { sub: 'worker-of-the-street', roles: ['worker'], division: '510104017' };
const PERSON = {
  name: '王桂兰',
  community: SHUIJINGFANG,
  categories: ['livingAlone'],
  tier: 'key',
  birthYear: 1941,
  contact: { name: '李明', phone: '13800000000', address: '水井街 3 号' },
  needs: ['meals'],
  volunteers: [neighbour.sub],
};
const register = (more: object = {}, as = worker): Promise<Answered> => house.post('/v1/care/recipients', as, { ...PERSON, ...more });
const registered = async (more: object = {}): Promise<string> => (await register(more)).body.id;
const patch = (id: string, body: object, as = worker, ifMatch?: string): Promise<Answered> =>
  house.call('PATCH', `/v1/care/recipients/${id}`, { as, body, ifMatch });
const paths = ({ body }: Answered): readonly string[] => body.errors?.map(({ path }: { path: string }) => path);

test('somebody is registered by a worker of their community, active from today unless said, and very old by the year of birth alone', async () => {
  const made = await register();
  expect(made.status, made.text).toBe(201);
  expect(made.headers['location']).toBe(`/v1/care/recipients/${made.body.id}`);
  expect(made.body).toMatchObject({ ...PERSON, veryOld: true, active: true, activeFrom: '2026-11-24' });
  const { body } = await house.get(`/v1/care/recipients/${made.body.id}`, otherWorker);
  expect(body).toEqual(made.body);
  const ages = await Promise.all([1946, 1947, undefined].map(async (birthYear) => (await register({ birthYear })).body.veryOld));
  expect(ages).toEqual([true, false, false]);
  expect((await register({ active: false })).body).toMatchObject({ active: false });
});

test('what cannot be is refused, every wrong field named', async () => {
  expect(paths(await register({ activeFrom: '2026-11-25', birthYear: 2027 }))).toEqual(['birthYear', 'activeFrom']);
  expect(paths(await register({ active: false, activeFrom: '2026-11-01' }))).toEqual(['activeFrom']);
  expect(paths(await register({ activeFrom: '1999-12-31' }))).toEqual(['activeFrom']);
  expect((await register({ tier: 'low' })).status).toBe(422);
  expect((await register({ community: '510104017999' }, streetWorker)).body.errors).toEqual([
    expect.objectContaining({ path: 'community' }),
  ]);
  expect((await register({ community: CAOSHIJIE })).status).toBe(403);
});

test('to everybody but a worker of the community nobody is there', async () => {
  const id = await registered();
  for (const as of [dispatcher, ADMIN, resident, neighbour, auditor, { ...worker, roles: ['provider'], provider: 'P' }]) {
    expect((await house.get(`/v1/care/recipients/${id}`, as)).status).toBe(403);
    expect((await patch(id, { tier: 'high' }, as)).status).toBe(403);
    expect((await house.get('/v1/care/recipients', as)).status).toBe(403);
    expect((await house.get('/v1/care/due', as)).status).toBe(403);
  }
  const missing = await house.get(`/v1/care/recipients/${'3'.repeat(26)}`, strangeWorker);
  const there = await house.get(`/v1/care/recipients/${id}`, strangeWorker);
  expect([there.status, there.text]).toEqual([404, missing.text]);
  expect((await patch(id, { tier: 'high' }, strangeWorker)).status).toBe(404);
  expect((await house.get(`/v1/care/recipients?division=${SHUIJINGFANG}`, strangeWorker)).status).toBe(403);
});

test('a patch takes away what is null, and leaves what it does not name', async () => {
  const id = await registered();
  const { body, headers } = await patch(id, { contact: { phone: null, address: '新址 5 号' }, birthYear: null, needs: [] });
  expect(body).toMatchObject({ name: PERSON.name, contact: { name: '李明', address: '新址 5 号' }, needs: [], veryOld: false });
  expect(body.contact).not.toHaveProperty('phone');
  expect(body).not.toHaveProperty('birthYear');
  expect(headers['etag']).toBe('"2"');
  expect((await patch(id, { contact: null })).body).not.toHaveProperty('contact');
  expect((await patch(id, { name: null })).status).toBe(422);
  expect((await patch(id, { tier: 'high' }, worker, '"1"')).status).toBe(412);
  const merge = { 'content-type': 'application/merge-patch+json' };
  expect((await house.call('PATCH', `/v1/care/recipients/${id}`, { as: worker, body: { tier: 'high' }, headers: merge })).body.tier).toBe(
    'high',
  );
});

test('who moves somebody is a worker of both communities', async () => {
  const id = await registered();
  expect((await patch(id, { community: DACISI })).status).toBe(403);
  expect((await patch(id, { community: DACISI }, streetWorker)).body.community).toBe(DACISI);
  expect((await house.get(`/v1/care/recipients/${id}`, worker)).status).toBe(404);
  // Whoever accounts for either is told.
  const entries = await Promise.all(
    [SHUIJINGFANG, DACISI].map((division) => house.get(`/v1/audit?resource=care/recipients/${id}`, { ...auditor, division })),
  );
  expect(entries.map(({ body }) => body.items.filter(({ action }: { action: string }) => action === 'change').length)).toEqual([1, 1]);
  expect(
    paths(await patch(id, { community: '510104017888', birthYear: 2200, activeFrom: '2026-11-25', endedOn: '2026-11-01' }, streetWorker)),
  ).toEqual(['community', 'birthYear', 'endedOn', 'activeFrom']);
});

test('somebody is active by days, which may be told later and corrected, and begin again', async () => {
  const id = await registered({ activeFrom: '2026-09-01' });
  expect(paths(await patch(id, { active: false, endedOn: '2026-08-31' }))).toEqual(['endedOn']);
  expect(paths(await patch(id, { active: false, endedOn: '2026-11-25' }))).toEqual(['endedOn']);
  expect(paths(await patch(id, { endedOn: '2026-11-20' }))).toEqual(['endedOn']);
  const ended = await patch(id, { active: false, endedOn: '2026-11-20', endReason: 'moved' });
  expect(ended.body).toMatchObject({ active: false, activeFrom: '2026-09-01', endedOn: '2026-11-20', endReason: 'moved' });
  expect((await patch(id, { endedOn: '2026-11-18' })).body.endedOn).toBe('2026-11-18');
  expect(paths(await patch(id, { active: true, activeFrom: '2026-11-17' }))).toEqual(['activeFrom']);
  const again = (await patch(id, { active: true })).body;
  expect(again).toMatchObject({ active: true, activeFrom: '2026-11-24' });
  expect(again).not.toHaveProperty('endedOn');
  expect(again).not.toHaveProperty('endReason');
  expect((await patch(id, { activeFrom: '2026-11-20' })).body.activeFrom).toBe('2026-11-20');
});

test('an end that was a mistake is taken back: who begins again on its day, or no later than the time began that it ended, is due what they were', async () => {
  const id = await registered({ activeFrom: '2026-11-01', tier: 'high' });
  const windows = async (): Promise<number | undefined> => {
    const { body } = await house.get(`/v1/care/due?division=${SHUIJINGFANG}&limit=100`, worker);
    return body.items.find((each: { id: string }) => each.id === id)?.windows.length;
  };
  expect(await windows()).toBe(4);
  await patch(id, { active: false });
  expect(await windows()).toBeUndefined();
  expect((await patch(id, { active: true })).body.activeFrom).toBe('2026-11-01');
  expect(await windows()).toBe(4);
  // Found out only days later: from today, which can be put right.
  await patch(id, { active: false, endedOn: '2026-11-20' });
  expect((await patch(id, { active: true })).body.activeFrom).toBe('2026-11-24');
  await patch(id, { active: false, endedOn: '2026-11-24' });
  await patch(id, { active: true, activeFrom: '2026-11-20' });
  expect(await windows()).toBe(4);
  await patch(id, { active: false, endedOn: '2026-11-10' });
  expect((await patch(id, { active: true, activeFrom: '2026-10-15' })).body.activeFrom).toBe('2026-10-15');
  expect(await windows()).toBe(4);
});

test('what is said as it stands is no change, and a beginning may lie as far back as that of who is registered', async () => {
  const id = await registered({ activeFrom: '2024-01-01' });
  const same = await patch(id, { activeFrom: '2024-01-01', tier: 'high' });
  expect([same.text, same.status]).toEqual([same.text, 200]);
  expect((await patch(id, { activeFrom: '2020-05-01' })).body.activeFrom).toBe('2020-05-01');
  await patch(id, { active: false, endedOn: '2025-11-01' });
  house.turnTo('2027-11-24T09:00:00+08:00');
  const later = await patch(id, { endedOn: '2025-11-01', endReason: 'died' });
  house.turnTo('2026-11-24T09:00:00+08:00');
  expect([later.text, later.body.endReason]).toEqual([later.text, 'died']);
  // A form sends back all that it got, also of somebody who has ended, and who begins again.
  const { activeFrom, endedOn, endReason } = later.body;
  for (const more of [{}, { active: false }]) {
    const back = await patch(id, { activeFrom, endedOn, endReason, ...more });
    expect(back.body).toMatchObject({ active: false, activeFrom, endedOn, endReason });
  }
  expect(paths(await patch(id, { activeFrom: '2020-04-01', endedOn, endReason }))).toEqual(['activeFrom']);
  expect(paths(await patch(id, { active: true, endedOn: '2026-11-01', endReason: 'moved' }))).toEqual(['endedOn', 'endReason']);
  expect(paths(await patch(id, { active: true, activeFrom: '1999-12-31' }))).toEqual(['activeFrom']);
  const again = await patch(id, { active: true, activeFrom: '2026-11-20', endedOn, endReason });
  expect(again.body).toMatchObject({ active: true, activeFrom: '2026-11-20' });
  expect(again.body).not.toHaveProperty('endedOn');
});

test('what is known of somebody who has ended leaves 25 months after the end, a visit as long after it was paid', async () => {
  const id = await registered({ activeFrom: '2026-11-01' });
  const at = '2026-11-24T08:00:00+08:00';
  await house.post(`/v1/care/recipients/${id}/visits`, worker, { at, mode: 'phone', outcome: 'needsHelp' });
  const days = async (): Promise<readonly unknown[]> =>
    [...((await house.content(['care']))['care']?.values() ?? [])]
      .filter((item) => item['id'] === id || item['recipient'] === id)
      .map(({ pk, expiresAt }) => [
        pk.split('#')[0],
        expiresAt === undefined ? undefined : Math.floor((Number(expiresAt) * 1000 - Date.parse('2026-11-24T00:00:00+08:00')) / 86_400_000),
      ])
      .toSorted();
  expect(await days()).toEqual([
    ['HELP', 760],
    ['RECIPIENT', undefined],
    ['VISITS', 760],
  ]);
  await patch(id, { active: false, endedOn: '2026-11-20', endReason: 'died' });
  expect((await days())[1]).toEqual(['RECIPIENT', 756]);
  await patch(id, { active: true, activeFrom: '2026-11-01' });
  expect((await days())[1]).toEqual(['RECIPIENT', undefined]);
});

test('a list shows those of a division, by tier, category and whether they are active; no contact, no year of birth', async () => {
  const as = { ...worker, division: DACISI };
  const of = (more: object): Promise<Answered> => {
    house.turn(1000);
    return register({ community: DACISI, ...more }, as);
  };
  const [one, two, three] = [
    (await of({ tier: 'high', birthYear: 1930 })).body.id,
    (await of({ tier: 'general', categories: ['disabled', 'emptyNest'], birthYear: 1960 })).body.id,
    (await of({ tier: 'general', active: false, birthYear: undefined })).body.id,
  ];
  const list = async (query: string): Promise<readonly string[]> =>
    (await house.get(`/v1/care/recipients?division=${DACISI}&${query}`, as)).body.items.map(({ id }: { id: string }) => id);
  expect(await list('active=true')).toEqual(expect.arrayContaining([two, one]));
  expect(await list('active=false')).toEqual([three]);
  expect(await list('tier=general')).toEqual([three, two]);
  expect(await list('category=disabled')).toEqual([two]);
  expect(await list('category=veryOld&tier=high')).toEqual([one]);
  const { text } = await house.get('/v1/care/recipients', as);
  for (const hidden of ['13800000000', '1930', '水井街', neighbour.sub]) expect(text).not.toContain(hidden);
  const pages: string[] = [];
  for (let next: string | null = ''; next !== null;) {
    const { body } = await house.get(
      `/v1/care/recipients?division=510104017&limit=1${next === '' ? '' : `&cursor=${encodeURIComponent(next)}`}`,
      streetWorker,
    );
    pages.push(...body.items.map(({ id }: { id: string }) => id));
    next = body.next;
  }
  expect(new Set(pages).size).toBe(pages.length);
  expect(pages).toEqual(expect.arrayContaining([one, two, three]));
});

test('every reading is written down, lists by what was asked for', async () => {
  const id = await registered();
  await house.get(`/v1/care/recipients/${id}`, otherWorker);
  await patch(id, { tier: 'high' });
  const actions = async (resource: string): Promise<readonly string[]> =>
    (await house.get(`/v1/audit?resource=${encodeURIComponent(resource)}`, auditor)).body.items.map(
      ({ action, sub }: { action: string; sub: string }) => `${action} ${sub}`,
    );
  expect((await actions(`care/recipients/${id}`)).toSorted()).toEqual([
    `change ${worker.sub}`,
    `read ${otherWorker.sub}`,
    `register ${worker.sub}`,
  ]);
  await house.get(`/v1/care/recipients?division=${SHUIJINGFANG}&tier=high`, otherWorker);
  expect(await actions(`care/recipients?division=${SHUIJINGFANG}`)).toEqual([`list ${otherWorker.sub}`]);
  await house.get(`/v1/care/due?division=${SHUIJINGFANG}`, otherWorker);
  expect(await actions(`care/due?division=${SHUIJINGFANG}&month=2026-11`)).toContain(`list ${otherWorker.sub}`);
});
