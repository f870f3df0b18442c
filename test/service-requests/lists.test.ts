import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HOUR, startOfDay, type Day } from '../../functions/kernel/time.ts';
import type { TokenClaims } from '../../lib/local/issuer.ts';
import {
  CAOSHIJIE,
  countyDispatcher,
  DACISI,
  dispatcher,
  neighbour,
  otherDispatcher,
  resident,
  SHUIJINGFANG,
  strangeDispatcher,
  worker,
  ZONGFULU,
} from '../support/people.ts';
import { ADMIN, startWorld, type Answer, type World } from '../support/world.ts';
import {
  allPages,
  done,
  ids,
  make,
  provider,
  registerProvider,
  REASON,
  RESOLUTION,
  TO_PROVIDER,
  TO_VOLUNTEER,
  TO_WORKER,
  volunteer,
} from './support/requests.ts';

const LONG = process.env['LINLI_LONG'] !== undefined;
const PROPERTY_TIMEOUT = LONG ? 1_200_000 : 120_000;
const SEED = Number(process.env['LINLI_SEED'] ?? 20_261_124);

const province: TokenClaims = { sub: 'dispatcher-province', roles: ['dispatcher'], division: '51' };
const city: TokenClaims = { sub: 'dispatcher-city', roles: ['dispatcher'], division: '5101' };

interface Made {
  readonly id: string;
  readonly community: string;
  readonly service: string;
  readonly requestedAt: number;
  readonly status: string;
  readonly assignee: string | undefined;
  readonly overdue: boolean;
  readonly confidential: boolean;
  readonly requester: string;
}

let world: World;
/** Newest first; of one moment, the greater id first. */
let all: readonly Made[];

const COMMUNITIES = [SHUIJINGFANG, SHUIJINGFANG, SHUIJINGFANG, DACISI, ZONGFULU, CAOSHIJIE];
const SERVICES = ['streetLamp', 'elderVisit', 'rubbish', 'psychologicalSupport'];
const WORKERS = [TO_WORKER, TO_PROVIDER, TO_VOLUNTEER];
const COUNT = 42;

beforeAll(async () => {
  world = await startWorld({ at: '2026-05-11T09:00:00+08:00' });
  await registerProvider(world);
  const made: Omit<Made, 'overdue'>[] = [];
  for (let index = 0; index < COUNT; index++) {
    // Some share their moment.
    if (index % 3 !== 0) world.turn(5 * HOUR + index * 1000);
    const community = COMMUNITIES[index % COMMUNITIES.length] ?? SHUIJINGFANG;
    const service = SERVICES[(index * 7) % 5] ?? 'streetLamp';
    const requester = index % 4 === 0 ? neighbour : resident;
    const id = await make(world, { community, service }, requester);
    const requestedAt = world.now();
    // Confidential ones are accepted by whoever acts on them, so the steps are all the province's.
    const stage = index % 6;
    const to = WORKERS[index % WORKERS.length] ?? TO_WORKER;
    const as = { worker, provider, volunteer }[to.kind];
    if (stage >= 1 && stage !== 5) await done(world, id, 'accept', province);
    if (stage >= 2 && stage !== 5) await done(world, id, 'assign', province, { to });
    if (stage >= 3 && stage !== 5) await done(world, id, 'start', as);
    if (stage === 4) await done(world, id, 'resolve', as, RESOLUTION);
    if (stage === 5) await done(world, id, 'reject', province, REASON);
    made.push({
      id,
      community,
      service,
      requestedAt,
      status: ['submitted', 'accepted', 'assigned', 'inProgress', 'resolved', 'rejected'][stage] ?? '',
      assignee: stage >= 2 && stage !== 5 ? to.id : undefined,
      confidential: service === 'psychologicalSupport',
      requester: requester.sub,
    });
  }
  all = await Promise.all(
    made
      .toSorted((a, b) => b.requestedAt - a.requestedAt || (a.id < b.id ? 1 : -1))
      .map(async (each) => ({ ...each, overdue: (await world.get(`/v1/requests/${each.id}`, province)).body.overdue === true })),
  );
});
afterAll(() => world.stop());

/** Of a confidential one: the dispatcher who accepted it, and before that every dispatcher of its community. */
const seenBy = (as: TokenClaims, each: Made): boolean =>
  !each.confidential || as === province || (as.roles.includes('dispatcher') && (each.status === 'submitted' || each.status === 'rejected'));

test.for([
  ['province', '51', province],
  ['city', '5101', city],
  ['county', '510104', countyDispatcher],
  ['street', '510104017', otherDispatcher],
  ['community', SHUIJINGFANG, worker],
] as const)('a %s lists everything within it, newest first, and nothing else', async ([, division, as]) => {
  const expected = all.filter((each) => each.community.startsWith(division) && seenBy(as, each)).map((each) => each.id);
  expect(expected.length).toBeGreaterThan(5);
  expect((await allPages(world, `/v1/requests?division=${division}&limit=100`, as)).map((each) => each.id)).toEqual(expected);
  // Without a division: the caller's own.
  expect((await allPages(world, '/v1/requests', as)).map((each) => each.id)).toEqual(expected);
});

test('a list of another division is 403, and of one that has nothing is empty', async () => {
  for (const [as, division] of [
    [worker, DACISI],
    [worker, '510104017'],
    [dispatcher, '510104'],
    [dispatcher, '510104020'],
    [strangeDispatcher, SHUIJINGFANG],
    [city, '51'],
    [{ sub: 'nowhere', roles: ['dispatcher'] }, '51'],
  ] as const) {
    expect([division, (await world.get(`/v1/requests?division=${division}`, as)).status]).toEqual([division, 403]);
  }
  for (const as of [resident, ADMIN, provider]) expect((await world.get('/v1/requests', as)).status).toBe(403);
  expect((await world.get('/v1/requests')).status).toBe(401);
  expect((await world.get('/v1/requests?division=510199', city)).body).toEqual({ items: [], next: null });
});

test(
  'filters, alone and together, choose what they say, through pages of any size',
  async () => {
    // oxlint-disable-next-line no-console
    console.log(`lists: seed ${SEED}`);
    const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined, freq: 2 });
    const days = fc.integer({ min: 10, max: 22 }).map((day) => `2026-05-${day}`);
    const moments = fc.constantFrom(...all.map((each) => new Date(each.requestedAt).toISOString()));
    const query = fc.record({
      as: fc.constantFrom(province, city, countyDispatcher, otherDispatcher),
      below: fc.nat(4),
      limit: fc.integer({ min: 1, max: 30 }),
      status: maybe(fc.constantFrom('submitted', 'accepted', 'assigned', 'inProgress', 'resolved', 'closed', 'rejected')),
      service: maybe(fc.constantFrom(...SERVICES)),
      from: maybe(fc.oneof(days, moments)),
      to: maybe(fc.oneof(days, moments)),
      assignee: maybe(fc.constantFrom(...WORKERS.map((each) => each.id))),
      overdue: maybe(fc.boolean()),
    });
    await fc.assert(
      fc.asyncProperty(query, async ({ as, below, limit, ...filters }) => {
        const { from, to } = filters;
        const start = from === undefined ? 0 : from.length === 10 ? startOfDay(from as Day) : Date.parse(from);
        const end = to === undefined ? Infinity : to.length === 10 ? startOfDay(to as Day) + 24 * HOUR : Date.parse(to);
        const within = ['51', '5101', '510104', '510104017', SHUIJINGFANG].filter((each) => each.startsWith(as.division ?? ''));
        const division = within[below % within.length] ?? '';
        const parameters = new URLSearchParams(
          Object.entries({ division, limit, ...filters }).flatMap(([name, value]) =>
            value === undefined ? [] : [[name, String(value)] satisfies [string, string]],
          ),
        );
        const path = `/v1/requests?${parameters.toString()}`;
        if (start >= end) {
          const answer = await world.get(path, as);
          expect([path, answer.status, answer.body.errors?.[0]?.path]).toEqual([path, 422, 'to']);
          return;
        }
        const expected = all.filter(
          (each) =>
            each.community.startsWith(division) &&
            seenBy(as, each) &&
            each.requestedAt >= start &&
            each.requestedAt < end &&
            (filters.status === undefined || each.status === filters.status) &&
            (filters.service === undefined || each.service === filters.service) &&
            (filters.assignee === undefined || each.assignee === filters.assignee) &&
            (filters.overdue === undefined || each.overdue === filters.overdue),
        );
        expect([path, (await allPages(world, path, as)).map((each) => each.id)]).toEqual([path, expected.map((each) => each.id)]);
      }),
      { seed: SEED, numRuns: LONG ? 1000 : 30 },
    );
  },
  PROPERTY_TIMEOUT,
);

test('a page has what was asked for, and the last one has no next', async () => {
  const first = await world.get('/v1/requests?limit=10', province);
  expect(first.body.items).toHaveLength(10);
  expect(first.body.next).toMatch(/./);
  expect((await world.get('/v1/requests', province)).body.items).toHaveLength(20);
  for (const limit of ['0', '101', '-1', '1.5', 'ten', '']) {
    const answer = await world.get(`/v1/requests?limit=${limit}`, province);
    expect([limit, answer.status, answer.body.errors[0].path]).toEqual([limit, 422, 'limit']);
  }
});

test('what is made while somebody turns pages moves nothing that they have not seen', async () => {
  const whole = (await allPages(world, '/v1/requests?limit=100', city)).map((each) => each.id);
  const first = await world.get('/v1/requests?limit=15', city);
  world.turn(HOUR);
  const fresh = await make(world);
  const rest = await allPages(world, `/v1/requests?limit=15`, city).then((items) => items.map((each) => each.id));
  expect(rest).toEqual([fresh, ...whole]);
  const second = await world.get(`/v1/requests?limit=15&cursor=${first.body.next}`, city);
  expect([...ids(first), ...ids(second)]).toEqual(whole.slice(0, 30));
});

describe('a cursor', () => {
  test('is for one list, one set of filters and one caller', async () => {
    const { next } = (await world.get('/v1/requests?limit=5', city)).body;
    for (const [path, as] of [
      [`/v1/requests?limit=5&status=submitted&cursor=${next}`, city],
      [`/v1/requests?limit=5&division=510104&cursor=${next}`, city],
      [`/v1/requests?limit=5&cursor=${next}`, countyDispatcher],
      [`/v1/me/requests?cursor=${next}`, city],
      [`/v1/requests?cursor=${next.slice(0, -2)}AA`, city],
      ['/v1/requests?cursor=AAAA', city],
    ] as const) {
      const answer = await world.get(path, as);
      expect([path, answer.status, answer.body.code]).toEqual([path, 400, 'cursorInvalid']);
    }
    expect((await world.get(`/v1/requests?limit=7&cursor=${next}`, city)).status).toBe(200);
  });
});

test('a filter that is none, or is wrong, is 422', async () => {
  for (const [query, path] of [
    ['statu=submitted', 'statu'],
    ['status=done', 'status'],
    ['division=5', 'division'],
    ['from=yesterday', 'from'],
    ['from=2026-02-30', 'from'],
    ['overdue=maybe', 'overdue'],
    ['status=submitted&status=accepted', 'status'],
  ] as const) {
    const answer = await world.get(`/v1/requests?${query}`, city);
    expect([query, answer.status, answer.body.errors?.[0]?.path]).toEqual([query, 422, path]);
  }
});

test('mine are those that I asked for, newest first, confidential ones among them', async () => {
  for (const as of [resident, neighbour]) {
    const mine = (await allPages(world, '/v1/me/requests?limit=7', as)).filter((each) => all.some(({ id }) => id === each.id));
    expect(mine.map((each) => each.id)).toEqual(all.filter((each) => each.requester === as.sub).map((each) => each.id));
    expect(mine.some((each) => each.visibility === 'confidential')).toBe(true);
  }
  expect((await world.get('/v1/me/requests', city)).body).toEqual({ items: [], next: null });
  expect((await world.get('/v1/me/requests')).status).toBe(401);
});

test.for([
  ['worker', worker, TO_WORKER.id],
  ['provider', provider, TO_PROVIDER.id],
  ['volunteer', volunteer, TO_VOLUNTEER.id],
] as const)('my work as a %s is what is assigned to me now, by status too', async ([, as, id]) => {
  const expected = all.filter((each) => each.assignee === id);
  const work = async (query: string): Promise<readonly string[]> =>
    (await allPages(world, `/v1/me/work?limit=4${query}`, as)).map((each: Answer['body']) => each.id);
  expect(await work('')).toEqual(expected.map((each) => each.id));
  for (const status of ['assigned', 'inProgress', 'resolved', 'closed'])
    expect([status, await work(`&status=${status}`)]).toEqual([
      status,
      expected.filter((each) => each.status === status).map((each) => each.id),
    ]);
});

test('what is reassigned or handed over leaves one list of work for the other', async () => {
  const id = await make(world);
  await done(world, id, 'assign', dispatcher, { to: TO_WORKER });
  expect(ids(await world.get('/v1/me/work', worker))).toContain(id);
  await done(world, id, 'assign', dispatcher, { to: TO_VOLUNTEER });
  expect(ids(await world.get('/v1/me/work', worker))).not.toContain(id);
  expect(ids(await world.get('/v1/me/work', volunteer))).toContain(id);
  await done(world, id, 'transfer', dispatcher, { community: ZONGFULU, ...REASON });
  expect(ids(await world.get('/v1/me/work', volunteer))).not.toContain(id);
  expect(ids(await world.get(`/v1/requests?division=${ZONGFULU}`, countyDispatcher))).toContain(id);
  expect(ids(await world.get(`/v1/requests?division=${SHUIJINGFANG}`, countyDispatcher))).not.toContain(id);
});
