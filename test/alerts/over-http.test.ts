/** The real messages of others as they come over HTTP, through the gateway. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MINUTE } from '../../functions/kernel/time.ts';
import { alertOfficer } from '../support/people.ts';
import { startWorld, type World } from '../support/world.ts';
import { fixture } from './cap/support/fixtures.ts';
import { readWell } from './cap/support/messages.ts';
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
});

test('an alert comes in, and goes out as CAP, as a line of the feed, and to who asks by place; a change of it follows', async () => {
  const made = await world.post('/v1/alerts', alertOfficer, RAIN);
  expect(made.status).toBe(201);
  world.turn(MINUTE);
  const next = await world.post(`/v1/alerts/${made.body.id}/updates`, alertOfficer, RAIN);
  await world.settle();
  const active = await world.get('/v1/alerts?division=510104017001&active=true');
  expect(active.body.items.map(({ id }: { id: string }) => id)).toEqual([next.body.id]);
  const feed = await world.get('/cap/feed.atom?division=510104017001');
  expect(feed.headers.get('last-modified')).toBe('Tue, 24 Nov 2026 01:01:00 GMT');
  const [, file = ''] = /href="http:\/\/[^/]+(\/cap\/alerts\/[^"]+)"/.exec(feed.text) ?? [];
  const cap = await world.get(file);
  expect([cap.headers.get('content-type'), readWell(cap.text).msgType]).toEqual(['application/cap+xml', 'Update']);
});
