/** The real messages of others as they come over HTTP, through the gateway. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeCap } from '../../functions/alerts/cap/write-cap.ts';
import { MINUTE, SECOND } from '../../functions/kernel/time.ts';
import { alertOfficer, dispatcher, resident, strangeWorker, worker } from '../support/people.ts';
import { ADMIN, startWorld, type World } from '../support/world.ts';
import { fixture } from './cap/support/fixtures.ts';
import { ALERT, readWell } from './cap/support/messages.ts';
import { CAP_TYPE, RAIN } from './support/alerts.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

test('samples are tried in a dry run, the broken ones told why', async () => {
  const send = (name: string) => world.post('/v1/alerts?dryRun=true', alertOfficer, fixture(name).toString('latin1'), CAP_TYPE);
  for (const name of ['australia.cap', 'wcatwc-warning.cap']) {
    const { status, body } = await send(name);
    expect([name, status]).toEqual([name, 200]);
    expect(readWell(body.cap)).toEqual(readWell(fixture(name)));
    expect(body.warnings.map(({ code }: { code: string }) => code)).toContain('areaEmpty');
  }
  expect((await send('invalid.cap')).body.errors).toEqual([{ path: 'scope', message: '必填' }]);
  expect((await send('xee.cap')).status).toBe(400);
  const empty = await world.call('POST', '/v1/alerts', { as: alertOfficer, body: '', headers: CAP_TYPE });
  expect([empty.status, empty.body.code, empty.body.errors]).toEqual([400, 'malformed', undefined]);
});

test('an alert comes in, and goes out as CAP, as a line of the feed, and to who asks by place; a change of it follows', async () => {
  const made = await world.post('/v1/alerts', alertOfficer, RAIN);
  expect(made.status).toBe(201);
  world.turn(MINUTE);
  const next = await world.post(`/v1/alerts/${made.body.id}/updates`, alertOfficer, RAIN);
  await world.settle();
  const active = await world.get('/v1/alerts?division=510104017001&active=true');
  expect(active.body.items.map(({ id }: { id: string }) => id)).toEqual([next.body.id]);
  world.turn(2 * SECOND);
  const feed = await world.get('/cap/feed.atom?division=510104017001');
  expect(feed.headers.get('last-modified')).toBe('Tue, 24 Nov 2026 01:01:00 GMT');
  const [, file = ''] = /href="http:\/\/[^/]+(\/cap\/alerts\/[^"]+)"/.exec(feed.text) ?? [];
  const cap = await world.get(file);
  expect([cap.headers.get('content-type'), readWell(cap.text).msgType]).toEqual(['application/cap+xml', 'Update']);
});

test('of two alerts of one second, who has seen the first in the feed is told of the second, by its date alone', async () => {
  world.turn(MINUTE);
  const path = '/cap/feed.atom?division=510104020001';
  const there = { ...RAIN, areas: [{ division: '510104020001' }] };
  await world.post('/v1/alerts', alertOfficer, there);
  const since = { 'if-modified-since': (await world.get(path)).headers.get('last-modified') ?? '' };
  const { body: second } = await world.post('/v1/alerts', alertOfficer, there);
  for (const later of [0, MINUTE]) {
    world.turn(later);
    const answer = await world.call('GET', path, { headers: since });
    expect([answer.status, answer.text.includes(second.id)]).toEqual([200, true]);
  }
});

test('a message that is mild at first and grave further on waits for a second officer, as grave as it is', async () => {
  await world.put('/v1/settings/alertSecondPerson', ADMIN, { value: { colours: ['red'] } });
  const [first] = ALERT.info;
  if (first === undefined) throw new Error('the sample says something');
  const info = {
    ...first,
    area: [{ areaDesc: '锦江区', polygon: [], circle: [], geocode: [{ valueName: '行政区划代码', value: '510104' }] }],
  };
  const message = writeCap({
    ...ALERT,
    identifier: 'grave-at-last',
    info: [
      { ...info, severity: 'Minor' },
      { ...info, severity: 'Extreme' },
    ],
  });
  const { body } = await world.post('/v1/alerts', alertOfficer, message, CAP_TYPE);
  expect(body).toMatchObject({ state: 'pending', colour: 'red', actions: ['cancel'] });
  expect((await world.get(`/v1/alerts/${body.id}`)).status).toBe(404);
  const withdrawn = await world.post(`/v1/alerts/${body.id}/cancel`, alertOfficer, { reason: '误报' });
  expect([withdrawn.status, withdrawn.body]).toMatchObject([200, { id: body.id, state: 'withdrawn' }]);
  await world.put('/v1/settings/alertSecondPerson', ADMIN, { value: { colours: [] } });
});

test('a worker of another county does not answer over who has answered', async () => {
  const { body: alert } = await world.post('/v1/alerts', alertOfficer, RAIN);
  const path = `/v1/alerts/${alert.id}/acknowledgements`;
  const { body: own } = await world.post(path, resident, { state: 'needHelp', note: '一楼进水' });
  const over = { state: 'safe', community: strangeWorker.division, onBehalfOf: { name: '王', sub: resident.sub } };
  expect((await world.post(path, strangeWorker, over)).status).toBe(403);
  expect((await world.get(`${path}/${own.id}`, resident)).body).toEqual(own);
  await world.settle();
  await world.post(path, resident, { state: 'safe' });
  await world.settle();
  const { body: request } = await world.get(`/v1/requests/${own.request}`, dispatcher);
  expect([request.description, request.comments.map(({ text }: { text: string }) => text.split('\n')[0])]).toEqual([
    '一楼进水',
    ['对方最新回复：已安全'],
  ]);
});

test('help is found near an alert whose first street has nobody in it', async () => {
  const near = { lat: 30.6586, long: 104.0795 };
  await world.put('/v1/divisions/510104016', ADMIN, { name: '新设街道' });
  await world.put('/v1/divisions/510104020001', ADMIN, { name: '总府路社区', location: near });
  const shelter = { kind: 'shelter', name: { 'zh-CN': '小学操场' }, community: '510104020001', location: near };
  const keeper = { ...worker, division: '510104020001' };
  expect((await world.put('/v1/facilities/shelter-a', keeper, shelter)).status).toBe(201);
  for (const areas of [[{ division: '510104' }], [{ division: '510104016' }, { division: '510104020' }]]) {
    const { body } = await world.post('/v1/alerts', alertOfficer, { ...RAIN, areas });
    expect(body.facilities.map(({ id }: { id: string }) => id)).toEqual(['shelter-a']);
  }
  await world.put('/v1/divisions/510104020001', ADMIN, { name: '总府路社区', location: near, active: false });
  expect((await world.put('/v1/facilities/shelter-b', keeper, shelter)).body.errors).toEqual([
    { path: 'community', message: '该社区已停用' },
  ]);
});

test('a list of very long alerts comes in pages that can be answered', async () => {
  const [first] = ALERT.info;
  if (first === undefined) throw new Error('the sample says something');
  const long = '雨'.repeat(10_000);
  const area = [{ areaDesc: '草市街', polygon: [], circle: [], geocode: [{ valueName: '行政区划代码', value: '510105' }] }];
  const info = { ...first, description: long, instruction: long, resource: [], area };
  const officer = { ...alertOfficer, division: '510105' };
  for (let count = 0; count < 20; count++) {
    const message = writeCap({ ...ALERT, identifier: `long-${count}`, info: [info, { ...info, language: 'en' }] });
    expect((await world.post('/v1/alerts', officer, message, CAP_TYPE)).status).toBe(201);
  }
  const sizes: number[] = [];
  let [seen, cursor] = [0, ''];
  do {
    const { body, text } = await world.get(`/v1/alerts?division=510105&limit=100${cursor}`);
    sizes.push(Buffer.byteLength(text));
    seen += body.items.length;
    cursor = body.next === null ? '' : `&cursor=${encodeURIComponent(body.next)}`;
  } while (cursor !== '');
  expect(seen).toBe(20);
  expect(sizes.length).toBe(2);
  expect(Math.max(...sizes)).toBeLessThan(2_500_000);
});

test('an open polygon is warned of in a dry run and refused when issued, in CAP as in JSON', async () => {
  const [first] = ALERT.info;
  if (first === undefined) throw new Error('the sample says something');
  const open = [
    [30.64, 104.08],
    [30.66, 104.08],
    [30.66, 104.1],
    [30.65, 104.1],
  ] as const;
  const info = { ...first, area: [{ areaDesc: '锦江区', polygon: [open], circle: [], geocode: [] }] };
  const message = writeCap({ ...ALERT, identifier: 'open', info: [info] });
  const dry = await world.post('/v1/alerts?dryRun=true', alertOfficer, message, CAP_TYPE);
  expect([dry.status, dry.body.warnings]).toMatchObject([200, [{ code: 'polygonOpen', path: 'info.0.area.0.polygon.0' }]]);
  const issued = await world.post('/v1/alerts', alertOfficer, message, CAP_TYPE);
  expect([issued.status, issued.body.errors]).toMatchObject([422, [{ path: 'info.0.area.0.polygon.0' }]]);
});
