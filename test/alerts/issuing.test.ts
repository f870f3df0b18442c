/** Alerts are issued, and found again everywhere. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openHouse, type House } from '../support/house.ts';
import { alertOfficer, SHUIJINGFANG } from '../support/people.ts';
import { schemaErrors } from './cap/support/schema.ts';
import { issued, post, RAIN, settle } from './support/alerts.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
  await settle(house);
});
afterAll(() => house.stop());

test('an alert is issued, read by everybody, listed where it holds, and published as CAP that OASIS’s schema takes', async () => {
  const made = await post(house);
  expect(made.text).toContain('暴雨');
  expect([made.status, made.headers['location'], made.headers['etag']]).toEqual([201, `/v1/alerts/${made.body.id}`, '"1"']);
  expect(made.body).toMatchObject({
    ...RAIN,
    description: { 'zh-CN': RAIN.description },
    instruction: { 'zh-CN': RAIN.instruction },
    areas: [{ division: '510104017', areaDesc: '成都市锦江区锦官驿街道' }],
    expires: '2026-11-24T13:00:00.000Z',
    effective: '2026-11-24T01:00:00.000Z',
    state: 'issued',
    messageType: 'alert',
    identifier: '51010400000000_20261124090000_1',
    sender: '51010400000000',
    senderName: '成都市锦江区',
    active: true,
  });
  const read = await house.get(`/v1/alerts/${made.body.id}`);
  expect([read.status, read.headers['etag'], read.body]).toEqual([200, '"1"', { ...made.body, actions: [] }]);
  const { areas: _areas, references: _references, facilities: _facilities, actions: _actions, ...summary } = made.body;
  for (const query of ['', '?division=51', '?division=510104', `?division=${SHUIJINGFANG}`, '?active=true', '?division=5101&active=true'])
    expect([query, (await house.get(`/v1/alerts${query}`)).body.items]).toEqual([query, [summary]]);
  for (const query of ['?division=510105', '?division=510104020001', '?active=false', '?division=31'])
    expect([query, (await house.get(`/v1/alerts${query}`)).body.items]).toEqual([query, []]);
  const cap = await house.get(`/cap/alerts/${made.body.id}.xml`);
  expect([cap.status, cap.headers['content-type']]).toEqual([200, 'application/cap+xml']);
  expect(await schemaErrors([cap.text])).toEqual([]);
  expect(cap.text).toContain('<severity>Severe</severity>');
});

test('those of one office within one second have serials of their own', async () => {
  const ids = await Promise.all(Array.from({ length: 5 }, () => issued(house)));
  const identifiers = await Promise.all(ids.map(async (id) => (await house.get(`/v1/alerts/${id}`)).body.identifier));
  expect(new Set(identifiers).size).toBe(5);
});

test('an officer without a division issues nothing', async () => {
  const { division: _, ...nowhere } = alertOfficer;
  expect((await post(house, {}, nowhere)).status).toBe(403);
});
