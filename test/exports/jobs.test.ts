/** Who gets what: jobs and the rights that they are made with, requests that were made or worked on here. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { TokenClaims } from '../../lib/local/issuer.ts';
import { sendAll } from '../import/support.ts';
import { done, make, REASON, RESOLUTION, TO_WORKER } from '../service-requests/support/requests.ts';
import { readJob } from '../../functions/exports/contract.ts';
import {
  auditor,
  CAOSHIJIE,
  countyDispatcher,
  DACISI,
  dispatcher,
  resident,
  SHUIJINGFANG,
  strangeDispatcher,
  worker,
  ZONGFULU,
} from '../support/people.ts';
import { ADMIN, startWorld, type World } from '../support/world.ts';
import { ask, ended, exported, fetched, linesOf, rowsOf } from './support/exported.ts';

const MONTH = '2026-11';
const BEGIN = '2026-11-24T09:00:00+08:00';
let world: World;
beforeAll(async () => {
  world = await startWorld({ limits: 'on' });
});
afterAll(() => world.stop());
beforeEach(() => world.turnTo(BEGIN));

const lineOf = async (id: string, as: TokenClaims, division = '510104') =>
  linesOf(await exported(world, as, division, MONTH)).find((line) => line['service_request_id'] === id);

describe('a request that was made here', () => {
  test('fills the columns while it is open, and when it is closed', async () => {
    const id = await make(world, { description: '=路灯不亮', address: '东大街 1 号', location: { lat: 30.65, long: 104.081 } });
    const open = {
      service_request_id: id,
      requested_datetime: BEGIN,
      updated_datetime: BEGIN,
      closed_date: '',
      status_description: 'open',
      status_notes: '',
      source: 'app',
      service_name: (await world.get('/v1/services/streetLamp')).body.name['zh-CN'],
      service_subtype: '',
      description: "'=路灯不亮",
      agency_responsible: '',
      address: '东大街 1 号',
      lat: '30.65',
      long: '104.081',
      community: SHUIJINGFANG,
    };
    expect(await lineOf(id, countyDispatcher)).toEqual(open);

    await done(world, id, 'accept', dispatcher);
    await done(world, id, 'assign', dispatcher, { to: TO_WORKER });
    await done(world, id, 'start', worker);
    world.turnTo('2026-11-24T10:00:00+08:00');
    await done(world, id, 'resolve', worker, RESOLUTION);
    const resolved = { closed_date: '2026-11-24T10:00:00+08:00', status_description: 'closed', status_notes: '已修好' };
    expect(await lineOf(id, countyDispatcher)).toEqual({ ...open, ...resolved, updated_datetime: '2026-11-24T10:00:00+08:00' });
    world.turnTo('2026-11-24T11:00:00.500+08:00');
    await done(world, id, 'close', dispatcher);
    const at = '2026-11-24T11:00:00.500+08:00';
    expect(await lineOf(id, countyDispatcher)).toEqual({ ...open, ...resolved, closed_date: at, updated_datetime: at });
  });

  test('is over when it was rejected, and says why', async () => {
    const id = await make(world);
    await done(world, id, 'reject', dispatcher, REASON);
    expect(await lineOf(id, countyDispatcher)).toMatchObject({ status_description: 'closed', closed_date: BEGIN, status_notes: '测试' });
  });

  test('is known when the file is taken in again where it comes from; changed in the file, it is left as it is', async () => {
    const id = await make(world);
    const rows = rowsOf(await exported(world, dispatcher, '510104017', MONTH));
    expect(await sendAll(world, 'requests', rows)).toEqual({ made: 0, changed: 0, unchanged: rows.length, errors: [] });
    const changed = rows.filter((row) => row['service_request_id'] === id).map((row) => ({ ...row, description: '另一句话' }));
    expect(await sendAll(world, 'requests', changed)).toMatchObject({ made: 0, changed: 0, errors: [{ path: 'service_request_id' }] });
  });

  test('comes out equal from an empty system that has taken it in', async () => {
    for (const channel of ['phone', 'counter', 'proxy', 'web']) await make(world, { channel, description: `来自 ${channel}` }, dispatcher);
    const file = await exported(world, dispatcher, '510104017', MONTH);
    const other = await startWorld();
    try {
      const rows = rowsOf(file);
      expect(await sendAll(other, 'requests', rows)).toMatchObject({ made: rows.length, errors: [] });
      await other.settle();
      const again = linesOf(await exported(other, dispatcher, '510104017', MONTH));
      expect(again).toHaveLength(rows.length);
      expect(new Set(again.map((line) => JSON.stringify(line)))).toEqual(new Set(linesOf(file).map((line) => JSON.stringify(line))));
      const { body } = await other.get('/v1/requests?division=510104017&limit=100', dispatcher);
      expect(body.items.filter((each: { service: string }) => each.service === 'imported')).toEqual([]);
    } finally {
      await other.stop();
    }
  });
});

test('a request that was imported and worked on here is filled in from what it is now, and keeps what only its source knew', async () => {
  const row = {
    service_request_id: 'source-1',
    requested_datetime: '2026-11-23T20:00:00-05:00',
    service_name: 'Dead Animal',
    service_subtype: 'Cat',
    description: '路边',
    agency_responsible: '环卫所',
    source: 'Phone',
    community: ZONGFULU,
  };
  await sendAll(world, 'requests', [row]);
  await world.settle();
  expect(await lineOf('source-1', countyDispatcher)).toMatchObject(row);
  const { body } = await world.get(`/v1/requests?division=${ZONGFULU}`, countyDispatcher);
  await done(world, body.items[0].id, 'accept', countyDispatcher);
  expect(await lineOf('source-1', countyDispatcher)).toMatchObject({
    ...row,
    requested_datetime: '2026-11-24T09:00:00+08:00',
    updated_datetime: BEGIN,
    status_description: 'open',
    source: 'phone',
  });
  const rows = rowsOf(await exported(world, countyDispatcher, ZONGFULU, MONTH));
  expect(await sendAll(world, 'requests', rows)).toMatchObject({ unchanged: rows.length, errors: [] });
});

describe('what staff wrote', () => {
  /** Words that nobody but the requester, the assignee and staff may read. */
  const SECRET = '内情';
  const noted = async (): Promise<{ readonly ours: readonly string[]; readonly worked: string }> => {
    const resolved = await make(world, { channel: 'counter' }, dispatcher);
    for (const [action, as, body] of [
      ['accept', dispatcher, {}],
      ['assign', dispatcher, { to: TO_WORKER }],
      ['start', worker, {}],
      ['resolve', worker, { resolution: `解决：${SECRET}` }],
    ] as const)
      await done(world, resolved, action, as, body);
    const closed = await make(world);
    await done(world, closed, 'reject', dispatcher, { reason: `退回：${SECRET}` });
    const cancelled = await make(world);
    await done(world, cancelled, 'cancel', resident);
    // Closed where it comes from, with a note of the source's, and opened again here.
    await sendAll(world, 'requests', [{ ...SOURCE, service_request_id: 'worked-on', description: '又坏了' }]);
    await world.settle();
    const { body } = await world.get(`/v1/requests?division=${DACISI}&limit=100`, countyDispatcher);
    const { id } = body.items.find((each: { description: string }) => each.description === '又坏了');
    await done(world, id, 'reopen', countyDispatcher, REASON);
    await done(world, id, 'reject', countyDispatcher, { reason: `不受理：${SECRET}` });
    return { ours: [resolved, closed, cancelled], worked: 'worked-on' };
  };
  const SOURCE = {
    service_request_id: 'open-data',
    requested_datetime: '2026-11-20T08:00:00+08:00',
    updated_datetime: '2026-11-21T08:00:00+08:00',
    closed_date: '2026-11-21T08:00:00+08:00',
    status_description: 'closed',
    status_notes: '来源已公开的说明',
    source: 'Phone',
    service_name: 'Street Light',
    service_subtype: '',
    description: '路灯',
    agency_responsible: '路灯所',
    address: '',
    lat: '',
    long: '',
    community: DACISI,
  };

  test('is in the file of a dispatcher, and not in an auditor’s, who sees the public part', async () => {
    const { ours, worked } = await noted();
    const theirs = await exported(world, countyDispatcher, '510104', MONTH);
    expect(theirs.toString('utf8').split(SECRET)).toHaveLength(4);
    const file = await exported(world, auditor, '510104', MONTH);
    expect(file.toString('utf8')).not.toContain(SECRET);
    const lines = linesOf(file);
    for (const id of [...ours, worked]) {
      const line = lines.find((each) => each['service_request_id'] === id);
      const whole = linesOf(theirs).find((each) => each['service_request_id'] === id);
      // Nor is the way by which it came part of what everybody sees.
      expect([id, line]).toEqual([id, { ...whole, status_notes: '', source: '' }]);
    }
  });

  test('is not what the source of an import wrote: its line comes out equal, also to an auditor', async () => {
    await sendAll(world, 'requests', [SOURCE]);
    await world.settle();
    for (const as of [countyDispatcher, auditor]) expect(await lineOf('open-data', as)).toEqual(SOURCE);
  });

  test('is not missed when an auditor’s file is taken in again where it comes from', async () => {
    const rows = rowsOf(await exported(world, auditor, '510104', MONTH));
    expect(rows.length).toBeGreaterThan(4);
    expect(await sendAll(world, 'requests', rows)).toEqual({ made: 0, changed: 0, unchanged: rows.length, errors: [] });
  });
});

test('what is to be seen by fewer than others of its service is in no file: taken in elsewhere, it would be seen by all of theirs', async () => {
  const as = { ...resident, division: CAOSHIJIE };
  const there = { community: CAOSHIJIE };
  const open = await make(world, { ...there, description: '公开的' }, as);
  const elder = await make(world, { ...there, service: 'elderVisit', description: '非公开的服务' }, as);
  const flagged = await make(world, { ...there, confidential: true, description: '标为保密的' }, as);
  const flaggedElder = await make(world, { ...there, service: 'elderVisit', confidential: true, description: '也标为保密' }, as);
  // Accepted as what it is not to be seen less than, and as what it is.
  const loosened = await make(world, { ...there, service: 'elderVisit', description: '改为公开的服务' }, as);
  await done(world, loosened, 'accept', strangeDispatcher, { service: 'streetLamp' });
  const tightened = await make(world, { ...there, description: '改为非公开的服务' }, as);
  await done(world, tightened, 'accept', strangeDispatcher, { service: 'elderVisit' });

  const file = await exported(world, strangeDispatcher, CAOSHIJIE, MONTH);
  const ids = linesOf(file).map((line) => line['service_request_id']);
  for (const id of [open, elder, tightened]) expect(ids).toContain(id);
  for (const id of [flagged, flaggedElder, loosened]) expect(ids).not.toContain(id);
  for (const id of [flagged, flaggedElder])
    expect(
      (await world.get(`/v1/audit?resource=requests/${id}`, auditor)).body.items.map(({ action }: { action: string }) => action),
    ).not.toContain('exportRequests');

  // A service that has become public since makes nothing public that was asked for before.
  const { code: _, version: _version, ...terms } = (await world.get('/v1/services/elderVisit')).body;
  expect((await world.put('/v1/services/elderVisit', ADMIN, { ...terms, visibility: 'public' })).status).toBe(200);
  try {
    const later = linesOf(await exported(world, strangeDispatcher, CAOSHIJIE, MONTH)).map((line) => line['service_request_id']);
    expect(later).toContain(open);
    for (const id of [elder, tightened]) expect(later).not.toContain(id);
  } finally {
    await world.put('/v1/services/elderVisit', ADMIN, terms);
  }

  const other = await startWorld();
  try {
    expect(await sendAll(other, 'requests', rowsOf(file))).toMatchObject({ errors: [] });
    await other.settle();
    const { body } = await other.get(`/v1/requests?division=${CAOSHIJIE}&limit=100`, strangeDispatcher);
    for (const { id, service } of body.items as readonly { id: string; service: string }[])
      expect([service, (await other.get(`/v1/requests/${id}`)).status]).toEqual([service, service === 'streetLamp' ? 200 : 404]);
  } finally {
    await other.stop();
  }
});

test('a service is found again by the name that it is exported by, whatever others are called', async () => {
  const { code: _, version: _version, ...lamp } = (await world.get('/v1/services/streetLamp')).body;
  const chinese = lamp.name['zh-CN'];
  // One after it in the catalogue goes by its name, another by its code, and a third by a name that no file can hold.
  for (const [code, name] of [
    ['zLamp', chinese],
    ['zzLamp', 'streetLamp'],
    ['zzzLamp', '路灯\n两行'],
  ] as const)
    expect((await world.put(`/v1/services/${code}`, ADMIN, { ...lamp, name: { 'zh-CN': name } })).status).toBeLessThan(300);
  const codes = ['streetLamp', 'zLamp', 'zzLamp', 'zzzLamp'];
  for (const service of codes)
    await make(world, { service, community: '510105006001', description: service }, { ...resident, division: '510105006001' });
  const lines = linesOf(await exported(world, strangeDispatcher, '510105', MONTH)).filter(({ description = '' }) =>
    codes.includes(description),
  );
  const rows = lines.map((line, index) => ({ ...line, service_request_id: `again-${index}` }));
  expect(await sendAll(world, 'requests', rows)).toMatchObject({ made: codes.length, errors: [] });
  await world.settle();
  const { body } = await world.get('/v1/requests?division=510105&limit=100', strangeDispatcher);
  for (const code of codes)
    expect(
      body.items.filter((each: { description: string }) => each.description === code).map((each: { service: string }) => each.service),
    ).toEqual([code, code]);
});

describe('who sees what', () => {
  test('a dispatcher all that is not confidential; an auditor what is public', async () => {
    const shown = await make(world);
    const hidden = await make(world, { service: 'elderVisit', description: '老人独居' });
    for (const [as, sees] of [
      [countyDispatcher, true],
      [auditor, false],
    ] as const) {
      expect(await lineOf(shown, as)).toBeDefined();
      expect([as.sub, (await lineOf(hidden, as)) !== undefined]).toEqual([as.sub, sees]);
    }
  });

  test('a confidential one before it is accepted every dispatcher of its community, then who accepted it; each reading is written down', async () => {
    const id = await make(world, { service: 'urgentHelp', description: '需要紧急帮助' });
    const readings = async (): Promise<readonly string[]> =>
      (await world.get(`/v1/audit?resource=requests/${id}&limit=100`, auditor)).body.items
        .filter(({ action }: { action: string }) => action === 'exportRequests')
        .map(({ sub }: { sub: string }) => sub);
    expect(await lineOf(id, auditor)).toBeUndefined();
    expect(await lineOf(id, dispatcher, '510104017')).toMatchObject({ description: '需要紧急帮助' });
    expect(await readings()).toEqual([dispatcher.sub]);
    world.turn(1000);
    expect(await lineOf(id, countyDispatcher)).toBeDefined();
    expect(await readings()).toEqual([countyDispatcher.sub, dispatcher.sub]);
    await done(world, id, 'accept', dispatcher);
    expect(await lineOf(id, countyDispatcher)).toBeUndefined();
    expect(await lineOf(id, dispatcher, '510104017')).toBeDefined();
    expect(await readings()).toHaveLength(3);
  });

  test('nobody beyond their own prefix, and every export is written down', async () => {
    for (const division of ['510105', '5101', '51', '510104020']) expect((await ask(world, dispatcher, division, MONTH)).status).toBe(403);
    for (const as of [resident, worker, ADMIN]) expect((await ask(world, as, '510104', MONTH)).status).toBe(403);
    expect((await ask(world, countyDispatcher, '510104999', MONTH)).status).toBe(404);
    for (const query of ['division=510104', `month=${MONTH}`, `division=510104&month=2026-13`])
      expect((await world.get(`/v1/exports/requests?${query}`, countyDispatcher)).status).toBe(422);
    const { body } = await world.get('/v1/audit?resource=exports/requests', auditor);
    for (const { sub, division } of [dispatcher, countyDispatcher])
      expect(body.items).toContainEqual(
        expect.objectContaining({
          community: division,
          action: `exportRequests ${division} ${MONTH}`,
          sub,
          at: '2026-11-24T01:00:00.000Z',
        }),
      );
  });
});

describe('a job', () => {
  test('is for who asked for it, and looks to others like none', async () => {
    const asked = await ask(world, countyDispatcher, '510104', MONTH);
    expect([asked.status, asked.body.status, asked.body.progress]).toEqual([202, 'running', 0]);
    expect(asked.headers.get('location')).toBe(`/v1/jobs/${asked.body.id}`);
    for (const as of [auditor, dispatcher, { ...countyDispatcher, sub: 'another' }, ADMIN]) {
      const answer = await world.get(`/v1/jobs/${asked.body.id}`, as);
      const none = await world.get(`/v1/jobs/${'3'.repeat(26)}`, as);
      expect([answer.status, answer.text]).toEqual([404, none.text]);
    }
    expect((await ended(world, countyDispatcher, asked)).status).toBe('done');
  });

  test('hands out a link for a quarter of an hour, another each time, and nobody is told that theirs is still good', async () => {
    const asked = await ask(world, countyDispatcher, '510104', MONTH);
    const { url, urlExpires } = await ended(world, countyDispatcher, asked);
    expect(urlExpires).toBe('2026-11-24T01:15:00.000Z');
    const path = asked.headers.get('location') ?? '';
    const etag = (await world.get(path, countyDispatcher)).headers.get('etag') ?? '';
    world.turn(10 * 60_000);
    const again = await world.call('GET', path, { as: countyDispatcher, headers: { 'if-none-match': etag } });
    expect([again.status, again.body.urlExpires]).toEqual([200, '2026-11-24T01:25:00.000Z']);
    world.turn(5 * 60_000 + 1000);
    expect((await fetch(url)).status).toBe(403);
    const answer = await fetch(again.body.url);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/csv; charset=utf-8']);
    expect(answer.headers.get('content-disposition')).toContain(`requests-510104-${MONTH}.csv`);
  });

  test('is the same one while it runs, and a new one when it has ended', async () => {
    const once = { ...countyDispatcher, sub: 'dispatcher-once' };
    const all = await Promise.all(Array.from({ length: 6 }, () => ask(world, once, '510104', MONTH)));
    expect(all.map(({ status }) => status)).toEqual(all.map(() => 202));
    expect(new Set(all.map(({ body }) => body.id)).size).toBeLessThan(6);
    const first = all[0];
    if (first === undefined) throw new Error('nothing was asked');
    await ended(world, once, first);
    expect((await ask(world, once, '510104', MONTH)).body.id).not.toBe(first.body.id);
    expect((await ask(world, once, '510104', '2026-10')).body.id).not.toBe(first.body.id);
  });

  test('is gone after seven days; its file is taken away by a rule of the store’s own, and no client of ours may', async () => {
    const asked = await ask(world, countyDispatcher, '510104', MONTH);
    const { id } = await ended(world, countyDispatcher, asked);
    world.turnTo('2026-12-01T08:59:59+08:00');
    const { body } = await world.get(`/v1/jobs/${id}`, countyDispatcher);
    expect((await fetched(body.url)).length).toBeGreaterThan(100);
    world.turnTo('2026-12-01T09:00:00+08:00');
    expect((await world.get(`/v1/jobs/${id}`, countyDispatcher)).status).toBe(404);
    expect(readJob.objects).toEqual({ 'exports/': 'link' });
  });

  test('is not asked for without end', async () => {
    const eager = { ...countyDispatcher, sub: 'dispatcher-eager' };
    const statuses = new Set<number>();
    for (let count = 0; count < 62; count++) statuses.add((await ask(world, eager, '510104', '2020-01')).status);
    expect(statuses).toEqual(new Set([202, 429]));
  });
});
