/** Reads that do not ask for consistency, and those of every index, answer from before the last writes. */
import * as fc from 'fast-check';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { principalOf, type Principal } from '../../functions/http/principal.ts';
import { PROBLEMS } from '../../functions/http/problem.ts';
import { serviceRequestOperations } from '../../functions/service-requests/contract.ts';
import type { OperationSpec } from '../../functions/http/operation.ts';
import { serviceRequestRepository } from '../../functions/service-requests/repository.ts';
import { nextDue, sightOf, type ActionName, type ServiceRequest } from '../../functions/service-requests/service-request.ts';
import { closeByTime, endPauseByTime, escalate, perform, type Inputs, type Terms } from '../../functions/service-requests/transitions.ts';
import { HOUR, type EpochMs } from '../../functions/kernel/time.ts';
import type { TokenClaims } from '../../lib/local/issuer.ts';
import { LONG, newSeed, seeded } from '../support/faults.ts';
import { openHouse, type Answered, type House } from '../support/house.ts';
import { dispatcher, neighbour, otherDispatcher, otherWorker, resident, strangeDispatcher, worker, ZONGFULU } from '../support/people.ts';
import { rectificationAfter } from '../support/mutations.ts';
import { newRequest, requestAt } from '../support/stages.ts';

if (LONG) vi.setConfig({ testTimeout: 900_000 });

let house: House;
beforeAll(async () => {
  house = await openHouse({ stale: true });
});
afterAll(() => house.stop());
afterEach(() => house.faults.stale(undefined));

const staleBy = (most: number, random: () => number, chance = 0.8): void =>
  house.faults.stale({ lag: () => Math.floor(random() * (most + 1)), chance: () => random() < chance });

const PEOPLE: readonly TokenClaims[] = [
  resident,
  dispatcher,
  worker,
  dispatcher,
  worker,
  otherDispatcher,
  otherWorker,
  neighbour,
  strangeDispatcher,
];
const ACTIONS = {
  accept: () => ({}),
  assign: () => ({ to: { kind: 'worker', id: worker.sub } }),
  start: () => ({}),
  resolve: () => ({ resolution: '已更换灯泡' }),
  comments: () => ({ text: '请问什么时候来修？' }),
  rating: () => ({ level: 2 }),
  close: () => ({}),
  reopen: () => ({ reason: '灯又坏了' }),
  pause: () => ({ reason: '住户外出' }),
  resume: () => ({}),
  reject: () => ({ reason: '不属于社区职责' }),
  cancel: () => ({}),
  transfer: () => ({ community: ZONGFULU, reason: '地址属于该社区' }),
  duplicate: (of: string) => ({ of }),
} as const satisfies Partial<Record<ActionName, (other: string) => unknown>>;
type Tried = keyof typeof ACTIONS;

const OPERATIONS: readonly OperationSpec[] = Object.values(serviceRequestOperations);
const rolesOf = (action: Tried): OperationSpec['roles'] => OPERATIONS.find(({ path }) => path === `/v1/requests/{id}/${action}`)?.roles;

type Expected = { readonly status: number; readonly next?: ServiceRequest };

/** What must come of it, from the rules alone, knowing the request as it is. */
const oracle = (action: Tried, request: ServiceRequest, body: unknown, caller: Principal, now: EpochMs, terms: Terms): Expected => {
  const roles = rolesOf(action);
  if (roles !== undefined && !roles.some((role) => caller.roles.has(role))) return { status: 403 };
  const sight = sightOf(request, caller);
  const pulls = action === 'transfer' && caller.roles.has('dispatcher');
  if (sight === 'nothing' && !pulls) return { status: 404 };
  if (action === 'comments' && sight !== 'whole') return { status: 403 };
  if (action === 'transfer') {
    if (!request.community.startsWith(String(caller.division)) && !ZONGFULU.startsWith(String(caller.division))) return { status: 403 };
    if (request.community === ZONGFULU) return { status: 422 };
  }
  const next = perform(action, request, body as Inputs[Tried] as never, { caller, now, terms });
  return next.ok ? { status: 200, next: next.value } : { status: PROBLEMS[next.error.code].status };
};

const DERIVED = new Set([
  'pk',
  'sk',
  'communityKey',
  'countyKey',
  'sortKey',
  'excerpt',
  'excerptCut',
  'requestId',
  'assigneeKey',
  'dueKey',
  'due',
]);
/** A request as its rules see it. */
const plain = (request: ServiceRequest | undefined): unknown =>
  request === undefined
    ? undefined
    : JSON.parse(JSON.stringify(Object.fromEntries(Object.entries(request).filter(([name]) => !DERIVED.has(name)))));

const step = fc.record({
  who: fc.nat(PEOPLE.length - 1),
  // Twice what leads on, so that requests get somewhere.
  action: fc.constantFrom<Tried | 'create' | 'wait'>(
    ...(Object.keys(ACTIONS) as Tried[]),
    'accept',
    'assign',
    'start',
    'resolve',
    'create',
    'wait',
  ),
  which: fc.nat(2),
  hours: fc.integer({ min: 1, max: 60 }),
  again: fc.boolean(),
});

test('random lives of requests under stale reads: each action has the effect that the rules say, once, or none; no 5xx', async () => {
  const seed = newSeed('stale reads');
  const random = seeded(seed);
  const repository = serviceRequestRepository(house.runtime.database);
  const catalogue = (await house.content(['catalogue']))['catalogue'];
  const terms = catalogue?.get(JSON.stringify(['SERVICE#streetLamp', 'CURRENT'])) as unknown as Terms;
  let key = 0;

  const live = async (
    steps: readonly { who: number; action: Tried | 'create' | 'wait'; which: number; hours: number; again: boolean }[],
  ): Promise<void> => {
    const ids: string[] = [];
    const create = async (): Promise<void> => {
      const made = await house.post('/v1/requests', resident, newRequest, { key: `create-${key++}` });
      expect([made.text, made.status]).toEqual([made.text, 201]);
      const read = await house.get(String(made.headers['location']), resident);
      expect([read.status, read.body?.id]).toEqual([200, made.body.id]);
      ids.unshift(made.body.id);
    };
    const wait = async (hours: number): Promise<void> => {
      house.turn(hours * HOUR);
      const before = await Promise.all(ids.map((id) => repository.read(id)));
      await house.schedule('requestClocks');
      house.faults.stale(undefined);
      await house.schedule('requestClocks');
      staleBy(8, random);
      for (const each of before) {
        let request: ServiceRequest | undefined = each;
        for (;;) {
          const due = request === undefined ? undefined : nextDue(request);
          if (request === undefined || due === undefined || due.at > house.now()) break;
          if (due.what === 'escalate') request = escalate(request, due.clock, house.now());
          else
            request = due.what === 'close' ? closeByTime(request, house.now()) : endPauseByTime(request, house.now(), terms.resolveWithin);
        }
        expect(plain(await repository.read(each?.id ?? ''))).toEqual(plain(request));
      }
    };
    staleBy(8, random);
    await create();
    for (const { who, action, which, hours, again } of steps) {
      if (action === 'create') await create();
      else if (action === 'wait') await wait(hours);
      else {
        const id = ids[which % ids.length] ?? '';
        const other = ids[(which + 1) % ids.length] ?? '';
        const as = PEOPLE[who] ?? resident;
        const caller = principalOf({ ...as });
        const [before, others] = await Promise.all([repository.read(id), repository.read(other)]);
        if (before === undefined || caller === undefined) throw new Error('it is there');
        const body = ACTIONS[action](other);
        const expected = oracle(action, before, body, caller, house.now(), terms);
        const given = `act-${key++}`;
        const send = (): Promise<Answered> => house.post(`/v1/requests/${id}/${action}`, as, body, { key: given });
        const answer = await send();
        const what = `${as.sub} ${action} ${before.status}: ${answer.text.slice(0, 200)}`;
        const after = await repository.read(id);
        const mayNot =
          action === 'duplicate' && (id === other || others?.status === 'duplicate' || sightOf(others ?? before, caller) === 'nothing');
        if (mayNot && answer.status === 422) expect([what, plain(after)]).toEqual([what, plain(before)]);
        else {
          expect([what, answer.status]).toEqual([what, expected.status]);
          expect([what, plain(after)]).toEqual([what, plain(expected.next ?? before)]);
        }
        if (again && answer.status === 200) {
          const repeated = await send();
          expect([what, repeated.status, repeated.headers['idempotency-replayed']]).toEqual([what, 200, 'true']);
          expect([what, plain(await repository.read(id))]).toEqual([what, plain(after)]);
        }
        const read = await house.get(`/v1/requests/${id}`, resident);
        expect([what, read.status]).toEqual([what, 200]);
        const lists = await Promise.all([
          house.get('/v1/requests?division=510104017', dispatcher),
          house.get('/v1/me/requests', resident),
          house.get('/v1/me/work', worker),
          house.get('/v1/rectifications', dispatcher),
        ]);
        expect(lists.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
      }
    }
  };

  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 15, maxLength: 30 }), async (steps) => {
      try {
        await live(steps);
      } finally {
        house.faults.stale(undefined);
        await house.restore({ serviceRequests: new Map() }, await house.content(['serviceRequests']));
      }
    }),
    { seed, numRuns: LONG ? 60 : 4, endOnFailure: true },
  );
});

test('several at once under stale reads: each success stands in the history once, and nothing else does', async () => {
  const random = seeded(newSeed('several at once'));
  for (let round = 0; round < (LONG ? 50 : 2); round++) {
    const id = await requestAt(house.post, 'assigned');
    staleBy(8, random);
    const answers = await Promise.all(
      Array.from(
        { length: 24 },
        (_, index) =>
          [
            () => house.post(`/v1/requests/${id}/start`, worker, {}),
            () => house.post(`/v1/requests/${id}/assign`, dispatcher, { to: { kind: 'worker', id: worker.sub } }),
            () => house.post(`/v1/requests/${id}/comments`, resident, { text: `第 ${index} 条` }),
            () => house.post(`/v1/requests/${id}/pause`, worker, { reason: '住户外出' }),
          ][index % 4]?.() ?? expect.unreachable(),
      ),
    );
    house.faults.stale(undefined);
    expect(answers.filter((answer) => answer.status >= 500)).toEqual([]);
    const succeeded = answers.filter((answer) => answer.status === 200).length;
    const read = await house.get(`/v1/requests/${id}`, dispatcher);
    expect(read.headers['etag']).toBe(`"${3 + succeeded}-whole"`);
    expect(read.body.history.length + read.body.comments.length).toBe(3 + succeeded);
  }
});

test('an action under the ETag of the action before it is taken, however stale other reads are', async () => {
  const id = await requestAt(house.post, 'submitted');
  staleBy(50, () => 0.99, 1);
  let etag = '"1"';
  for (const [action, as, body] of [
    ['accept', dispatcher, {}],
    ['assign', dispatcher, { to: { kind: 'worker', id: worker.sub } }],
    ['start', worker, {}],
    ['resolve', worker, { resolution: '好了' }],
    ['rating', resident, { level: 1 }],
  ] as const) {
    const answer = await house.post(`/v1/requests/${id}/${action}`, as, body, { ifMatch: etag });
    expect([action, answer.text, answer.status]).toEqual([action, answer.text, 200]);
    etag = String(answer.headers['etag']);
  }
});

// Known: the answer is made again from a read that does not ask for consistency.
test('an action that is sent again answers with its effect, however stale other reads are', async () => {
  const id = await requestAt(house.post, 'submitted');
  staleBy(0, () => 0, 1);
  await house.get(`/v1/requests/${id}`, resident);
  staleBy(50, () => 0.99, 1);
  const first = await house.post(`/v1/requests/${id}/accept`, dispatcher, {}, { key: 'again' });
  const second = await house.post(`/v1/requests/${id}/accept`, dispatcher, {}, { key: 'again' });
  expect([second.status, second.headers['etag'], second.body.status]).toEqual([200, first.headers['etag'], first.body.status]);
});

test('a step of a rectification that is sent again answers with its effect, however stale other reads are', async () => {
  const path = `/v1/rectifications/${await rectificationAfter(house, 0)}`;
  staleBy(0, () => 0, 1);
  await house.get(path, dispatcher);
  staleBy(50, () => 0.99, 1);
  const send = (): Promise<Answered> =>
    house.post(`${path}/callback`, otherWorker, { outcome: 'confirmed', note: '属实' }, { key: 'callback' });
  const [first, second] = [await send(), await send()];
  expect([first.status, second.text, second.headers['etag']]).toEqual([200, first.text, first.headers['etag']]);
});

// Known: a setting is read for its change without asking for consistency.
test('a setting that is changed twice by one person in turn is changed twice, however stale other reads are', async () => {
  staleBy(50, () => 0.99, 1);
  const admin: TokenClaims = { sub: 'admin-1', roles: ['admin'] };
  for (const source of ['一', '二']) {
    const answer = await house.call('PUT', '/v1/settings/programmes', {
      as: admin,
      body: { value: [{ code: 'one', name: { 'zh-CN': '一' }, source }] },
    });
    expect([answer.text, answer.status]).toEqual([answer.text, 200]);
  }
});
