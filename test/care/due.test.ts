/** Who is due: what a tier asks, what was missed and why, what an alert asks beside it, and what a community's desk is told. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { alertsRelay } from '../../functions/alerts/relay.ts';
import { alertedPlaces, type ChainedAlert } from '../../functions/care/alerted.ts';
import { careRelay } from '../../functions/care/relay.ts';
import { careRepository } from '../../functions/care/repository.ts';
import { careMessage } from '../../functions/notifications/care-message.ts';
import { REACTIONS } from '../../lib/local/functions.ts';
import { RAIN } from '../alerts/support/alerts.ts';
import { openHouse, type Answered, type House, type StoredItem } from '../support/house.ts';
import { reactionsTo } from '../support/listener.ts';
import { alertOfficer, CAOSHIJIE, DACISI, SHUIJINGFANG, worker, ZONGFULU } from '../support/people.ts';
import { ADMIN } from '../support/world.ts';

let house: House;
let alerts: Awaited<ReturnType<typeof reactionsTo>>;
let reminders: Awaited<ReturnType<typeof reactionsTo>>;
beforeAll(async () => {
  house = await openHouse();
  alerts = await reactionsTo(
    house,
    'alerts',
    alertsRelay,
    REACTIONS.filter(({ declaration }) => declaration.name === 'alert-visits'),
  );
  reminders = await reactionsTo(house, 'care', careRelay, []);
});
afterAll(() => house.stop());

const countyWorker = { sub: 'worker-of-the-county', roles: ['worker'], division: '510104' };
const register = async (community: string, more: object = {}, as = countyWorker): Promise<string> => {
  const body = { name: '王桂兰', community, tier: 'high', activeFrom: '2026-08-01', ...more };
  return (await house.post('/v1/care/recipients', as, body)).body.id;
};
const visit = (id: string, at: string, outcome = 'well'): Promise<Answered> =>
  house.post(`/v1/care/recipients/${id}/visits`, countyWorker, { at, mode: 'inPerson', outcome });
const due = async (division: string, month = ''): Promise<Answered['body']> =>
  (await house.get(`/v1/care/due?division=${division}&limit=100${month === '' ? '' : `&month=${month}`}`, countyWorker)).body.items;
const dueOf = async (id: string, division: string, month = ''): Promise<Answered['body']> =>
  (await due(division, month)).find((each: { id: string }) => each.id === id);
const alertedOf = async (id: string, division = '510104'): Promise<readonly string[]> =>
  (await dueOf(id, division))?.alerts.map(({ alert }: { alert: string }) => alert) ?? [];

test('shows the windows that have begun, what was missed and why; who was visited as asked is not there', async () => {
  house.turnTo('2026-11-24T09:00:00+08:00');
  const id = await register(SHUIJINGFANG);
  await visit(id, '2026-11-03T10:00:00+08:00');
  await visit(id, '2026-11-12T10:00:00+08:00', 'notFound');
  expect((await dueOf(id, SHUIJINGFANG)).windows).toEqual([
    { from: '2026-11-01', to: '2026-11-07', state: 'visited', visitedOn: '2026-11-03', notFoundOn: [] },
    { from: '2026-11-08', to: '2026-11-14', state: 'missed', why: 'notFound', notFoundOn: ['2026-11-12'] },
    { from: '2026-11-15', to: '2026-11-21', state: 'missed', why: 'noVisit', notFoundOn: [] },
    { from: '2026-11-22', to: '2026-11-28', state: 'open', notFoundOn: [] },
  ]);
  for (const day of ['13', '16', '22']) await visit(id, `2026-11-${day}T10:00:00+08:00`);
  expect(await dueOf(id, SHUIJINGFANG)).toBeUndefined();
  // In October nobody came.
  expect((await dueOf(id, SHUIJINGFANG, '2026-10')).windows).toHaveLength(4);
  expect((await house.get('/v1/care/due?month=2026-12', worker)).status).toBe(422);
  expect((await house.get('/v1/care/due?month=2025-10', worker)).status).toBe(422);
});

test('a month that has ended is shown as people stood at its end', async () => {
  house.turnTo('2026-11-24T09:00:00+08:00');
  const [moved, ended, calmer] = [await register(DACISI), await register(DACISI), await register(DACISI)];
  house.turnTo('2026-12-02T09:00:00+08:00');
  const patch = (id: string, body: object): Promise<Answered> =>
    house.call('PATCH', `/v1/care/recipients/${id}`, { as: countyWorker, body });
  await patch(moved, { community: ZONGFULU });
  await patch(ended, { active: false, endReason: 'died' });
  await patch(calmer, { tier: 'key' });
  const ids = (await due(DACISI, '2026-11')).map(({ id }: { id: string }) => id);
  expect(ids.toSorted()).toEqual([ended, calmer].toSorted());
  expect((await dueOf(calmer, DACISI, '2026-11')).windows).toHaveLength(4);
  expect((await due(DACISI)).map(({ id }: { id: string }) => id)).toEqual([calmer]);
  expect(await due(ZONGFULU, '2026-11')).toEqual([]);
});

test('an orange or red alert makes visits due until there is one or it is cancelled; an update asks for no second one', async () => {
  house.turnTo('2026-12-10T09:00:00+08:00');
  const [one, two] = [await register(SHUIJINGFANG, { tier: 'general' }), await register(SHUIJINGFANG, { tier: 'general' })];
  const elsewhere = await register(ZONGFULU, { tier: 'general' });
  for (const id of [one, two, elsewhere]) await visit(id, '2026-12-10T08:00:00+08:00');
  const issue = async (more: object, path = '/v1/alerts'): Promise<string> => {
    const { body, status, text } = await house.post(path, alertOfficer, {
      ...RAIN,
      areas: [{ division: '510104017' }],
      effective: new Date(house.now()).toISOString(),
      expires: new Date(house.now() + 6 * 3_600_000).toISOString(),
      ...more,
    });
    expect([text, status]).toEqual([text, 201]);
    // Each is told twice.
    for (const event of await alerts.events()) for (let times = 0; times < 2; times++) await alerts.deliver(event);
    return body.id;
  };
  await issue({ status: 'exercise', colour: 'red' });
  const yellow = await issue({ colour: 'yellow' });
  expect(await alertedOf(one)).toEqual([]);
  // It has become graver.
  house.turn(60_000);
  const orange = await issue({ colour: 'orange' }, `/v1/alerts/${yellow}/updates`);
  const since = new Date(house.now()).toISOString();
  expect((await dueOf(one, SHUIJINGFANG)).alerts).toEqual([
    { alert: orange, headline: RAIN.headline, since, dueBy: new Date(house.now() + 86_400_000).toISOString() },
  ]);
  expect(await alertedOf(elsewhere)).toEqual([]);
  house.turn(600_000);
  await visit(one, new Date(house.now()).toISOString());
  await visit(two, new Date(house.now()).toISOString(), 'notFound');
  house.turn(600_000);
  const red = await issue({ colour: 'red' }, `/v1/alerts/${orange}/updates`);
  expect([await alertedOf(one), await alertedOf(two)]).toEqual([[], [red]]);
  expect((await dueOf(two, SHUIJINGFANG)).alerts).toMatchObject([{ since }]);
  const notes = async (): Promise<readonly StoredItem[]> =>
    [...((await house.content(['care']))['care']?.values() ?? [])].filter(({ pk }) => pk.startsWith('ALERTED#'));
  // What was noted of those in whose place another stands is gone.
  expect((await notes()).map(({ alert }) => alert)).toEqual([red]);
  await house.post(`/v1/alerts/${red}/cancel`, alertOfficer, {});
  await alerts.settle();
  expect([await alertedOf(one), await alertedOf(two)]).toEqual([[], []]);
  // One for the whole city lies there, once.
  await house.post(
    '/v1/alerts',
    { ...alertOfficer, division: '5101' },
    {
      ...RAIN,
      areas: [{ division: '5101' }],
      effective: new Date(house.now()).toISOString(),
      expires: new Date(house.now() + 6 * 3_600_000).toISOString(),
    },
  );
  await alerts.settle();
  expect([await alertedOf(one), await alertedOf(elsewhere)].map((each) => each.length)).toEqual([1, 1]);
  expect((await notes()).map(({ pk, sk }) => [pk, sk.split('#')[0]])).toEqual([['ALERTED#5101', '5101']]);
  // Whoever is registered while it holds is due since their first day, or since it was issued, and one who has come back as well.
  house.turn(2 * 86_400_000);
  const day = new Date(house.now()).toISOString().slice(0, 10);
  const [late, earlier] = [await register(SHUIJINGFANG, { activeFrom: day }), await register(SHUIJINGFANG, { tier: 'general' })];
  const began = Date.parse(`${day}T00:00:00+08:00`);
  expect((await dueOf(late, SHUIJINGFANG)).alerts).toMatchObject([
    { since: new Date(began).toISOString(), dueBy: new Date(began + 86_400_000).toISOString() },
  ]);
  expect((await dueOf(earlier, SHUIJINGFANG)).alerts).toMatchObject((await dueOf(one, SHUIJINGFANG)).alerts);
  await visit(late, new Date(house.now()).toISOString());
  expect(await alertedOf(late)).toEqual([]);
});

test('an alert from elsewhere asks for visits since it was published here, for 31 days from its newest message', () => {
  const message = (id: string, more: object = {}): ChainedAlert =>
    ({
      id,
      state: 'issued',
      status: 'actual',
      messageType: 'alert',
      colour: 'red',
      cover: [SHUIJINGFANG],
      supersedes: [],
      sent: '2026-11-01T00:00:00.000Z',
      issuedAt: '2026-12-10T01:00:00.000Z',
      ...more,
    }) as unknown as ChainedAlert;
  const first = message('first');
  expect(alertedPlaces(first, new Map())).toMatchObject([{ since: '2026-12-10T01:00:00.000Z' }]);
  const second = message('second', { supersedes: ['first'], issuedAt: '2027-01-05T01:00:00.000Z' });
  const [place] = alertedPlaces(second, new Map([['first', first]]));
  expect(place).toMatchObject({ since: '2026-12-10T01:00:00.000Z' });
  const put = careRepository(house.runtime.database).putsAlerted(place as never);
  expect('put' in put && put.put).toMatchObject({ expiresAt: Date.parse('2027-02-05T01:00:00.000Z') / 1000 });
});

test('each morning a community’s desk is told in numbers what is due and what was missed, once, and no community that has nothing to do', async () => {
  house.turnTo('2027-01-20T09:00:00+08:00');
  for (const { id } of [...(await due('510104', '2026-12')), ...(await due('510104'))])
    await house.call('PATCH', `/v1/care/recipients/${id}`, { as: countyWorker, body: { active: false } });
  const one = await register(DACISI, { name: '张秀英', activeFrom: '2026-12-01' });
  await register(DACISI, { tier: 'key', activeFrom: '2026-12-01' });
  const well = await register(ZONGFULU, { activeFrom: '2026-12-01' });
  for (const id of [one, well]) for (const day of ['01', '08']) await visit(id, `2027-01-${day}T10:00:00+08:00`);
  await visit(well, '2027-01-15T10:00:00+08:00');
  await reminders.skip();
  const texts: string[] = [];
  const told = async (at: string): Promise<readonly (readonly unknown[])[]> => {
    for (let times = 0; times < 3; times++) await house.schedule('careDue', at);
    const events = (await reminders.events()).filter((event) => event['detail-type'] === 'careReminder.made');
    return events.map(({ detail }) => {
      const { to, text } = careMessage(detail as never);
      expect(text).not.toContain('张秀英');
      texts.push(text);
      const { open, endingToday, missed, alerted } = detail.data.item as never as Record<string, number>;
      return [to, open, endingToday, missed, alerted];
    });
  };
  expect(await told('2027-01-21T08:00:00+08:00')).toEqual([[DACISI, 2, 1, 0, 0]]);
  const later = await told('2027-01-22T08:00:00+08:00');
  expect(later.toSorted()).toEqual([
    [DACISI, 2, 0, 1, 0],
    [ZONGFULU, 1, 0, 0, 0],
  ]);
  expect(await told('2027-01-22T08:00:00+08:00')).toEqual([]);
  house.turnTo('2027-02-01T07:00:00+08:00');
  await visit(one, '2027-02-01T00:10:00+08:00');
  // What was missed in January is told of once more.
  expect(texts.join()).toContain('须于 24 小时内探访');
  expect(texts.join()).not.toContain('上月');
  expect((await told('2027-02-01T08:00:00+08:00')).find(([to]) => to === DACISI)).toEqual([DACISI, 1, 0, 3, 0]);
  const text = texts.find((each) => each.includes(DACISI) && each.includes('漏访 3 次'));
  expect(text).toContain('上月漏访 3 次');
  // And where to look for whom.
  expect(text).toContain(`care/due?division=${DACISI}&month=2027-01`);
});

test('who reminds again after a failure goes on with the counties that are left', async () => {
  house.turnTo('2027-02-03T08:00:00+08:00');
  await register(CAOSHIJIE, {}, { ...countyWorker, division: '510105' });
  await register(DACISI);
  const at = '2027-02-03T08:00:00+08:00';
  let read: string[] = [];
  const watch = (stuck?: string): void => {
    read = [];
    house.faults.watch(({ command, input }) => {
      const partition = JSON.stringify(input).match(/(\d{6})#active/)?.[1];
      if (command !== 'QueryCommand' || partition === undefined) return;
      read.push(partition);
      if (partition === stuck) throw new Error('it is stuck');
    });
  };
  try {
    watch('510105');
    await expect(house.schedule('careDue', at)).rejects.toThrow('1 counties');
    expect([...new Set(read)].toSorted()).toEqual(['510104', '510105']);
    watch();
    expect(await house.schedule('careDue', at)).toEqual({ counties: 2, communities: 1 });
    expect([...new Set(read)]).toEqual(['510105']);
    // Once it has ended, whoever runs it again finds whom it did not know of, and tells nobody else.
    watch();
    await register(CAOSHIJIE, {}, { ...countyWorker, division: '510105' });
    await register(SHUIJINGFANG);
    await reminders.skip();
    expect(await house.schedule('careDue', at)).toEqual({ counties: 2, communities: 4 });
    const told = (await reminders.events()).filter((event) => event['detail-type'] === 'careReminder.made');
    expect(told.map(({ detail }) => careMessage(detail as never).to)).toEqual([SHUIJINGFANG]);
    // Where there is no time left, that is another run's.
    watch();
    await expect(house.schedule('careDue', '2027-02-04T08:00:00+08:00', () => 30_000)).rejects.toThrow('2 counties are left');
    expect(read).toEqual([]);
  } finally {
    house.faults.watch(undefined);
  }
});

test('how often people are visited is a setting, which the list goes by', async () => {
  house.turnTo('2027-03-10T09:00:00+08:00');
  const value = { high: { days: [{ from: 1, to: 5 }] }, key: { months: 2 }, general: { months: 3 }, veryOldFrom: 75, alertWithinHours: 12 };
  const put = (more: object): Promise<Answered> =>
    house.call('PUT', '/v1/settings/careVisits', { as: ADMIN, body: { value: { ...value, ...more } } });
  expect(
    (
      await put({
        high: {
          days: [
            { from: 5, to: 9 },
            { from: 8, to: 12 },
          ],
        },
      })
    ).status,
  ).toBe(422);
  // Days of visits are not kept for longer.
  expect((await put({ general: { months: 4 } })).status).toBe(422);
  const set = await put({});
  expect([set.text, set.status]).toEqual([set.text, 200]);
  const id = await register(SHUIJINGFANG, { activeFrom: '2027-01-01', birthYear: 1950 });
  expect(await dueOf(id, SHUIJINGFANG)).toMatchObject({
    veryOld: true,
    windows: [{ from: '2027-03-01', to: '2027-03-05', state: 'missed' }],
  });
});
