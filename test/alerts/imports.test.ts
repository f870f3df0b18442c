/** Messages of other systems in CAP 1.2: what they keep, what they replace, what is refused. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CapAlert, CapArea, CapInfo } from '../../functions/alerts/cap/cap.ts';
import type { CapTime } from '../../functions/alerts/cap/cap-time.ts';
import { writeCap } from '../../functions/alerts/cap/write-cap.ts';
import { openHouse, type Answered, type House } from '../support/house.ts';
import { alertOfficer, otherOfficer, SHUIJINGFANG, ZONGFULU } from '../support/people.ts';
import { ADMIN } from '../support/world.ts';
import { fixture } from './cap/support/fixtures.ts';
import { ALERT, CANCEL, readWell, UPDATE } from './cap/support/messages.ts';
import { schemaErrors } from './cap/support/schema.ts';
import { cityOfficer, issued, postCap, settle, strangeOfficer } from './support/alerts.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
  await settle(house);
});
afterAll(() => house.stop());

const capOf = async (id: string): Promise<CapAlert> => readWell((await house.get(`/cap/alerts/${id}.xml`)).text);
const codes = ({ body }: Answered): readonly string[] => body.warnings.map(({ code }: { code: string }) => code);

/** What the samples draw lies in Jinjiang and meets all its communities; their geocode is of a street that is not here. */
const AREA: CapArea = {
  areaDesc: '水井坊',
  polygon: [],
  circle: [{ lat: 30.6461, long: 104.0913, radiusKm: 0.1 }],
  geocode: [{ valueName: 'SAME', value: '006109' }],
};
const placed = (message: CapAlert, name: string, area: readonly CapArea[] = [AREA]): CapAlert => ({
  ...message,
  identifier: message.identifier + name,
  references: message.references.map((each) => ({ ...each, identifier: each.identifier + name })),
  info: message.info.map((info) => ({ ...info, area })),
});
const send = (message: CapAlert, query = '', as = alertOfficer): Promise<Answered> => postCap(house, writeCap(message), query, as);

test('a message keeps its name and every field, and is found like one of ours', async () => {
  const message = placed(ALERT, '-a');
  const made = await send(message);
  expect([made.status, made.body]).toMatchObject([
    201,
    {
      identifier: message.identifier,
      sender: message.sender,
      senderName: '锦江区应急管理局',
      colour: 'orange',
      category: ['met', 'safety'],
      event: { 'zh-CN': '暴雨', en: 'Rainstorm' },
      sent: '2026-11-24T01:00:00.000Z',
      expires: '2026-11-24T13:00:00.000Z',
      areas: [{ circle: { lat: 30.6461, long: 104.0913, radiusKm: 0.1 }, areaDesc: '水井坊' }],
    },
  ]);
  expect(await capOf(made.body.id)).toEqual(message);
  const found = await house.get(`/v1/alerts?division=${SHUIJINGFANG}&active=true`);
  expect(found.body.items.map(({ id }: { id: string }) => id)).toContain(made.body.id);
  // The same once more is a conflict, whoever sends it.
  for (const as of [alertOfficer, cityOfficer]) expect((await send(message, '', as)).body.code).toBe('conflict');
});

test('the samples go in as dry runs and come out with every field; they are warned of as far as they are for nobody here', async () => {
  for (const name of ['australia.cap', 'wcatwc-warning.cap']) {
    const dry = await postCap(house, fixture(name), '?dryRun=true');
    expect([name, dry.status]).toEqual([name, 200]);
    expect(readWell(dry.body.cap)).toEqual(readWell(fixture(name)));
    expect(await schemaErrors([dry.body.cap])).toEqual([]);
    expect(codes(dry)).toEqual(expect.arrayContaining(['areaEmpty', 'expiresPast']));
    expect((await postCap(house, fixture(name))).status).toBe(422);
  }
});

test('the invalid sample is refused with what it lacks, what is no safe XML is not read', async () => {
  for (const query of ['', '?dryRun=true']) {
    const invalid = await postCap(house, fixture('invalid.cap'), query);
    expect([invalid.status, invalid.body.errors]).toEqual([422, [{ path: 'scope', message: '必填' }]]);
    for (const text of [fixture('xee.cap'), Buffer.from('{"status": "actual"}'), Buffer.from('<alert>')]) {
      const answer = await postCap(house, text, query);
      expect([answer.status, answer.body.code]).toEqual([400, 'malformed']);
    }
  }
  expect((await postCap(house, fixture('xee.cap'))).body.detail).toContain('DOCTYPE');
});

test('divisions that it names by the usual lists are covered, filled up with zeros or not', async () => {
  const named = (valueName: string, value: string): CapArea => ({
    areaDesc: 'x',
    polygon: [],
    circle: [],
    geocode: [{ valueName, value }],
  });
  for (const [list, value, division] of [
    ['行政区划代码', '510104', '510104'],
    ['行政区域编码', '51010400000000', '510104'],
    ['统计用区划代码', '510104020000', '510104020'],
    ['行政区划代码', ZONGFULU, ZONGFULU],
  ] as const) {
    const made = await send(placed(ALERT, `-${list}-${value}`, [named(list, value)]));
    expect([made.status, made.body.areas]).toEqual([201, [{ division, areaDesc: 'x' }]]);
  }
  expect((await send(placed(ALERT, '-other', [named('行政区划代码', '510105')]))).body.errors).toMatchObject([
    { path: 'info.0.area.0.geocode.0' },
  ]);
  const nothing = await send(placed(ALERT, '-none', [named('postcode', '610000')]), '?dryRun=true');
  expect(codes(nothing)).toContain('areaEmpty');
  expect((await send(placed(ALERT, '-none', [named('postcode', '610000')]))).status).toBe(422);
});

test('without an info or an area it says nothing to anybody here', async () => {
  for (const [message, path, code] of [
    [{ ...ALERT, info: [] }, 'info', 'infoMissing'],
    [placed(ALERT, '-n', []), 'info.0.area', 'areaMissing'],
  ] as const) {
    const { status, body } = await send(message);
    expect([status, body.errors.map((each: { path: string }) => each.path)]).toEqual([422, [path]]);
    const dry = await send(message, '?dryRun=true');
    expect([dry.status, codes(dry)]).toEqual([200, expect.arrayContaining([code])]);
  }
});

test('an update and the end of it stand in the place of what they refer to, whatever `sent` they say', async () => {
  const [first, second, last] = [ALERT, UPDATE, CANCEL].map((message) => placed(message, '-c'));
  if (first === undefined || second === undefined || last === undefined) throw new Error('three messages');
  const wrong = (message: CapAlert): CapAlert => ({
    ...message,
    references: message.references.map((each) => ({ ...each, sent: '2020-01-01T00:00:00+08:00' as CapTime })),
  });
  const one = (await send(first)).body.id;
  const two = await send(wrong(second));
  expect([two.status, two.body]).toMatchObject([201, { messageType: 'update', colour: 'red', supersedes: [one] }]);
  // It has no info of its own: it is the end of what it refers to.
  const three = await send(wrong(last));
  expect([three.status, three.body]).toMatchObject([
    201,
    { messageType: 'cancel', colour: 'red', supersedes: [two.body.id], areas: two.body.areas, responseTypes: ['allClear'] },
  ]);
  expect(await capOf(three.body.id)).toEqual(wrong(last));
  expect((await house.get(`/v1/alerts/${one}`)).body.supersededBy).toBe(two.body.id);
  expect((await house.get(`/v1/alerts/${two.body.id}`)).body.supersededBy).toBe(three.body.id);
  const again = await send({ ...second, identifier: 'again-c' });
  expect([again.status, again.body.code]).toEqual([409, 'conflict']);
});

test('what an update refers to and is not here is none of ours; whose alert it would replace has to be', async () => {
  const strange = placed(UPDATE, '-nowhere');
  expect((await send(strange)).body).toMatchObject({ messageType: 'update', supersedes: [] });
  const id = await issued(house, {}, cityOfficer);
  const { identifier, sender } = (await house.get(`/v1/alerts/${id}`)).body;
  const refers = { ...placed(UPDATE, '-city'), references: [{ sender, identifier, sent: ALERT.sent }] };
  expect((await send(refers)).status).toBe(403);
  expect((await send(refers, '', strangeOfficer)).status).toBe(403);
  expect((await send(refers, '', cityOfficer)).body.supersedes).toEqual([id]);
});

test('one of ours is ended after another system’s, and refers to it as that called itself', async () => {
  const message = { ...placed(ALERT, '-z'), sent: '2026-11-24T01:00:00-00:00' as CapTime };
  const { id } = (await send(message)).body;
  const end = await house.post(`/v1/alerts/${id}/cancel`, alertOfficer);
  const { identifier, sender, sent } = message;
  expect((await capOf(end.body.id)).references).toEqual([{ identifier, sender, sent }]);
});

test('what is more than an item holds is refused, and told what to leave out', async () => {
  const big = placed(ALERT, '-big');
  const derefUri = 'A'.repeat(400_000);
  const info = big.info.map((each) => ({ ...each, resource: [{ resourceDesc: '图', mimeType: 'image/png', derefUri }] }));
  const { status, body } = await send({ ...big, info: info.slice(0, 1) });
  expect([status, body.errors]).toMatchObject([422, [{ path: 'alert', message: expect.stringContaining('derefUri') }]]);
});

/** Each a copy of the sample's first info with something else in it. */
const saying = (name: string, ...infos: readonly Partial<CapInfo>[]): CapAlert => {
  const message = placed(ALERT, name);
  const [first] = message.info;
  if (first === undefined) throw new Error('the sample says something');
  return { ...message, info: infos.map((more) => ({ ...first, ...more })) };
};
const at = (hour: string): CapTime => `2026-11-24T${hour}:00:00+08:00` as CapTime;

test('of several infos the gravest speaks, for as long as any of them holds', async () => {
  const { body } = await send(
    saying(
      '-several',
      { severity: 'Minor', headline: '蓝色', effective: at('10'), expires: at('23') },
      { severity: 'Extreme', headline: '红色', effective: at('11'), expires: at('12') },
      { severity: 'Severe', headline: '橙色', effective: at('09'), expires: at('21') },
      { severity: 'Extreme', language: 'en', headline: 'Red' },
    ),
  );
  expect(body).toMatchObject({
    colour: 'red',
    headline: { 'zh-CN': '红色', en: 'Red' },
    effective: '2026-11-24T01:00:00.000Z',
    expires: '2026-11-24T15:00:00.000Z',
  });
});

test('whether another officer has to look is judged by the gravest of what a message says, and by what it ends', async () => {
  const waits = async (message: CapAlert): Promise<string> => (await send(message)).body.state;
  const secondPerson = (colours: readonly string[]): Promise<Answered> =>
    house.call('PUT', '/v1/settings/alertSecondPerson', { as: ADMIN, body: { value: { colours } } });
  await secondPerson(['yellow', 'red']);
  expect(await waits(saying('-unknown', { severity: 'Unknown' }))).toBe('pending');
  expect(await waits(saying('-second', { severity: 'Minor' }, { severity: 'Extreme' }))).toBe('pending');
  expect(await waits(saying('-english', { severity: 'Minor' }, { severity: 'Extreme', language: 'en' }))).toBe('pending');
  const mild = saying('-mild', { severity: 'Minor' });
  expect(await waits(mild)).toBe('issued');
  const end = (name: string, references: CapAlert['references']): CapAlert => ({
    ...saying(name, { severity: 'Extreme' }),
    msgType: 'Cancel',
    references,
  });
  const nothingHere = [{ sender: 'nobody@example.org', identifier: 'unknown', sent: at('08') }];
  expect(await waits(end('-false-end', nothingHere))).toBe('pending');
  const { sender, identifier, sent } = mild;
  expect(await waits(end('-end', [{ sender, identifier, sent }]))).toBe('issued');
  await secondPerson([]);
});

test('a message that refers to one that waits ends it; a Cancel of nothing else goes nowhere', async () => {
  const secondPerson = (colours: readonly string[]): Promise<Answered> =>
    house.call('PUT', '/v1/settings/alertSecondPerson', { as: ADMIN, body: { value: { colours } } });
  const stateOf = async (id: string): Promise<string> => (await house.get(`/v1/alerts/${id}`, alertOfficer)).body.state;
  const about = (message: CapAlert, ...names: readonly CapAlert[]): CapAlert => ({
    ...message,
    references: names.map(({ sender, identifier, sent }) => ({ sender, identifier, sent })),
  });
  await secondPerson(['red']);
  const grave = (name: string): CapAlert => saying(name, { severity: 'Extreme' });
  const first = grave('-waits');
  const { id } = (await send(first)).body;
  // What corrects it waits as well, and it alone can still go out.
  const corrected = { ...about(grave('-corrected'), first), msgType: 'Update' as const };
  const correction = await send(corrected);
  expect(correction.body.state).toBe('pending');
  expect(await stateOf(id)).toBe('withdrawn');
  expect((await house.post(`/v1/alerts/${id}/approve`, otherOfficer, {})).status).toBe(409);
  const end = { ...about(saying('-over'), corrected), msgType: 'Cancel' as const };
  const ended = await send(end);
  expect([ended.status, ended.body]).toMatchObject([201, { state: 'withdrawn', messageType: 'cancel', actions: [] }]);
  expect(await stateOf(correction.body.id)).toBe('withdrawn');
  expect((await house.get(`/cap/alerts/${ended.body.id}.xml`)).status).toBe(404);
  expect((await house.get('/cap/feed.atom')).text).not.toContain(ended.body.id);

  // What the waiting one was to take the place of is ended with it.
  const out = saying('-out', { severity: 'Minor' });
  const issuedId = (await send(out)).body.id;
  const worse = { ...about(grave('-worse'), out), msgType: 'Update' as const };
  const waiting = (await send(worse)).body;
  expect(waiting.state).toBe('pending');
  const over = await send({ ...about(saying('-all-over'), worse), msgType: 'Cancel' });
  expect(over.body).toMatchObject({ state: 'issued', supersedes: [issuedId] });
  expect((await house.get(`/v1/alerts/${issuedId}`)).body.supersededBy).toBe(over.body.id);
  expect(await stateOf(waiting.id)).toBe('withdrawn');
  await secondPerson([]);
});
