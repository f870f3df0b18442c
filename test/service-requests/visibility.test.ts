import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SECOND } from '../../functions/kernel/time.ts';
import type { TokenClaims } from '../../lib/local/issuer.ts';
import {
  auditor,
  countyDispatcher,
  dispatcher,
  neighbour,
  otherDispatcher,
  otherWorker,
  resident,
  SHUIJINGFANG,
  strangeDispatcher,
  strangeWorker,
  worker,
} from '../support/people.ts';
import { ADMIN, startWorld, type Answer, type World } from '../support/world.ts';
import {
  act,
  done,
  ids,
  make,
  provider,
  registerProvider,
  read,
  RESOLUTION,
  TO_PROVIDER,
  TO_VOLUNTEER,
  volunteer,
  type Assignee,
} from './support/requests.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
  await registerProvider(world);
});
afterAll(() => world.stop());

const PEOPLE: Readonly<Record<string, TokenClaims | undefined>> = {
  nobody: undefined,
  stranger: neighbour,
  requester: resident,
  staff: otherWorker,
  dispatcher,
  otherDispatcher,
  countyDispatcher,
  strangeDispatcher,
  strangeWorker,
  provider,
  volunteer,
  auditor,
  admin: ADMIN,
};
type Who = keyof typeof PEOPLE;

/** Words that only who reads the whole of it may see. */
const SECRETS = [
  '张三',
  '13800001111',
  '保密备注',
  '保密评论',
  '保密评价',
  'P-77',
  '赵奶奶',
  dispatcher.sub,
  resident.sub,
  worker.sub,
] as const;
/** What the public sees of a public request, by api.md, and what says how it stands. */
const PUBLIC_FIELDS = new Set([
  'id',
  'number',
  'service',
  'serviceVersion',
  'community',
  'status',
  'visibility',
  'description',
  'address',
  'location',
  'requestedAt',
  'updatedAt',
  'respondBy',
  'respondedAt',
  'resolveBy',
  'resolvedAt',
  'closedAt',
  'estimated',
  'overdue',
  'round',
  'priority',
  'history',
  'actions',
]);

const sightOf = (answer: Answer): 'whole' | 'public' | 'nothing' => {
  if (answer.status === 404) return 'nothing';
  expect(answer.status).toBe(200);
  return answer.body.channel === undefined ? 'public' : 'whole';
};

const KINDS = {
  public: { service: 'streetLamp' },
  private: { service: 'elderVisit' },
  confidential: { service: 'psychologicalSupport' },
  'confidential by flag': { service: 'streetLamp', confidential: true },
} as const;

const STAFF: readonly Who[] = ['staff', 'dispatcher', 'otherDispatcher', 'countyDispatcher'];
const DISPATCHERS: readonly Who[] = ['dispatcher', 'otherDispatcher', 'countyDispatcher'];

/** Who reads the whole of it, beside its requester and assignee. */
const wholeFor = (kind: keyof typeof KINDS, accepted: boolean): readonly Who[] => {
  if (!kind.startsWith('confidential')) return STAFF;
  return accepted ? ['dispatcher'] : DISPATCHERS;
};

/** To whom it makes no difference that it is assigned. */
const UNCHANGED: ReadonlySet<Who> = new Set(['auditor', 'admin', 'strangeDispatcher', 'countyDispatcher']);

const ASSIGNEES: readonly { readonly who: Who; readonly to: Assignee }[] = [
  { who: 'strangeWorker', to: { kind: 'worker', id: strangeWorker.sub } },
  { who: 'provider', to: TO_PROVIDER },
  { who: 'volunteer', to: TO_VOLUNTEER },
];

describe('who sees a request, in itself and in every list', () => {
  const seesAsExpected = async (id: string, kind: keyof typeof KINDS, whole: readonly Who[], assignee: Who | undefined): Promise<void> => {
    const missing = `${id.slice(0, -1)}${id.endsWith('0') ? '1' : '0'}`;
    for (const [who, as] of Object.entries(PEOPLE).filter(([each]) => assignee === undefined || !UNCHANGED.has(each))) {
      const answer = await read(world, id, as);
      const expected = whole.includes(who) ? 'whole' : kind === 'public' ? 'public' : 'nothing';
      expect([kind, who, sightOf(answer)]).toEqual([kind, who, expected]);
      // What may not be known to exist looks like what is not there.
      if (expected === 'nothing') {
        const absent = await read(world, missing, as);
        expect([answer.status, answer.body]).toEqual([absent.status, absent.body]);
      }
      if (as === undefined) continue;

      if (as.division !== undefined && as.roles.some((role) => role === 'worker' || role === 'dispatcher')) {
        const listed = ids(await world.get('/v1/requests?limit=100', as));
        const covered = SHUIJINGFANG.startsWith(as.division);
        expect([kind, who, 'list', listed.includes(id)]).toEqual([kind, who, 'list', covered && expected === 'whole']);
      } else expect((await world.get('/v1/requests', as)).status).toBe(403);
      expect([who, 'mine', ids(await world.get('/v1/me/requests?limit=100', as)).includes(id)]).toEqual([who, 'mine', who === 'requester']);
      expect([who, 'work', ids(await world.get('/v1/me/work?limit=100', as)).includes(id)]).toEqual([who, 'work', who === assignee]);
    }
  };

  test.for(Object.keys(KINDS) as (keyof typeof KINDS)[])('%s', async (kind) => {
    const id = await make(world, KINDS[kind]);
    await seesAsExpected(id, kind, ['requester', ...wholeFor(kind, false)], undefined);
    await done(world, id, 'accept', dispatcher);
    await seesAsExpected(id, kind, ['requester', ...wholeFor(kind, true)], undefined);
    for (const { who, to } of ASSIGNEES) {
      await done(world, id, 'assign', dispatcher, { to });
      await seesAsExpected(id, kind, ['requester', who, ...wholeFor(kind, true)], who);
    }
  });
});

test('the public sees of a public request how it stands, and nobody’s name or words but the description', async () => {
  const id = await make(world, {
    description: '路灯不亮',
    attributes: { poleNumber: 'P-77' },
    address: '东大街 1 号',
    location: { lat: 30.65, long: 104.08 },
    contact: { name: '张三', phone: '13800001111' },
  });
  await done(world, id, 'accept', dispatcher);
  await done(world, id, 'assign', dispatcher, { to: { kind: 'worker', id: worker.sub } });
  await done(world, id, 'comments', dispatcher, { text: '保密评论' });
  await done(world, id, 'start', worker);
  await done(world, id, 'pause', worker, { reason: '保密备注' });
  await done(world, id, 'resolve', worker, { resolution: '保密备注' });
  await done(world, id, 'rating', resident, { level: 1, comment: '保密评价', tags: ['保密评价'] });
  await done(world, id, 'reopen', otherWorker, {
    reason: '保密备注',
    onBehalfOf: { name: '赵奶奶', phone: '13800001111' },
    channel: 'phone',
  });

  for (const as of [undefined, neighbour, strangeWorker, auditor]) {
    const answer = await read(world, id, as);
    expect(answer.status).toBe(200);
    expect(Object.keys(answer.body).filter((field) => !PUBLIC_FIELDS.has(field))).toEqual([]);
    expect(answer.body).toMatchObject({
      description: '路灯不亮',
      address: '东大街 1 号',
      location: { lat: 30.65, long: 104.08 },
      actions: [],
    });
    for (const entry of answer.body.history) expect(Object.keys(entry).toSorted()).toEqual(['action', 'at', 'round', 'status']);
    // Nobody counts ratings one by one.
    expect(answer.body.history.map(({ action }: { action: string }) => action)).not.toContain('rating');
    for (const secret of SECRETS) expect(answer.text).not.toContain(secret);
  }
  const whole = await read(world, id, dispatcher);
  for (const field of ['contact', 'attributes', 'comments', 'rounds', 'history']) expect(whole.body[field]).toBeDefined();
});

test('no list shows a private field, and of a confidential request no word at all', async () => {
  const body = {
    description: '说来话长',
    address: '东大街 2 号',
    location: { lat: 30.65, long: 104.08 },
    contact: { name: '张三', phone: '13800001111' },
  };
  const open = await make(world, { ...body, attributes: { poleNumber: 'P-77' } });
  const secret = await make(world, { ...body, service: 'psychologicalSupport' });
  for (const id of [open, secret]) {
    await done(world, id, 'accept', dispatcher);
    await done(world, id, 'assign', dispatcher, { to: TO_VOLUNTEER });
  }
  for (const [path, as] of [
    [`/v1/requests?division=${SHUIJINGFANG}&limit=100`, dispatcher],
    ['/v1/me/requests?limit=100', resident],
    ['/v1/me/work?limit=100', volunteer],
  ] as const) {
    const answer = await world.get(path, as);
    const items = new Map<string, Answer['body']>(answer.body.items.map((item: { id: string }) => [item.id, item]));
    expect(items.get(open)).toMatchObject({ description: '说来话长', address: '东大街 2 号' });
    const { description, address, location } = items.get(secret);
    expect([description, address, location]).toEqual([undefined, undefined, undefined]);
    for (const hidden of ['张三', '13800001111', 'P-77', 'history', 'comments', 'onBehalfOf']) expect(answer.text).not.toContain(hidden);
  }
  const numbered = await world.get(`/v1/requests?number=${(await read(world, secret, dispatcher)).body.number}`, dispatcher);
  expect(ids(numbered)).toEqual([secret]);
  expect(numbered.text).not.toContain('说来话长');
});

test('a request that becomes confidential when it is accepted stays so, and does not fall out of sight', async () => {
  const id = await make(world, { service: 'streetLamp', description: '其实是求助' });
  await done(world, id, 'accept', dispatcher, { service: 'psychologicalSupport' });
  expect((await read(world, id)).status).toBe(404);
  expect((await read(world, id, otherDispatcher)).status).toBe(404);
  expect((await read(world, id, dispatcher)).body.visibility).toBe('confidential');

  // A worker is no dispatcher: until one takes it on, those of its community see it.
  const taken = await make(world, { service: 'streetLamp', description: '其实是求助' });
  await done(world, taken, 'accept', worker, { service: 'psychologicalSupport' });
  expect((await read(world, taken, worker)).status).toBe(404);
  for (const as of [dispatcher, otherDispatcher]) expect((await read(world, taken, as)).status).toBe(200);
  await done(world, taken, 'assign', otherDispatcher, { to: TO_VOLUNTEER });
  expect((await read(world, taken, dispatcher)).status).toBe(404);
  expect((await read(world, taken, otherDispatcher)).status).toBe(200);

  // What was confidential does not become less so under another service.
  const flagged = await make(world, { confidential: true });
  expect((await done(world, flagged, 'accept', dispatcher, { service: 'rubbish' })).visibility).toBe('confidential');
});

test('every reading of a confidential request is on record, and an auditor of the place sees it', async () => {
  const id = await make(world, { service: 'psychologicalSupport' });
  const readers = [dispatcher, resident, otherDispatcher, dispatcher];
  for (const as of readers) {
    world.turn(SECOND);
    expect((await read(world, id, as)).status).toBe(200);
  }
  world.turn(SECOND);
  await done(world, id, 'accept', dispatcher);
  // Who is turned away has read nothing.
  expect((await read(world, id, otherDispatcher)).status).toBe(404);
  expect((await read(world, id, auditor)).status).toBe(404);
  expect((await read(world, id)).status).toBe(404);

  const trail = await world.get(`/v1/audit?resource=requests/${id}`, auditor);
  expect(trail.body.items.map(({ sub, action }: { sub: string; action: string }) => [sub, action])).toEqual([
    [dispatcher.sub, 'acceptRequest'],
    ...readers.toReversed().map((as) => [as.sub, 'read']),
  ]);
  for (const item of trail.body.items) {
    expect(item.requestId).toMatch(/./);
    expect(item.community).toBe(SHUIJINGFANG);
  }
  expect((await world.get(`/v1/audit?resource=/v1/requests/${id}`, auditor)).body.items).toHaveLength(5);
  expect((await world.get(`/v1/audit?resource=requests/${id}`, { ...auditor, division: '510105' })).body.items).toEqual([]);
  for (const as of [dispatcher, resident, ADMIN]) expect((await world.get(`/v1/audit?resource=requests/${id}`, as)).status).toBe(403);

  // Nobody audits their own work.
  const both: TokenClaims = { ...dispatcher, roles: ['dispatcher', 'auditor'] };
  const others = await world.get(`/v1/audit?resource=requests/${id}`, both);
  expect(others.body.items.map((each: { sub: string }) => each.sub)).toEqual([otherDispatcher.sub, resident.sub]);
});

test('a reading of a public or private request leaves no record', async () => {
  const id = await make(world, { service: 'elderVisit' });
  await read(world, id, dispatcher);
  expect((await world.get(`/v1/audit?resource=requests/${id}`, auditor)).body.items).toEqual([]);
});

test('a bad bearer is 401 on a route that anybody may call, never an anonymous answer', async () => {
  const id = await make(world);
  for (const authorization of ['Bearer nonsense', 'Basic dXNlcjpwdw==', 'Bearer ']) {
    expect((await world.call('GET', `/v1/requests/${id}`, { headers: { authorization } })).status).toBe(401);
  }
});

test('the rater is never named to the rated', async () => {
  const id = await make(world, { onBehalfOf: { name: '赵奶奶' }, channel: 'phone' }, otherWorker);
  await done(world, id, 'accept', dispatcher);
  await done(world, id, 'assign', dispatcher, { to: { kind: 'worker', id: worker.sub } });
  await done(world, id, 'start', worker);
  await done(world, id, 'resolve', worker, RESOLUTION);
  await done(world, id, 'rating', { ...neighbour, roles: ['worker'] }, { level: 1, onBehalfOf: { name: '钱爷爷' }, channel: 'phone' });
  const seen = await read(world, id, worker);
  expect(seen.body.rating).toMatchObject({ level: 1, channel: 'phone', counts: true });
  for (const name of [neighbour.sub, '钱爷爷']) expect(seen.text).not.toContain(name);
  const { body } = await world.get(`/v1/rectifications?division=${SHUIJINGFANG}`, worker);
  const opened = body.items.find((each: { request: string }) => each.request === id);
  expect(opened).toBeDefined();
  for (const name of [neighbour.sub, '钱爷爷']) expect(JSON.stringify(opened)).not.toContain(name);
  expect((await act(world, id, 'rating', otherWorker, { level: 5, onBehalfOf: { name: '赵奶奶' }, channel: 'phone' })).status).toBe(409);
});
