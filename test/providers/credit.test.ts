/** Credit of providers: the method by hand, and events that come twice, late and in any order. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { INITIAL_SETTINGS } from '../../functions/catalogue/settings.ts';
import type { DivisionCode } from '../../functions/kernel/division.ts';
import { derivedFrom, newDatedId } from '../../functions/kernel/id.ts';
import { DAY, epochMs, HOUR, type Day } from '../../functions/kernel/time.ts';
import { creditOf, type CreditMethod } from '../../functions/providers/credit.ts';
import { told, type CreditEvent, type Recorded } from '../../functions/providers/credit-event.ts';
import { recordCredit } from '../../functions/providers/record-credit.ts';
import { openHouse, type House } from '../support/house.ts';
import { countyDispatcher, dispatcher, otherWorker, resident, SHUIJINGFANG, strangeDispatcher } from '../support/people.ts';
import { admitted, applyAs, type Registered } from '../support/providers.ts';
import { newRequest } from '../support/stages.ts';
import { ADMIN } from '../support/world.ts';

const METHOD: CreditMethod = {
  version: 1,
  start: 80,
  fullMonths: 2,
  halfMonths: 1,
  repaired: 0.5,
  points: { ratedVerySatisfied: 1, ratedDissatisfied: -3, ratedVeryDissatisfied: -5, resolvedLate: -2, rectificationLate: -5 },
  together: { ratedVerySatisfied: 5, merit: 9 },
  posted: { misconduct: { points: -10, most: 30 }, merit: { points: 3, most: 10 } },
};
const at = (moment: string): CreditEvent['changedAt'] => moment as CreditEvent['changedAt'];
const event = (on: string, more: Partial<CreditEvent> = {}): CreditEvent => ({
  id: on,
  provider: 'P',
  kind: 'misconduct',
  on: on as Day,
  division: SHUIJINGFANG as DivisionCode,
  told: 0,
  fallen: false,
  version: 1,
  change: 'posted',
  changedAt: at('2026-01-01T00:00:00.000Z'),
  ...more,
});
const said = { reason: '', by: '', at: at('2026-01-01T00:00:00.000Z') };
const scoreOn = (day: string, ...events: CreditEvent[]): number => creditOf(events, METHOD, day as Day).score;

test('an event counts from its day on in full, after its months half, and then not; the last day of a month stands for those it lacks', () => {
  const one = event('2026-12-31');
  expect(scoreOn('2026-12-30', one)).toBe(80);
  expect(scoreOn('2026-12-31', one)).toBe(70);
  expect(scoreOn('2027-02-27', one)).toBe(70);
  expect(scoreOn('2027-02-28', one)).toBe(75);
  expect(scoreOn('2027-03-30', one)).toBe(75);
  expect(scoreOn('2027-03-31', one)).toBe(80);
});

test('what is struck counts nothing, what is repaired its share, what has fallen away is not listed', () => {
  const day = '2026-11-24';
  expect(scoreOn(day, event(day, { review: { ...said, ruling: 'struck' } }))).toBe(80);
  expect(scoreOn(day, event(day, { review: { ...said, ruling: 'upheld' } }))).toBe(70);
  expect(scoreOn(day, event(day, { repair: { ...said, decision: 'pending' } }))).toBe(70);
  expect(scoreOn(day, event(day, { repair: { ...said, decision: 'granted' } }))).toBe(75);
  expect(creditOf([event(day, { fallen: true })], METHOD, day as Day)).toEqual({ score: 80, kinds: [], events: [], earlier: [] });
});

test('gains of one kind come to no more than they may together; losses have no such end', () => {
  const day = '2026-11-24';
  const many = (kind: CreditEvent['kind'], count: number) =>
    Array.from({ length: count }, (_, index) => event(day, { id: `${kind}${index}`, kind }));
  expect(scoreOn(day, ...many('ratedVerySatisfied', 260))).toBe(85);
  expect(scoreOn(day, ...many('merit', 10))).toBe(89);
  expect(scoreOn(day, ...many('ratedVerySatisfied', 260), ...many('misconduct', 8))).toBe(5);
  expect(creditOf(many('ratedVerySatisfied', 7), METHOD, day as Day).kinds).toEqual([
    { kind: 'ratedVerySatisfied', events: 7, sum: 7, counted: 5 },
  ]);
});

test('of more than 500 events the newest are shown, the rest by kind and month, and the score still follows by hand', () => {
  const today = '2026-11-24' as Day;
  const all = Array.from({ length: 700 }, (_, index) =>
    event(index < 550 ? '2026-11-20' : '2026-09-20', {
      id: String(index).padStart(3, '0'),
      kind: index % 2 === 0 ? 'ratedVerySatisfied' : 'merit',
    }),
  );
  const { events, earlier } = creditOf(all, METHOD, today);
  expect(events).toHaveLength(500);
  // Of September, in their half by now: 75 of each kind; of November, the 50 that come after the newest 500.
  expect(earlier.map(({ kind, month, count, points }) => [kind, month, count, points]).toSorted()).toEqual([
    ['merit', '2026-09', 75, 112.5],
    ['merit', '2026-11', 25, 75],
    ['ratedVerySatisfied', '2026-09', 75, 37.5],
    ['ratedVerySatisfied', '2026-11', 25, 25],
  ]);
});

test('the example of docs/providers.md comes to 73.5', () => {
  const method: CreditMethod = { ...INITIAL_SETTINGS.creditMethod, version: 1 };
  const events = [
    event('2025-11-30', { kind: 'ratedVeryDissatisfied' }),
    event('2026-11-24', { kind: 'ratedVerySatisfied' }),
    event('2027-03-02', { kind: 'resolvedLate' }),
    event('2027-06-15', { review: { ...said, ruling: 'struck' } }),
    event('2027-09-01', { repair: { ...said, decision: 'granted' } }),
  ];
  const { score, events: listed } = creditOf(events, method, '2027-12-01' as Day);
  expect([score, listed.map(({ counted }) => counted)]).toEqual([73.5, [-5, 0, -2, 0.5]]);
});

test('a score is what its listed events come to, from 0 to 100, whatever their order', () => {
  const kinds = ['ratedVerySatisfied', 'ratedDissatisfied', 'resolvedLate', 'misconduct', 'merit'] as const;
  const anEvent = fc.record({ kind: fc.constantFrom(...kinds), age: fc.integer({ min: -40, max: 200 }), fallen: fc.boolean() });
  const today = '2026-11-24' as Day;
  fc.assert(
    fc.property(fc.array(anEvent, { maxLength: 60 }), (all) => {
      const events = all.map(({ kind, age, fallen }, index) =>
        event(new Date(Date.parse(today) - age * DAY).toISOString().slice(0, 10), { id: String(index), kind, fallen }),
      );
      const { score, kinds: _, earlier, events: listed } = creditOf(events, METHOD, today);
      const byKind = (kind: string): number =>
        listed.filter((each) => each.event.kind === kind).reduce((total, { points, weight }) => total + points * weight, 0);
      const losses = byKind('resolvedLate') + byKind('misconduct');
      const sum =
        METHOD.start + losses + Math.min(5, byKind('ratedVerySatisfied')) + Math.min(9, byKind('merit')) + byKind('ratedDissatisfied');
      expect(score).toBeCloseTo(Math.min(100, Math.max(0, sum)), 9);
      expect(creditOf(events.toReversed(), METHOD, today)).toMatchObject({ score, earlier, events: listed });
      expect(listed.every(({ event: { on, fallen }, until }) => !fallen && on <= today && today < until)).toBe(true);
    }),
    { seed: 20261124 },
  );
});

test('whoever is told of versions of some work in any order, and twice, ends where the newest leads', () => {
  const states: readonly Recorded[] = [false, false, true].map((fallen, index) => ({
    source: 'S',
    involved: [],
    provider: 'P',
    kind: 'rectificationLate',
    on: (index === 0 ? '2026-12-01' : '2026-12-15') as Day,
    division: SHUIJINGFANG as DivisionCode,
    told: index + 1,
    fallen,
  }));
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...states), { maxLength: 8 }), fc.nat({ max: 8 }), (seen, position) => {
      // The newest is among them, wherever.
      const order = seen.toSpliced(position, 0, ...states.slice(-1));
      let now: CreditEvent | undefined;
      for (const each of order) now = told(now, 'E', each, epochMs(0)) ?? now;
      expect([now?.fallen, now?.on]).toEqual([true, '2026-12-15']);
    }),
    { seed: 20261124 },
  );
});

let house: House;
let tell: ReturnType<typeof recordCredit>;
beforeAll(async () => {
  house = await openHouse();
  tell = recordCredit(house.runtime);
});
afterAll(() => house.stop());

let last = 0;
const happened = (type: string, id: string): Promise<void> =>
  tell({
    detail: { id: `${type}:${id}:${++last}`, type, time: new Date(house.now()).toISOString(), data: { item: { id } } },
  } as unknown as Parameters<typeof tell>[0]);
const creditFor = async ({ id, as }: Registered) => (await house.get(`/v1/providers/${id}/credit`, as)).body;
const kinds = (body: { events: readonly { kind: string }[] }): readonly string[] => body.events.map(({ kind }) => kind).toSorted();
const given = async (provider: Registered): Promise<string> => {
  const { id } = (await house.post('/v1/requests', resident, newRequest)).body;
  expect((await house.post(`/v1/requests/${id}/assign`, dispatcher, { to: provider.to })).status).toBe(200);
  return id;
};
const resolve = async (id: string, { as }: Registered): Promise<void> => {
  await house.post(`/v1/requests/${id}/start`, as);
  expect((await house.post(`/v1/requests/${id}/resolve`, as, { resolution: '已修' })).status).toBe(200);
};

test('each round is to the credit of who resolved it; who was late and reassigned is not in the next one’s', async () => {
  const [first, second] = [await admitted(house.post), await admitted(house.post)];
  const id = await given(first);
  house.turn(30 * DAY);
  await resolve(id, first);
  await house.post(`/v1/requests/${id}/rating`, resident, { level: 2 });
  await house.post(`/v1/requests/${id}/reopen`, resident, { reason: '灯又坏了' });
  await house.post(`/v1/requests/${id}/assign`, dispatcher, { to: second.to });
  await resolve(id, second);
  await house.post(`/v1/requests/${id}/rating`, resident, { level: 5 });
  for (const type of ['serviceRequest.rated', 'serviceRequest.resolved', 'serviceRequest.rated']) await happened(type, id);
  expect(kinds(await creditFor(first))).toEqual(['ratedDissatisfied', 'resolvedLate']);
  expect(kinds(await creditFor(second))).toEqual(['ratedVerySatisfied']);
});

test('events that come twice and at once are one; a ruling that is told first is not undone by what is told after', async () => {
  const provider = await admitted(house.post);
  const id = await given(provider);
  house.turn(HOUR);
  await resolve(id, provider);
  await house.post(`/v1/requests/${id}/rating`, resident, { level: 1 });
  await Promise.all(Array.from({ length: 8 }, () => happened('serviceRequest.rated', id)));
  const before = await creditFor(provider);
  expect([before.score, kinds(before)]).toEqual([75, ['ratedVeryDissatisfied']]);
  // Nobody can tell from a public request's id which event is of it.
  const derived = newDatedId(before.events[0].at, derivedFrom('credit', 'ratedVeryDissatisfied', id, 1));
  expect(before.events[0].id).not.toBe(derived);
  // What the provider asks stays with the event.
  await house.post(`/v1/providers/${provider.id}/credit-events/${before.events[0].id}/repair`, provider.as, { reason: '已整改' });
  await happened('serviceRequest.resolved', id);
  expect((await creditFor(provider)).events[0].repair.status).toBe('pending');

  const { items } = (await house.get('/v1/rectifications', dispatcher)).body;
  const rectification = items.find((each: { request: string }) => each.request === id).id;
  await house.post(`/v1/rectifications/${rectification}/callback`, otherWorker, { outcome: 'mistaken', note: '误评' });
  await house.post(`/v1/rectifications/${rectification}/appeal`, dispatcher, { reason: '误评' });
  await house.post(`/v1/rectifications/${rectification}/review`, countyDispatcher, { ruling: 'struck', reason: '误评' });
  await happened('rectification.reviewed', rectification);
  await happened('serviceRequest.ratingStruck', id);
  await happened('rectification.opened', rectification);
  await happened('serviceRequest.rated', id);
  house.turn(60 * DAY);
  expect(await creditFor(provider)).toMatchObject({ score: 80, events: [] });
});

test('who had the work when its deadline passed is late, once, whoever resolves it; who was given it after that is not', async () => {
  const [late, next] = [await admitted(house.post), await admitted(house.post)];
  const id = await given(late);
  house.turn(30 * DAY);
  await house.post(`/v1/providers/${late.id}/suspend`, countyDispatcher, { reason: '核查' });
  await house.post(`/v1/requests/${id}/assign`, dispatcher, { to: next.to });
  await resolve(id, next);
  for (const type of ['serviceRequest.resolved', 'serviceRequest.resolved']) await happened(type, id);
  expect(await creditFor(late)).toMatchObject({ score: 78, status: 'suspended', events: [{ kind: 'resolvedLate' }] });
  expect((await creditFor(next)).events).toEqual([]);
  // Public of whoever was ever admitted: a suspension does not hide what led to it.
  expect((await house.get(`/v1/providers/${late.id}/credit`)).body).toMatchObject({ score: 78, status: 'suspended' });
  const applied = await applyAs(house.post);
  expect((await house.get(`/v1/providers/${applied.id}/credit`)).status).toBe(404);
});

test('a rectification on which the staff called back late tells nothing against who was to be asked to mend it', async () => {
  const provider = await admitted(house.post);
  const id = await given(provider);
  await resolve(id, provider);
  await house.post(`/v1/requests/${id}/rating`, resident, { level: 2 });
  const { items } = (await house.get('/v1/rectifications', dispatcher)).body;
  const rectification = items.find((each: { request: string }) => each.request === id).id;
  house.turn(30 * DAY);
  await happened('rectification.opened', rectification);
  await house.post(`/v1/rectifications/${rectification}/callback`, otherWorker, { outcome: 'confirmed', note: '迟了' });
  await happened('rectification.calledBack', rectification);
  expect(kinds(await creditFor(provider))).toEqual([]);
});

test('whose provider it is rates none of its work: not as requester, not by telephone, not for somebody', async () => {
  const owner = { sub: 'owner-and-worker', roles: ['resident' as const, 'worker' as const], division: SHUIJINGFANG };
  const provider = await admitted(house.post, {}, owner.sub);
  const rated = async (asking: typeof owner | typeof resident, made: object, as: typeof owner | typeof resident, body: object) => {
    const { id } = (await house.post('/v1/requests', asking, { ...newRequest, ...made })).body;
    await house.post(`/v1/requests/${id}/assign`, dispatcher, { to: provider.to });
    await resolve(id, provider);
    const { actions } = (await house.get(`/v1/requests/${id}`, as)).body;
    return [(await house.post(`/v1/requests/${id}/rating`, as, { level: 5, ...body })).status, actions.includes('rating')];
  };
  const onBehalfOf = { name: '罗老板', sub: owner.sub };
  expect(await rated(owner, {}, owner, {})).toEqual([403, false]);
  expect(await rated(resident, {}, owner, { channel: 'phone' })).toEqual([403, false]);
  expect(await rated(otherWorker, { channel: 'phone', onBehalfOf }, otherWorker, { channel: 'phone', onBehalfOf })).toEqual([403, false]);
  expect(await rated(resident, {}, { ...resident, ...provider.as, sub: resident.sub, roles: ['resident'] }, {})).toEqual([403, false]);
  expect(await rated(resident, {}, resident, { level: 1 })).toEqual([200, true]);
  // Nor does the owner, as staff, call back on what others have rated badly.
  const [rectification] = (await house.get('/v1/rectifications?limit=100', owner)).body.items;
  const callback = (as: typeof owner | typeof resident) =>
    house.post(`/v1/rectifications/${rectification.id}/callback`, as, { outcome: 'mistaken', note: '误评' });
  expect([(await callback(owner)).status, (await callback(otherWorker)).status]).toEqual([403, 200]);
});

test('who assigned the work does not review an appeal about it; who is above and had nothing to do with it does', async () => {
  const provider = await admitted(house.post);
  const { id } = (await house.post('/v1/requests', resident, newRequest)).body;
  await house.post(`/v1/requests/${id}/assign`, countyDispatcher, { to: provider.to });
  await resolve(id, provider);
  await house.post(`/v1/requests/${id}/rating`, resident, { level: 2 });
  await happened('serviceRequest.rated', id);
  const event = (await creditFor(provider)).events[0].id;
  const path = `/v1/providers/${provider.id}/credit-events/${event}`;
  const owner = { ...provider.as, sub: 'plain-resident', roles: ['resident' as const], provider: undefined };
  expect((await house.post(`/v1/providers/${provider.id}/appeal`, owner, { event: provider.id, reason: '不实' })).status).toBe(403);
  const appeal = (headers: Readonly<Record<string, string>> = {}) =>
    house.call('POST', `/v1/providers/${provider.id}/appeal`, { as: provider.as, body: { event, reason: '不实' }, headers });
  expect(
    (await house.post(`/v1/providers/${provider.id}/appeal`, provider.as, { event: provider.id, reason: '不实' })).body.errors[0].path,
  ).toBe('event');
  expect((await appeal({ 'if-match': '"7"' })).status).toBe(412);
  expect((await appeal()).status).toBe(200);
  expect([(await appeal()).body.code, (await house.post(`${path}/appeal`, provider.as, { reason: '不实' })).body.code]).toEqual([
    'wrongState',
    'wrongState',
  ]);
  const waiting = (query: string, as = countyDispatcher) => house.get(`/v1/credit-events?${query}`, as);
  expect((await waiting('status=appealed')).body.items).toMatchObject([
    { id: event, provider: provider.id, waitsFor: ['appealed'], actions: [] },
  ]);
  expect((await waiting('status=repairAsked')).body.items).toEqual([]);
  expect((await waiting('', strangeDispatcher)).body.items).toEqual([]);
  expect((await waiting('division=51')).status).toBe(403);
  const review = { ruling: 'struck', reason: '核实' };
  expect((await house.post(`${path}/review`, countyDispatcher, review)).status).toBe(403);
  const above = { ...countyDispatcher, sub: 'dispatcher-above' };
  expect((await waiting('division=510104017', above)).body.items).toMatchObject([{ id: event, actions: ['review'] }]);
  expect((await house.post(`${path}/review`, above, review)).status).toBe(200);
  expect((await waiting('')).body.items).toEqual([]);
});

test('where an event comes from is seen there and by its own people, and of a confidential request nobody is pointed to it', async () => {
  const provider = await admitted(house.post, { divisions: ['510104', '510105'] });
  const path = `/v1/providers/${provider.id}`;
  await house.post(`${path}/credit-events`, strangeDispatcher, { kind: 'merit', reason: '拾金不昧' });
  const { id } = (await house.post('/v1/requests', resident, { ...newRequest, confidential: true })).body;
  await house.post(`/v1/requests/${id}/assign`, dispatcher, { to: provider.to });
  await resolve(id, provider);
  await house.post(`/v1/requests/${id}/rating`, resident, { level: 1 });
  await happened('serviceRequest.rated', id);
  const seen = async (as?: typeof dispatcher) => JSON.stringify((await house.get(`${path}/credit`, as)).body);
  for (const as of [undefined, dispatcher, strangeDispatcher, provider.as]) expect(await seen(as)).not.toContain(id);
  // Told once more of what it knows, it stays as it is: what was read of it can be answered.
  const rated = (await creditFor(provider)).events.find((each: { kind: string }) => each.kind === 'ratedVeryDissatisfied');
  const tagOf = async () => (await house.get(`${path}/credit-events/${rated.id}`, provider.as)).headers['etag'];
  const tag = await tagOf();
  expect((await house.post(`/v1/requests/${id}/comments`, dispatcher, { text: '已回访' })).status).toBe(200);
  await happened('serviceRequest.commented', id);
  expect([tag, await tagOf()]).toEqual([expect.any(String), tag]);
  expect([await seen(), await seen(dispatcher)].some((each) => each.includes('拾金不昧'))).toBe(false);
  expect([await seen(strangeDispatcher), await seen(provider.as)].every((each) => each.includes('拾金不昧'))).toBe(true);
});

test('points that a dispatcher posts keep to the method; another method is another version, for all at once', async () => {
  const provider = await admitted(house.post);
  const path = `/v1/providers/${provider.id}/credit-events`;
  for (const body of [
    { kind: 'misconduct', points: 5 },
    { kind: 'misconduct', points: -31 },
    { kind: 'merit', points: -1 },
    { kind: 'merit', points: 11 },
  ])
    expect((await house.post(path, dispatcher, { ...body, reason: '核实' })).body.errors[0].path).toBe('points');
  expect((await house.post(path, dispatcher, { kind: 'merit', reason: '见义勇为' })).body.points).toBe(3);
  expect((await house.post(path, { ...dispatcher, division: '510105' }, { kind: 'merit', reason: '核实' })).status).toBe(403);
  const { version, ...method } = (await house.get('/v1/credit-method')).body;
  expect(version).toBe(1);
  await house.call('PUT', '/v1/settings/creditMethod', { as: ADMIN, body: { value: { ...method, start: 70 } } });
  const credit = await creditFor(provider);
  expect([credit.method.version, credit.score]).toEqual([2, 73]);
  // What was reckoned by an earlier one can be reckoned again.
  const of = async (asked: number) => (await house.get(`/v1/credit-method?version=${asked}`)).body;
  expect([await of(1), (await of(2)).start, (await of(3)).status]).toEqual([{ version, ...method }, 70, 404]);
  for (const wrong of [
    { posted: { ...method.posted, misconduct: { points: -50, most: 30 } } },
    { posted: { ...method.posted, merit: { points: 11, most: 10 } } },
  ])
    expect((await house.call('PUT', '/v1/settings/creditMethod', { as: ADMIN, body: { value: { ...method, ...wrong } } })).status).toBe(
      422,
    );
  const terms = await house.call('PUT', '/v1/settings/providerAdmission', { as: ADMIN, body: { value: { months: 36, mostMonths: 12 } } });
  expect(terms.body.errors[0].path).toBe('value.months');
  const twice = [1, 2].map((weight) => ({ indicator: 'resolvedOnTimeRate', weight }));
  const parts = await house.call('PUT', '/v1/settings/qualityMethod', { as: ADMIN, body: { value: { parts: twice } } });
  expect(parts.body.errors[0].path).toBe('value.parts');
  await house.call('PUT', '/v1/settings/creditMethod', { as: ADMIN, body: { value: method } });
});
