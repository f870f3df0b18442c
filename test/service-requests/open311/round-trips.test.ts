/** One request, two faces: what a client sends in stands before staff, and what stands there comes out to the client. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TokenClaims } from '../../../lib/local/issuer.ts';
import {
  countyDispatcher,
  dispatcher,
  neighbour,
  otherWorker,
  resident,
  SHUIJINGFANG,
  strangeDispatcher,
  worker,
} from '../../support/people.ts';
import { startWorld, type World } from '../../support/world.ts';
import { done, provider, registerProvider, TO_PROVIDER } from '../support/requests.ts';
import { ask, fine, furnish, idOfKey, keyFor, report, type Params } from './support/clients.ts';

let world: World;
let key: string;
beforeAll(async () => {
  world = await startWorld();
  await registerProvider(world, ['pothole']);
  await furnish(world);
  key = await keyFor(world);
});
afterAll(() => world.stop());

const SENT = {
  service_code: 'pothole',
  lat: '30.64431234567',
  long: '104.0915',
  address_string: '东大街 1 号',
  address_id: 'A-7',
  email: 'zhang@example.org',
  device_id: 'device-7',
  account_id: 'account-7',
  first_name: '三',
  last_name: '张',
  phone: '138 0000 0000',
  description: '路上有个坑\r\n很深',
  media_url: ['https://pictures.example/1.jpg', 'https://pictures.example/2.jpg'],
  'attribute[depth]': '12.5',
  'attribute[marks][]': ['circle', 'oval'],
  'attribute[community]': SHUIJINGFANG,
  'attribute[fixmystreet_id]': '7',
  'attribute[easting]': '440000',
};
const EXTERNAL = {
  firstName: '三',
  lastName: '张',
  email: 'zhang@example.org',
  phone: '138 0000 0000',
  deviceId: 'device-7',
  accountId: 'account-7',
  addressId: 'A-7',
  mediaUrls: SENT.media_url,
  attributes: { fixmystreet_id: ['7'], easting: ['440000'] },
};

test('every field that goes in stands before staff, and comes out to who sent it in', async () => {
  const id = await report(world, key, SENT);
  const { body: seen } = await world.get(`/v1/requests/${id}`, dispatcher);
  expect(seen).toMatchObject({
    service: 'pothole',
    community: SHUIJINGFANG,
    status: 'submitted',
    visibility: 'public',
    channel: 'web',
    description: '路上有个坑\n很深',
    address: '东大街 1 号',
    location: { lat: 30.64431234567, long: 104.0915 },
    attributes: { depth: 12.5, marks: ['circle', 'oval'] },
    contact: { name: '张三', phone: '138 0000 0000' },
    client: idOfKey(key),
    external: EXTERNAL,
  });
  const [shown] = fine(await ask(world, `requests/${id}.json`, { api_key: key, extensions: 'true' })).body;
  expect(shown).toMatchObject({
    service_code: 'pothole',
    description: seen.description,
    address: seen.address,
    address_id: 'A-7',
    lat: seen.location.lat,
    long: seen.location.long,
    media_url: SENT.media_url[0],
    requested_datetime: '2026-11-24T01:00:00Z',
    expected_datetime: seen.resolveBy.replace('.000Z', 'Z'),
    extended_attributes: {
      number: seen.number,
      community: SHUIJINGFANG,
      detailed_status: 'open',
      respond_by: seen.respondBy.replace('.000Z', 'Z'),
      first_name: '三',
      last_name: '张',
      email: 'zhang@example.org',
      phone: '138 0000 0000',
      device_id: 'device-7',
      account_id: 'account-7',
      media_urls: SENT.media_url,
    },
  });
  expect(shown.attributes.map(({ code, value }: { code: string; value: string }) => [code, value])).toEqual([
    ['depth', '12.5'],
    ['marks', 'circle'],
    ['marks', 'oval'],
    ['easting', '440000'],
    ['fixmystreet_id', '7'],
  ]);
  const xml = fine(await ask(world, `requests/${id}.xml`, { api_key: key, extensions: 'true' })).text;
  expect(xml).toContain(`<media_urls>${SENT.media_url.map((url) => `<media_url>${url}</media_url>`).join('')}</media_urls>`);
});

test('what a client says of its user is for staff: not for who does the work from outside, other places, or everybody', async () => {
  const id = await report(world, key, { ...SENT, 'attribute[fixmystreet_id]': '8' });
  await done(world, id, 'accept', countyDispatcher);
  await done(world, id, 'assign', countyDispatcher, { to: TO_PROVIDER });
  for (const as of [dispatcher, worker, countyDispatcher])
    expect((await world.get(`/v1/requests/${id}`, as)).body.external).toEqual({
      ...EXTERNAL,
      attributes: { ...EXTERNAL.attributes, fixmystreet_id: ['8'] },
    });
  const theirs = (await world.get(`/v1/requests/${id}`, provider)).body;
  expect([theirs.contact.name, theirs.external, theirs.client]).toEqual(['张三', undefined, undefined]);
  for (const as of [undefined, resident, neighbour, strangeDispatcher] as (TokenClaims | undefined)[]) {
    const { status, text } = await world.get(`/v1/requests/${id}`, as);
    expect([as?.sub, status, text.match(/example|device-7|张|138 0000|easting|fixmystreet|client/)]).toEqual([as?.sub, 200, null]);
  }
  const listed = (await world.get('/v1/requests?division=510104', countyDispatcher)).text;
  expect([listed.includes(id), listed.match(/example|device-7|张|138 0000|easting|fixmystreet|client/)]).toEqual([true, null]);
});

test.each([
  ['三', '张', '张三'],
  ['克强', '欧阳', '欧阳克强'],
  ['John', 'Smith', 'John Smith'],
  ['John', '', 'John'],
  ['', '张', '张'],
  ['', '', undefined],
  ['三', 'Zhang', '三 Zhang'],
  ['買買提', '吐爾遜', '吐爾遜買買提'],
])('who is called %j %j is called so: %j', async (first, last, name) => {
  const id = await report(world, key, { first_name: first, last_name: last });
  expect((await world.get(`/v1/requests/${id}`, dispatcher)).body.contact?.name).toBe(name);
});

test('a telephone number that cannot be dialled is kept as it was sent, and not called', async () => {
  const id = await report(world, key, { phone: '问我妹妹', first_name: '王' });
  expect((await world.get(`/v1/requests/${id}`, dispatcher)).body).toMatchObject({
    contact: { name: '王' },
    external: { phone: '问我妹妹' },
  });
});

test('nobody can pass for a client: its name is no sub that a token may have', async () => {
  const id = await report(world, key, { service_code: 'privateHelp' });
  const { requester } = (await world.get(`/v1/requests/${id}`, dispatcher)).body;
  const posing: TokenClaims = { sub: requester, roles: ['resident'], division: SHUIJINGFANG };
  expect((await world.get(`/v1/requests/${id}`, posing)).status).toBe(401);
  expect((await world.post(`/v1/requests/${id}/cancel`, posing)).status).toBe(401);
});

test('what staff do through /v1 is what the client is shown', async () => {
  const id = await report(world, key, { description: '' });
  const shown = async (params: Params = {}) => fine(await ask(world, `requests/${id}.json`, { api_key: key, ...params })).body[0];
  expect((await shown()).description).toBe('路灯不亮');
  world.turn(60_000);
  await done(world, id, 'accept', countyDispatcher, { service: 'pothole' });
  expect(await shown()).toMatchObject({
    service_code: 'pothole',
    service_name: '路面坑洼',
    updated_datetime: '2026-11-24T01:01:00Z',
    status_notes: '已受理',
  });
  await done(world, id, 'assign', countyDispatcher, { to: { kind: 'worker', id: worker.sub } });
  await done(world, id, 'start', worker);
  await done(world, id, 'resolve', worker, { resolution: '已填平' });
  expect(await shown()).toMatchObject({ status: 'closed', status_notes: '已填平' });
  expect(fine(await ask(world, `requests/${id}.json`)).body[0]).toMatchObject({ status: 'closed', status_notes: '已办理' });
});

test('that it is late, or rated, is no news to who waits for it', async () => {
  const id = await report(world, key);
  for (const [action, as, body] of [
    ['accept', countyDispatcher, {}],
    ['assign', countyDispatcher, { to: { kind: 'worker', id: worker.sub } }],
    ['start', worker, {}],
  ] as const)
    await done(world, id, action, as, body);
  const shown = async () => fine(await ask(world, `requests/${id}.json`, { api_key: key, extensions: 'true' })).body[0];
  const [first] = (await shown()).notes;
  world.turnTo('2026-12-20T09:00:00+08:00');
  await world.schedule('requestClocks');
  const late = await shown();
  expect(late.notes.map(({ type, description }: { type: string; description: string }) => [type, description])).toContainEqual([
    'escalate',
    '处理中',
  ]);
  expect([late.status_notes, late.notes[0]]).toEqual(['处理中', first]);
  await done(world, id, 'resolve', worker, { resolution: '已修好' });
  await done(world, id, 'rating', otherWorker, { level: 5, channel: 'phone' });
  expect((await shown()).status_notes).toBe('已修好');
  const updates = fine(
    await ask(world, 'servicerequestupdates.json', { api_key: key, start_date: '2026-11-24', service_request_id: id }),
  ).body;
  expect(updates.map(({ status }: { status: string }) => status)).toEqual(['investigating', 'action_scheduled', 'in_progress', 'fixed']);
});
