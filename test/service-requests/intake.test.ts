import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TokenClaims } from '../../lib/local/issuer.ts';
import {
  countyDispatcher,
  DACISI,
  dispatcher,
  neighbour,
  resident,
  SHUIJINGFANG,
  strangeDispatcher,
  strangeWorker,
  worker,
} from '../support/people.ts';
import { ADMIN, startWorld, type Answer, type World } from '../support/world.ts';
import { ids, make, makeIn, read } from './support/requests.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const send = (as: TokenClaims | undefined, body: Readonly<Record<string, unknown>> = {}): Promise<Answer> =>
  world.post('/v1/requests', as, { service: 'streetLamp', community: SHUIJINGFANG, description: '路灯不亮', channel: 'app', ...body });

describe('offline is a first-class way in', () => {
  test.for(['phone', 'counter', 'proxy'])('by %s only for staff of that community', async (channel) => {
    const body = { channel, onBehalfOf: { name: '王奶奶', phone: '028-8666 0000' } };
    for (const as of [resident, neighbour, strangeWorker, strangeDispatcher, ADMIN, { ...worker, division: DACISI }]) {
      expect([as.sub, (await send(as, { channel })).status]).toEqual([as.sub, 403]);
      expect([as.sub, (await send(as, body)).status]).toEqual([as.sub, 403]);
    }
    for (const as of [worker, dispatcher, countyDispatcher]) {
      const made = await send(as, body);
      expect(made.status).toBe(201);
      expect(made.body).toMatchObject({ channel, onBehalfOf: body.onBehalfOf, recordedBy: as.sub });
      expect(made.body.requester).toBeUndefined();
    }
  });

  test('in somebody’s name only by staff, whatever the channel', async () => {
    for (const channel of ['app', 'web']) {
      expect((await send(resident, { channel, onBehalfOf: { name: '王奶奶' } })).status).toBe(403);
      expect((await send(worker, { channel, onBehalfOf: { name: '王奶奶' } })).status).toBe(201);
    }
  });

  test('a resident who has an account sees and acts on what was recorded for them', async () => {
    const made = await send(worker, { service: 'elderVisit', channel: 'counter', onBehalfOf: { name: '李大爷', sub: neighbour.sub } });
    expect(made.body).toMatchObject({ requester: neighbour.sub, recordedBy: worker.sub });
    const { id } = made.body;
    expect(ids(await world.get('/v1/me/requests', neighbour))).toContain(id);
    expect(ids(await world.get('/v1/me/requests', worker))).not.toContain(id);
    const seen = await read(world, id, neighbour);
    expect(seen.body.description).toBe('路灯不亮');
    expect(seen.body.actions).toEqual(['cancel', 'comments']);
    expect((await world.post(`/v1/requests/${id}/cancel`, neighbour, {})).body.status).toBe('cancelled');
  });

  test('who takes it in by themself is nobody’s proxy', async () => {
    const { body } = await send(resident, { channel: 'web', contact: { name: '王', phone: '13800000000' } });
    expect(body).toMatchObject({ requester: resident.sub, channel: 'web', contact: { name: '王', phone: '13800000000' } });
    expect([body.recordedBy, body.onBehalfOf]).toEqual([undefined, undefined]);
  });
});

test('what was made is found at its location at once, and looks as it did', async () => {
  const made = await send(resident);
  const found = await world.get(made.headers.get('location') ?? '', resident);
  expect([found.status, found.body]).toEqual([200, made.body]);
  expect(found.headers.get('etag')).toBe(made.headers.get('etag'));
  expect(made.body).toMatchObject({ status: 'submitted', priority: 'normal', round: 1, requestedAt: new Date(world.now()).toISOString() });
});

test('a position from a phone in China is shifted to WGS-84', async () => {
  const { body } = await send(resident, { location: { lat: 30.6571, long: 104.0817, datum: 'gcj02' } });
  expect(Object.keys(body.location)).toEqual(['lat', 'long']);
  // The official shift is some hundred metres in Chengdu: west and south of what the phone says.
  expect(body.location.lat).toBeCloseTo(30.6571 + 0.0024, 2);
  expect(Math.abs(body.location.long - 104.0817)).toBeGreaterThan(0.0015);
  expect((await send(resident, { location: { lat: 30.6, long: 104.1 } })).body.location).toEqual({ lat: 30.6, long: 104.1 });
});

test('every wrong field is named', async () => {
  const answer = await send(resident, {
    community: '5101',
    description: ' ',
    channel: 'fax',
    location: { lat: 91, long: 0 },
    contact: { phone: 'call me' },
    requester: 'somebody-else',
    status: 'closed',
  });
  expect(answer.status).toBe(422);
  expect(answer.body.errors.map((each: { path: string }) => each.path).toSorted()).toEqual([
    'channel',
    'community',
    'contact.phone',
    'description',
    'location.lat',
    'requester',
    'status',
  ]);
});

test('nobody asks for what is not offered, nor in a place that is not there', async () => {
  for (const [body, path] of [
    [{ community: '510104017999' }, 'community'],
    [{ service: 'noSuchService' }, 'service'],
  ] as const) {
    const answer = await send(resident, body);
    expect([answer.status, answer.body.errors.map((each: { path: string }) => each.path)]).toEqual([422, [path]]);
  }
  expect((await send(undefined)).status).toBe(401);
});

test('a service that is offered in some divisions, or no longer, is asked for nowhere else', async () => {
  const service = {
    name: { 'zh-CN': '社区浴室' },
    description: { 'zh-CN': '预约' },
    group: 'convenience',
    keywords: [],
    attributes: [],
    respondWithin: { amount: 1, unit: 'days' },
    resolveWithin: { amount: 2, unit: 'days' },
    visibility: 'public',
    divisions: ['510104017'],
  };
  await world.put('/v1/services/bathHouse', ADMIN, service);
  expect((await send(resident, { service: 'bathHouse' })).status).toBe(201);
  expect((await send(resident, { service: 'bathHouse', community: '510105006001' })).status).toBe(422);
  const id = (await send(resident)).body.id;
  await world.put('/v1/services/bathHouse', ADMIN, { ...service, active: false });
  expect((await send(resident, { service: 'bathHouse' })).status).toBe(422);
  expect((await world.post(`/v1/requests/${id}/accept`, dispatcher, { service: 'bathHouse' })).status).toBe(422);
});

describe('the number that is read out on the telephone', () => {
  const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
  /** Crockford's own definition: the value modulo 37. */
  const check = (characters: string): string | undefined =>
    ALPHABET[Number(Array.from(characters).reduce((sum, each) => sum * 32n + BigInt(ALPHABET.indexOf(each)), 0n) % 37n)];

  test('has eight characters and a check sign that is one of them', async () => {
    for (let count = 0; count < 12; count++) {
      const { number } = (await send(resident)).body;
      expect(number).toMatch(/^[0-9A-HJKMNP-TV-Z]{9}$/);
      expect(number.at(-1)).toBe(check(number.slice(0, 8)));
    }
  });

  test('is understood as people type it', async () => {
    let number = '';
    let id = '';
    // One that can be mistyped.
    while (!/[01]/.test(number)) ({ number, id } = (await send(resident)).body);
    const typed = [
      number,
      number.toLowerCase(),
      `${number.slice(0, 3)}-${number.slice(3, 6)}-${number.slice(6)}`,
      `${number.slice(0, 4)} ${number.slice(4)}`,
      number.replaceAll('0', 'O').replaceAll('1', 'I'),
      number.replaceAll('0', 'o').replaceAll('1', 'l'),
    ];
    for (const each of typed) {
      const answer = await world.get(`/v1/requests?number=${encodeURIComponent(each)}`, dispatcher);
      expect([each, answer.status, ids(answer)]).toEqual([each, 200, [id]]);
    }
  });

  test('with a wrong sign is told so, not searched for', async () => {
    const { number } = (await send(resident)).body;
    const last = ALPHABET[(ALPHABET.indexOf(number.at(-1)) + 1) % 32];
    const swapped = number[0] === number[1] ? undefined : number[1] + number[0] + number.slice(2);
    for (const wrong of [number.slice(0, 8) + last, number.slice(0, 8), `${number}0`, 'U'.repeat(9), swapped]) {
      if (wrong === undefined) continue;
      const answer = await world.get(`/v1/requests?number=${wrong}`, dispatcher);
      expect([wrong, answer.status, answer.body.errors?.[0]?.path]).toEqual([wrong, 422, 'number']);
    }
  });

  test('of another division, or that fits no filter, finds nothing', async () => {
    const { number } = (await send(resident)).body;
    for (const [query, as] of [
      ['', strangeDispatcher],
      [`&division=${DACISI}`, dispatcher],
      ['&status=closed', dispatcher],
      ['&service=rubbish', dispatcher],
      ['&from=2026-11-25', dispatcher],
      ['&to=2026-11-23', dispatcher],
    ] as const) {
      const answer = await world.get(`/v1/requests?number=${number}${query}`, as);
      expect([query, answer.status, answer.body]).toEqual([query, 200, { items: [], next: null }]);
    }
  });
});

test('confidential by flag: from the first moment, for every service', async () => {
  const id = await make(world, { confidential: true });
  expect((await read(world, id)).status).toBe(404);
  expect((await read(world, id, worker)).status).toBe(404);
  expect((await read(world, id, dispatcher)).body.visibility).toBe('confidential');
  // What is confidential by its service cannot be made less so.
  const secret = await make(world, { service: 'psychologicalSupport', confidential: false });
  expect((await read(world, secret, resident)).body.visibility).toBe('confidential');
});

test('a community that is closed or has become part of another takes no requests, and what it had stays', async () => {
  const id = await makeIn(world, 'accepted', { community: DACISI });
  for (const body of [
    { name: '大慈寺社区', active: false },
    { name: '大慈寺社区', mergedInto: SHUIJINGFANG },
  ]) {
    expect((await world.put(`/v1/divisions/${DACISI}`, ADMIN, body)).status).toBe(200);
    const answer = await send(resident, { community: DACISI });
    expect([answer.status, answer.body.errors?.map((each: { path: string }) => each.path)]).toEqual([422, ['community']]);
    const moved = await world.post(`/v1/requests/${await make(world)}/transfer`, countyDispatcher, { community: DACISI, reason: '那边' });
    expect([moved.status, moved.body.errors?.[0]?.path]).toEqual([422, 'community']);
    expect((await read(world, id, dispatcher)).body).toMatchObject({ community: DACISI, status: 'accepted' });
    expect(ids(await world.get(`/v1/requests?division=${DACISI}`, dispatcher))).toEqual([id]);
  }
  await world.put(`/v1/divisions/${DACISI}`, ADMIN, { name: '大慈寺社区' });
  expect((await send(resident, { community: DACISI })).status).toBe(201);
});
