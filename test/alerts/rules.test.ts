/** What an alert must be, and what a dry run says of one that is not. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openHouse, type Answered, type House } from '../support/house.ts';
import { alertOfficer, SHUIJINGFANG } from '../support/people.ts';
import { ADMIN } from '../support/world.ts';
import { COLOURS } from '../../functions/kernel/colour.ts';
import { CATEGORIES, CERTAINTIES, MSG_TYPES, RESPONSE_TYPES, STATUSES, URGENCIES } from '../../functions/alerts/cap/cap.ts';
import { ALERT_STATUSES, MESSAGE_TYPES } from '../../functions/alerts/alert.ts';
import { CATEGORY_WORDS, CERTAINTY_WORDS, RESPONSE_WORDS, URGENCY_WORDS, wordIn } from '../../functions/alerts/words.ts';
import { readWell } from './cap/support/messages.ts';
import { schemaErrors } from './cap/support/schema.ts';
import { cityOfficer, issued, post, RAIN, settle } from './support/alerts.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
  await settle(house);
});
afterAll(() => house.stop());

const wrong = ({ status, body }: Answered): unknown => [status, body.errors?.map(({ path }: { path: string }) => path)];
const warnings = ({ body }: Answered): unknown => body.warnings.map(({ path, code }: { path: string; code: string }) => [path, code]);

const NEAR: readonly (readonly [number, number])[] = [
  [30.64, 104.085],
  [30.65, 104.085],
  [30.65, 104.095],
  [30.64, 104.095],
  [30.64, 104.085],
];
const circle = (lat: number, long: number, radiusKm: number): object => ({ circle: { lat, long, radiusKm } });

test('the words of the interface are those of CAP', () => {
  const lists = [
    [CATEGORY_WORDS, CATEGORIES],
    [RESPONSE_WORDS, RESPONSE_TYPES],
    [URGENCY_WORDS, URGENCIES],
    [CERTAINTY_WORDS, CERTAINTIES],
    [ALERT_STATUSES, STATUSES],
    [MESSAGE_TYPES, MSG_TYPES],
  ] as const;
  for (const [words, cap] of lists) {
    expect(words.map((word) => wordIn<string>(cap, word))).toEqual(cap);
    expect(cap.map((word) => wordIn<string>(words, word))).toEqual(words);
  }
});

test.each([
  ['a division that is not there', { areas: [{ division: '510104099' }] }, 'areas.0.division', 'areaEmpty'],
  ['a division of another county', { areas: [{ division: '510104' }, { division: '510105' }] }, 'areas.1.division', 'areaOutside'],
  ['the city, which is more than the county', { areas: [{ division: '5101' }] }, 'areas.0.division', 'areaOutside'],
  ['a circle that reaches into another county', { areas: [circle(30.6586, 104.0795, 3)] }, 'areas.0.circle', 'areaOutside'],
  ['a circle where nobody lives', { areas: [circle(30, 90, 1)] }, 'areas.0.circle', 'areaEmpty'],
  ['an open polygon', { areas: [{ polygon: NEAR.slice(0, -1) }] }, 'areas.0.polygon', 'polygonOpen'],
  ['two corners', { areas: [{ polygon: [NEAR[0], NEAR[1], NEAR[0]] }] }, 'areas.0.polygon', 'polygonFew'],
  ['a crossing polygon', { areas: [{ polygon: [NEAR[0], NEAR[2], NEAR[1], NEAR[3], NEAR[0]] }] }, 'areas.0.polygon', 'polygonCrossing'],
  ['half a continent', { areas: [circle(30, 104, 1000), circle(31, 105, 1000)] }, 'areas.0', 'areaLarge'],
  ['an end that is no later than its beginning', { effective: '2026-11-24T21:00:00+08:00' }, 'expires', 'expiresEarly'],
])('%s is a wrong field, and in a dry run a warning', async (_, more, path, code) => {
  expect(wrong(await post(house, more))).toEqual([422, [path]]);
  const before = await house.content(['alerts']);
  const dry = await post(house, more, alertOfficer, '?dryRun=true');
  expect([dry.status, warnings(dry)]).toEqual([200, [[path, code]]]);
  expect(dry.body.alert).toMatchObject({ state: 'issued', headline: expect.anything() });
  expect(await house.content(['alerts'])).toEqual(before);
});

test('a division no longer in use covers nobody', async () => {
  await house.call('PUT', '/v1/divisions/510104030', { as: ADMIN, body: { name: '旧街道', active: false } });
  expect(wrong(await post(house, { areas: [{ division: '510104030' }] }))).toEqual([422, ['areas.0.division']]);
});

test('what is malformed is a wrong field in a dry run, too, each by its name', async () => {
  for (const query of ['', '?dryRun=true']) {
    expect(wrong(await post(house, { colour: 'green', areas: [{ polygon: [[91, 0]] }, {}], headline: 5 }, alertOfficer, query))).toEqual([
      422,
      ['colour', 'headline', 'areas.0.polygon.0', 'areas.1'],
    ]);
    expect(wrong(await post(house, { areas: [] }, alertOfficer, query))).toEqual([422, ['areas']]);
  }
});

test('a dry run warns of what could be better, in the caller’s language, and shows what would be sent', async () => {
  const bad = { urgency: 'unknown', headline: '长'.repeat(141), instruction: undefined, effective: '2026-11-01T00:00:00+08:00' };
  const given = { body: { ...RAIN, ...bad, expires: '2026-11-02T00:00:00+08:00' }, as: alertOfficer };
  const dry = await house.call('POST', '/v1/alerts?dryRun=true', { ...given, headers: { 'accept-language': 'en' } });
  expect(dry.body.warnings).toEqual([
    { path: 'headline', code: 'headlineLong', message: expect.stringContaining('140 characters') },
    { path: 'instruction', code: 'instructionMissing', message: expect.stringContaining('told what to do') },
    { path: 'expires', code: 'expiresPast', message: 'it has expired already' },
    { path: 'urgency', code: 'urgencyUnknown', message: expect.any(String) },
  ]);
  expect(await schemaErrors([dry.body.cap])).toEqual([]);
  expect(dry.body.targeted).toBe(0);
  // They are warnings: it goes out all the same.
  expect((await house.call('POST', '/v1/alerts', given)).status).toBe(201);
});

test('the severity follows the colour', async () => {
  for (const [index, colour] of COLOURS.entries()) {
    const dry = await post(house, { colour }, alertOfficer, '?dryRun=true');
    const [info] = readWell(dry.body.cap).info;
    expect([info?.severity, info?.parameter]).toEqual([
      ['Minor', 'Moderate', 'Severe', 'Extreme'][index],
      [{ valueName: '预警颜色', value: ['蓝', '黄', '橙', '红'][index] }],
    ]);
  }
});

test('an info in zh-CN, and one in en where there is any en; texts and lists as they were sent', async () => {
  const one = await post(house, { event: '暴雨', headline: '暴雨', category: ['met', 'cbrne'] });
  expect(one.body).toMatchObject({ event: { 'zh-CN': '暴雨' }, category: ['met', 'cbrne'] });
  const xml = async (id: string): Promise<string> => (await house.get(`/cap/alerts/${id}.xml`)).text;
  expect(readWell(await xml(one.body.id)).info.map(({ language, category }) => [language, category])).toEqual([
    ['zh-CN', ['Met', 'CBRNE']],
  ]);
  const two = readWell(await xml(await issued(house)));
  expect(two.info.map(({ language, headline }) => [language, headline])).toEqual([
    ['zh-CN', '锦江区发布暴雨橙色预警'],
    ['en', 'Orange warning of rainstorm for Jinjiang District'],
  ]);
});

test('shapes and divisions stand in CAP as they were drawn, under the names of what they meet', async () => {
  const areas = [
    { polygon: NEAR, closed: true },
    { ...circle(30.6461, 104.0913, 0.1), areaDesc: '水井坊一带' },
    { division: SHUIJINGFANG },
  ];
  const { body, status } = await post(house, { areas }, cityOfficer);
  expect(status).toBe(201);
  expect(body.areas.map(({ areaDesc }: { areaDesc: string }) => areaDesc)).toEqual([
    '成都市锦江区锦官驿街道水井坊社区、成都市锦江区锦官驿街道大慈寺社区',
    '水井坊一带',
    '成都市锦江区锦官驿街道水井坊社区',
  ]);
  const cap = readWell((await house.get(`/cap/alerts/${body.id}.xml`)).text);
  expect(cap.info[0]?.area.map(({ polygon, circle: circles, geocode }) => [polygon, circles, geocode])).toEqual([
    [[NEAR], [], []],
    [[], [{ lat: 30.6461, long: 104.0913, radiusKm: 0.1 }], []],
    [[], [], [{ valueName: '行政区划代码', value: SHUIJINGFANG }]],
  ]);
});

test('the nearest help comes with an alert: to its middle, or to wherever one asks', async () => {
  const worker = { sub: 'worker-of-the-city', roles: ['worker' as const], division: '5101' };
  const put = (id: string, kind: string, lat: number): Promise<Answered> =>
    house.call('PUT', `/v1/facilities/${id}`, {
      as: worker,
      body: { kind, name: { 'zh-CN': id }, community: SHUIJINGFANG, location: { lat, long: 104.0913 } },
    });
  for (const index of [4, 3, 2, 1]) await put(`shelter-${index}`, 'shelter', 30.6461 + index / 100);
  await put('station', 'microFireStation', 30.7);
  await put('meals', 'mealPoint', 30.6461);
  const made = await post(house, { areas: [{ division: SHUIJINGFANG }] });
  const ids = (answer: Answered): unknown => answer.body.facilities.map(({ id }: { id: string }) => id);
  expect(ids(made)).toEqual(['shelter-1', 'shelter-2', 'shelter-3', 'station']);
  expect(made.body.facilities[0]).toMatchObject({ kind: 'shelter', distance: 1112, name: { 'zh-CN': 'shelter-1' } });
  const path = `/v1/alerts/${made.body.id}`;
  expect(ids(await house.get(path))).toEqual(ids(made));
  expect(ids(await house.get(`${path}?near=30.7,104.0913`))).toEqual(['shelter-4', 'shelter-3', 'shelter-2', 'station']);
  expect((await house.get(`${path}?near=30.7`)).status).toBe(422);
});
