import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DAY, SECOND } from '../../functions/kernel/time.ts';
import type { TokenClaims } from '../../lib/local/issuer.ts';
import {
  auditor,
  CAOSHIJIE,
  countyDispatcher,
  DACISI,
  dispatcher,
  neighbour,
  otherDispatcher,
  otherWorker,
  resident,
  SHUIJINGFANG,
  strangeDispatcher,
  strangeWorker,
  worker,
  ZONGFULU,
} from '../support/people.ts';
import { ADMIN, startWorld, type Answer, type World } from '../support/world.ts';
import {
  act,
  daysAfter,
  done,
  make,
  makeIn,
  provider,
  registerProvider,
  read,
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

let world: World;
/** A public request that anybody may name as the original. */
let original: string;
/** One request in each status, for what must be refused there and so leaves it as it is. */
const standing = new Map<string, string>();
beforeAll(async () => {
  world = await startWorld();
  await registerProvider(world);
  original = await make(world);
  for (const status of STATUSES) standing.set(status, await makeIn(world, status));
});
afterAll(() => world.stop());

const STATUSES = ['submitted', 'accepted', 'assigned', 'inProgress', 'resolved', 'closed', 'rejected', 'cancelled', 'duplicate'] as const;
const OPEN = ['submitted', 'accepted', 'assigned', 'inProgress'];

/** Each action by one who may: from which statuses, and to which it leads. */
const ACTIONS: readonly {
  readonly action: string;
  readonly as: TokenClaims;
  readonly body: () => unknown;
  readonly from: readonly string[];
  readonly to: string | undefined;
  /** What must have happened before, beside the status. */
  readonly before?: (id: string) => Promise<unknown>;
}[] = [
  { action: 'accept', as: dispatcher, body: () => ({ priority: 'high' }), from: ['submitted'], to: 'accepted' },
  { action: 'accept', as: worker, body: () => ({}), from: ['submitted'], to: 'accepted' },
  { action: 'reject', as: dispatcher, body: () => REASON, from: OPEN, to: 'rejected' },
  { action: 'cancel', as: resident, body: () => ({}), from: ['submitted', 'accepted', 'assigned'], to: 'cancelled' },
  { action: 'duplicate', as: dispatcher, body: () => ({ of: original }), from: OPEN, to: 'duplicate' },
  { action: 'transfer', as: dispatcher, body: () => ({ community: DACISI, ...REASON }), from: OPEN, to: 'submitted' },
  { action: 'transfer', as: strangeDispatcher, body: () => ({ community: CAOSHIJIE, ...REASON }), from: OPEN, to: 'submitted' },
  { action: 'assign', as: dispatcher, body: () => ({ to: TO_PROVIDER }), from: OPEN, to: 'assigned' },
  { action: 'start', as: worker, body: () => ({}), from: ['assigned'], to: 'inProgress' },
  { action: 'resolve', as: worker, body: () => RESOLUTION, from: ['inProgress'], to: 'resolved' },
  {
    action: 'extend',
    as: worker,
    body: () => ({ resolveBy: daysAfter(world.now(), 30), ...REASON }),
    from: ['assigned', 'inProgress'],
    to: undefined,
  },
  { action: 'pause', as: worker, body: () => REASON, from: ['inProgress'], to: 'inProgress' },
  {
    action: 'resume',
    as: worker,
    body: () => ({}),
    from: ['inProgress'],
    to: 'inProgress',
    before: (id) => act(world, id, 'pause', worker, REASON),
  },
  { action: 'close', as: dispatcher, body: () => ({}), from: ['resolved'], to: 'closed' },
  { action: 'reopen', as: resident, body: () => REASON, from: ['resolved', 'closed'], to: 'accepted' },
  { action: 'reopen', as: dispatcher, body: () => REASON, from: ['resolved', 'closed'], to: 'accepted' },
  { action: 'comments', as: resident, body: () => ({ text: '谢谢' }), from: STATUSES, to: undefined },
  { action: 'rating', as: resident, body: () => ({ level: 5 }), from: ['resolved', 'closed'], to: undefined },
];

describe('an action works from its own states, and from every other it is 409 with what does work', () => {
  test.for(ACTIONS)('$action by $as.sub', async ({ action, as, body, from, to, before }) => {
    for (const status of STATUSES) {
      // A comment leaves the rest as it is.
      const moves = from.includes(status) && action !== 'comments';
      const id = moves ? await makeIn(world, status) : (standing.get(status) ?? '');
      if (moves) await before?.(id);
      const { actions } = (await read(world, id, as)).body;
      const answer = await act(world, id, action, as, body());
      if (from.includes(status)) {
        expect([status, answer.status, answer.body.status]).toEqual([status, 200, to ?? status]);
        expect(actions).toContain(action);
      } else {
        expect([status, answer.status, answer.body.code]).toEqual([status, 409, 'wrongState']);
        expect(actions).not.toContain(action);
        expect(answer.body.actions).toEqual(actions);
      }
    }
  });
});

test('without a pause there is nothing to resume, and nobody pauses twice', async () => {
  const id = await makeIn(world, 'inProgress');
  expect((await act(world, id, 'resume', worker)).status).toBe(409);
  await done(world, id, 'pause', worker, REASON);
  expect((await act(world, id, 'pause', worker, REASON)).status).toBe(409);
});

test('an action needs what its body asks for', async () => {
  for (const [status, action, as, body, path] of [
    ['submitted', 'accept', dispatcher, { service: 'noSuchService' }, 'service'],
    ['submitted', 'accept', dispatcher, { priority: 'highest' }, 'priority'],
    ['submitted', 'reject', dispatcher, {}, 'reason'],
    ['submitted', 'duplicate', dispatcher, { of: '00000000000000000000000ZX' }, 'of'],
    ['submitted', 'transfer', dispatcher, { community: '510104017999', ...REASON }, 'community'],
    ['submitted', 'transfer', dispatcher, { community: SHUIJINGFANG, ...REASON }, 'community'],
    ['submitted', 'assign', dispatcher, { to: { kind: 'robot', id: '1' } }, 'to.kind'],
    ['inProgress', 'resolve', worker, {}, 'resolution'],
    ['inProgress', 'extend', worker, { resolveBy: '2020-01-01T00:00:00Z', ...REASON }, 'resolveBy'],
    ['inProgress', 'pause', worker, {}, 'reason'],
    ['resolved', 'reopen', resident, {}, 'reason'],
    ['resolved', 'rating', resident, { level: 6 }, 'level'],
    ['resolved', 'rating', resident, { level: 0 }, 'level'],
    ['resolved', 'rating', resident, { level: 4.5 }, 'level'],
    ['resolved', 'rating', resident, { level: 5, dimensions: { speed: 5 } }, 'dimensions.speed'],
    ['submitted', 'comments', resident, { text: ' ' }, 'text'],
    ['submitted', 'close', dispatcher, { why: 'no such field' }, 'why'],
  ] as const) {
    const id = await makeIn(world, status);
    const answer = await act(world, id, action, as, body);
    expect([action, answer.status, answer.body.errors?.map((each: { path: string }) => each.path)]).toEqual([action, 422, [path]]);
  }
});

test('a request is no duplicate of itself, nor of a duplicate', async () => {
  const [first, second] = [await make(world), await make(world)];
  expect((await act(world, first, 'duplicate', dispatcher, { of: first })).status).toBe(422);
  const duplicate = await done(world, first, 'duplicate', dispatcher, { of: second });
  expect(duplicate).toMatchObject({ status: 'duplicate', duplicateOf: second, actions: ['comments'] });
  expect((await act(world, second, 'duplicate', dispatcher, { of: first })).status).toBe(422);
});

test('a wrong If-Match is 412 and changes nothing; the right one goes through', async () => {
  const id = await make(world);
  const tag = (await read(world, id, dispatcher)).headers.get('etag') ?? '';
  expect((await world.post(`/v1/requests/${id}/accept`, dispatcher, {}, { 'if-match': '"99"' })).status).toBe(412);
  expect((await read(world, id, dispatcher)).headers.get('etag')).toBe(tag);
  const accepted = await world.post(`/v1/requests/${id}/accept`, dispatcher, {}, { 'if-match': tag });
  expect(accepted.status).toBe(200);
  expect(accepted.headers.get('etag')).not.toBe(tag);
  expect((await world.post(`/v1/requests/${id}/reject`, dispatcher, REASON, { 'if-match': tag })).status).toBe(412);
});

test('an action answers as its GET does', async () => {
  const id = await make(world);
  for (const [action, as, body] of [
    ['accept', dispatcher, { priority: 'urgent' }],
    ['comments', resident, { text: '请尽快' }],
    ['assign', dispatcher, { to: TO_WORKER }],
    ['start', worker, {}],
    ['resolve', worker, RESOLUTION],
    ['rating', resident, { level: 4, comment: '不错' }],
  ] as const) {
    const answer = await done(world, id, action, as, body);
    expect(answer).toEqual((await read(world, id, as)).body);
  }
});

test('an action sent twice with one key is done once, and answered twice', async () => {
  const id = await make(world);
  const send = () => world.post(`/v1/requests/${id}/comments`, resident, { text: '一次' }, { 'idempotency-key': 'only-once' });
  const [first, second] = [await send(), await send()];
  expect([first.status, second.status, second.headers.get('idempotency-replayed')]).toEqual([200, 200, 'true']);
  expect(second.body.comments).toHaveLength(1);
});

test('a dispatcher reassigns: the new assignee works on it, the old one no longer does', async () => {
  const id = await makeIn(world, 'inProgress');
  await done(world, id, 'assign', dispatcher, { to: TO_VOLUNTEER });
  expect((await act(world, id, 'start', worker)).status).toBe(403);
  expect((await done(world, id, 'start', volunteer)).status).toBe('inProgress');
  const moved = await done(world, id, 'assign', dispatcher, { to: TO_PROVIDER });
  expect(moved.assignee).toEqual(TO_PROVIDER);
  expect((await act(world, id, 'start', volunteer)).status).toBe(403);
  expect((await done(world, id, 'start', provider)).status).toBe('inProgress');
  expect(moved.history.filter((entry: { action: string }) => entry.action === 'assign').map((entry: { to: unknown }) => entry.to)).toEqual([
    TO_WORKER,
    TO_VOLUNTEER,
    TO_PROVIDER,
  ]);
});

test('a provider is its claim, not its name; a worker without the role is not the assignee', async () => {
  const id = await makeIn(world, 'accepted');
  await done(world, id, 'assign', dispatcher, { to: TO_PROVIDER });
  expect((await act(world, id, 'start', { ...provider, provider: 'another' })).status).toBe(403);
  expect((await act(world, id, 'start', { sub: provider.sub, roles: ['provider'] })).status).toBe(403);
  await done(world, id, 'assign', dispatcher, { to: TO_WORKER });
  expect((await act(world, id, 'start', { ...worker, roles: ['resident'] })).status).toBe(403);
});

test('a dispatcher of either place transfers, and the clocks go on', async () => {
  const id = await makeIn(world, 'assigned');
  const before = (await read(world, id, dispatcher)).body;
  world.turn(DAY / 24);
  const pushed = await done(world, id, 'transfer', dispatcher, { community: ZONGFULU, ...REASON });
  expect(pushed).toMatchObject({
    status: 'submitted',
    community: ZONGFULU,
    respondBy: before.respondBy,
    respondedAt: before.respondedAt,
    resolveBy: before.resolveBy,
  });
  expect(pushed.assignee).toBeUndefined();
  expect(pushed.history.at(-1)).toMatchObject({ action: 'transfer', by: dispatcher.sub, note: REASON.reason, division: ZONGFULU });
  // It is no longer theirs, and neither of the two places is the county next door.
  expect((await act(world, id, 'accept', dispatcher)).status).toBe(403);
  expect((await act(world, id, 'transfer', strangeDispatcher, { community: SHUIJINGFANG, ...REASON })).status).toBe(403);
  const pulled = await done(world, id, 'transfer', dispatcher, { community: SHUIJINGFANG, ...REASON });
  expect(pulled).toMatchObject({ community: SHUIJINGFANG, resolveBy: before.resolveBy });
  expect((await act(world, id, 'transfer', strangeDispatcher, { community: DACISI, ...REASON })).status).toBe(403);
  expect((await done(world, id, 'transfer', countyDispatcher, { community: DACISI, ...REASON })).community).toBe(DACISI);
});

test('a private request can be taken over by a dispatcher of the other place, a confidential one cannot', async () => {
  const hidden = await make(world, { service: 'elderVisit' });
  expect((await act(world, hidden, 'transfer', strangeDispatcher, { community: DACISI, ...REASON })).status).toBe(404);
  expect((await act(world, hidden, 'transfer', strangeDispatcher, { community: CAOSHIJIE, ...REASON })).status).toBe(200);
  const secret = await make(world, { confidential: true });
  expect((await act(world, secret, 'transfer', strangeDispatcher, { community: CAOSHIJIE, ...REASON })).status).toBe(404);
});

test('comments stand under a request for who reads it whole, internal ones for staff', async () => {
  const id = await makeIn(world, 'accepted');
  await done(world, id, 'assign', dispatcher, { to: TO_VOLUNTEER });
  for (const [as, body] of [
    [resident, { text: '居民的话' }],
    [volunteer, { text: '志愿者的话' }],
    [worker, { text: '内部的话', internal: true }],
  ] as const) {
    await done(world, id, 'comments', as, body);
    world.turn(SECOND);
  }
  const texts = async (as: TokenClaims): Promise<string[]> =>
    (await read(world, id, as)).body.comments.map((each: { text: string }) => each.text);
  expect(await texts(worker)).toEqual(['居民的话', '志愿者的话', '内部的话']);
  expect(await texts(resident)).toEqual(['居民的话', '志愿者的话']);
  expect(await texts(volunteer)).toEqual(['居民的话', '志愿者的话']);
  for (const as of [resident, volunteer]) expect((await act(world, id, 'comments', as, { text: '内部', internal: true })).status).toBe(403);
  for (const as of [neighbour, strangeWorker]) expect((await act(world, id, 'comments', as, { text: '路过' })).status).toBe(403);
  expect((await read(world, id)).body.comments).toBeUndefined();
});

test('a worker acts for a resident of their division, others do not, and it is written down', async () => {
  const inSomebodysName = { onBehalfOf: { name: '王奶奶', phone: '02886660000' }, channel: 'phone' };
  for (const [status, action, body] of [
    ['accepted', 'cancel', {}],
    ['resolved', 'reopen', REASON],
    ['resolved', 'rating', { level: 4 }],
  ] as const) {
    const id = await makeIn(world, status, { service: 'streetLamp' });
    for (const as of [neighbour, strangeWorker]) {
      expect([action, as.sub, (await act(world, id, action, as, { ...body, ...inSomebodysName })).status]).toEqual([action, as.sub, 403]);
    }
    const answer = await done(world, id, action, otherWorker, { ...body, ...inSomebodysName });
    expect(answer.history.at(-1)).toMatchObject({ action, by: otherWorker.sub, ...inSomebodysName });
  }
});

const ENDS: ReadonlySet<string> = new Set(['reject', 'cancel', 'duplicate']);

interface Person {
  readonly who: string;
  readonly as: TokenClaims | undefined;
}
const PEOPLE: readonly Person[] = [
  { who: 'requester', as: resident },
  { who: 'neighbour', as: neighbour },
  { who: 'worker', as: worker },
  { who: 'other worker', as: otherWorker },
  { who: 'dispatcher', as: dispatcher },
  { who: 'other dispatcher', as: otherDispatcher },
  { who: 'county dispatcher', as: countyDispatcher },
  { who: 'dispatcher of another county', as: strangeDispatcher },
  { who: 'worker of another county', as: strangeWorker },
  { who: 'provider', as: provider },
  { who: 'volunteer', as: volunteer },
  { who: 'auditor', as: auditor },
  { who: 'admin', as: ADMIN },
];
const NAMES = [...new Set(ACTIONS.map(({ action }) => action))];
/** The operations that are declared for these roles alone; to others they are 403 whatever the id. */
const GATES: Readonly<Record<string, readonly string[]>> = {
  accept: ['worker', 'dispatcher'],
  reject: ['dispatcher'],
  duplicate: ['dispatcher'],
  transfer: ['dispatcher'],
  assign: ['dispatcher'],
  close: ['dispatcher'],
};

const covers = (as: TokenClaims | undefined, role: TokenClaims['roles'][number], community: string): boolean =>
  as !== undefined && as.roles.includes(role) && as.division !== undefined && community.startsWith(as.division);

/** Who may, by api.md, whatever the state. */
const may = (action: string, as: TokenClaims, truth: Answer['body']): boolean => {
  const requester = truth.requester === as.sub;
  const { assignee, community } = truth;
  const assigned =
    assignee !== undefined && (assignee.kind === 'provider' ? as.provider === assignee.id : as.sub === assignee.id && as !== provider);
  const isWorker = covers(as, 'worker', community);
  const isDispatcher = covers(as, 'dispatcher', community);
  switch (action) {
    case 'accept':
      return isWorker || isDispatcher;
    case 'cancel':
      return requester || isWorker;
    case 'start':
    case 'resolve':
    case 'pause':
    case 'resume':
      return assigned;
    case 'extend':
      return assigned || isDispatcher;
    case 'reopen':
      return requester || isWorker || isDispatcher;
    case 'comments':
      return true;
    case 'rating':
      return (requester || isWorker) && !assigned;
    default:
      return isDispatcher;
  }
};

test(
  'from every state that a legal walk leads to, a caller’s actions are what works for them, and nothing else does',
  async () => {
    // oxlint-disable-next-line no-console
    console.log(`actions: seed ${SEED}`);
    const timesDone = new Map<string, number>();
    const often = (action: string): number => timesDone.get(action) ?? 0;

    const bodyOf = (action: string, { as }: Person, truth: Answer['body'], pick: number): unknown => {
      const forSomebody =
        as !== undefined && as.sub !== truth.requester && as.roles.includes('worker')
          ? { onBehalfOf: { name: '张奶奶' }, channel: 'phone' }
          : {};
      switch (action) {
        case 'reject':
        case 'pause':
          return REASON;
        case 'cancel':
          return forSomebody;
        case 'reopen':
          return { ...REASON, ...forSomebody };
        case 'duplicate':
          return { of: original };
        case 'transfer': {
          if (as === strangeDispatcher) return { community: truth.community === CAOSHIJIE ? SHUIJINGFANG : CAOSHIJIE, ...REASON };
          if (as === dispatcher || as === otherDispatcher || as === countyDispatcher)
            return { community: truth.community === SHUIJINGFANG ? DACISI : SHUIJINGFANG, ...REASON };
          return { community: SHUIJINGFANG, ...REASON };
        }
        case 'assign':
          return { to: [TO_WORKER, TO_PROVIDER, TO_VOLUNTEER, { kind: 'worker', id: otherWorker.sub }][pick % 4] };
        case 'resolve':
          return RESOLUTION;
        case 'extend':
          return { resolveBy: daysAfter(Math.max(world.now(), Date.parse(truth.resolveBy)), 10), ...REASON };
        case 'comments':
          return { text: '看看' };
        case 'rating':
          return { level: 1 + (pick % 5), ...forSomebody };
        default:
          return {};
      }
    };

    /** Everything that is not among the caller's actions is refused as it should be, and leaves no trace. */
    const refused = async (id: string, person: Person, truth: Answer['body'], pick: number): Promise<void> => {
      const { who, as } = person;
      if (as === undefined) return;
      const seen = await read(world, id, as);
      const actions: readonly string[] = seen.status === 200 ? seen.body.actions : [];
      const isPublic = seen.status === 200 && seen.body.channel === undefined;
      for (const action of NAMES.filter((name) => !actions.includes(name))) {
        // A dispatcher may take over what they do not see: from where they stand it is no open action.
        if (action === 'transfer' && seen.status === 404 && as.roles.includes('dispatcher') && truth.visibility === 'private') continue;
        const answer = await act(world, id, action, as, bodyOf(action, person, truth, pick));
        const told = { who, action, status: truth.status, answer: answer.status };
        const gate = GATES[action];
        if (gate !== undefined && !as.roles.some((role) => gate.includes(role))) expect(told).toEqual({ ...told, answer: 403 });
        else if (seen.status === 404) expect(told).toEqual({ ...told, answer: 404 });
        else if (isPublic || !may(action, as, truth)) {
          // Who works there, but not on this, is told that nobody is assigned yet.
          const nobodyAssigned = truth.assignee === undefined && ['start', 'resolve', 'pause', 'resume', 'extend'].includes(action);
          if (isPublic && action === 'transfer' && as.roles.includes('dispatcher'))
            expect([answer.status, answer.body.actions]).toEqual([409, actions]);
          else if (nobodyAssigned && answer.status === 409) expect(answer.body.actions).toEqual(actions);
          else expect(told).toEqual({ ...told, answer: 403 });
        } else {
          expect(told).toEqual({ ...told, answer: 409 });
          expect({ ...told, actions: answer.body.actions }).toEqual({ ...told, actions });
        }
      }
      expect((await read(world, id, as)).headers.get('etag')).toBe(seen.headers.get('etag'));
    };

    const move = fc.record({ pick: fc.nat(10_000), watcher: fc.nat(PEOPLE.length - 1), days: fc.constantFrom(0, 0, 0, 1, 4, 16) });
    const walk = async (service: string, moves: readonly { pick: number; watcher: number; days: number }[]): Promise<void> => {
      const id = await make(world, { service });
      for (const [index, { pick, watcher, days }] of moves.entries()) {
        world.turn(days * DAY);
        const truthful = (await Promise.all([dispatcher, strangeDispatcher].map((as) => read(world, id, as)))).find(
          (each) => each.status === 200 && each.body.channel !== undefined,
        );
        if (truthful === undefined) throw new Error('no dispatcher sees it whole');
        const truth = truthful.body;
        const watchers = index === moves.length - 1 ? PEOPLE : PEOPLE.filter((_, place) => place === watcher);
        for (const person of watchers) await refused(id, person, truth, pick);

        const choices: (readonly [Person, string])[] = [];
        for (const person of PEOPLE) {
          const seen = await read(world, id, person.as);
          if (seen.status === 200) choices.push(...seen.body.actions.map((action: string) => [person, action] as const));
        }
        // What has been done least goes first, and what ends a request late, so that few walks reach far.
        const rank = ([, name]: readonly [Person, string]): number => often(name) + (ENDS.has(name) && pick % 3 > 0 ? 100 : 0);
        const least = Math.min(...choices.map(rank));
        const rare = choices.filter((each) => rank(each) === least);
        const [person, action] = rare[pick % Math.max(1, rare.length)] ?? [];
        if (person === undefined || action === undefined) continue;
        const answer = await act(world, id, action, person.as, bodyOf(action, person, truth, pick));
        expect({
          who: person.who,
          action,
          from: truth.status,
          answer: answer.status,
          text: answer.text.slice(0, answer.status === 200 ? 0 : 400),
        }).toEqual({
          who: person.who,
          action,
          from: truth.status,
          answer: 200,
          text: '',
        });
        timesDone.set(action, often(action) + 1);
      }
    };

    await fc.assert(
      fc.asyncProperty(fc.constantFrom('streetLamp', 'streetLamp', 'elderVisit'), fc.array(move, { minLength: 5, maxLength: 7 }), walk),
      { seed: SEED, numRuns: LONG ? 200 : 2, endOnFailure: true },
    );
    expect(timesDone.size).toBeGreaterThan(6);
  },
  PROPERTY_TIMEOUT,
);
