/** FixMyStreet both ways: it takes our services, sends its reports and updates, and fetches what has become of them. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { HOUR, MINUTE } from '../../../functions/kernel/time.ts';
import { countyDispatcher, DACISI, dispatcher, resident, worker } from '../../support/people.ts';
import { startWorld, type Answer, type World } from '../../support/world.ts';
import { done, make, REASON, TO_WORKER } from '../support/requests.ts';
import { ask, asFixMyStreet, errorsOf, fine, furnish, keyFor, report, send, type Params } from './support/clients.ts';

let world: World;
let key: string;
let other: string;
beforeAll(async () => {
  world = await startWorld();
  await furnish(world);
  key = await keyFor(world);
  other = await keyFor(world);
});
afterAll(() => world.stop());

/** What has happened is some time ago, and asked for by its own window. */
beforeEach(() => world.turn(3 * HOUR));

interface Update {
  readonly update_id: string;
  readonly service_request_id: string;
  readonly status: string;
  readonly updated_datetime: string;
  readonly description: string;
  readonly media_url: string;
}

const updates = async (params: Params = { api_key: key }): Promise<readonly Update[]> =>
  (asFixMyStreet(fine(await ask(world, 'servicerequestupdates.xml', params)).text)?.request_update ?? []) as readonly Update[];
const updatesOf = async (id: string, params: Params = { api_key: key }): Promise<readonly Update[]> =>
  (await updates(params)).filter((each) => each.service_request_id === id);

/** All that it sends with a report, in its own order and form. */
const SENT = {
  description: 'title: 路灯不亮\r\n\r\ndetail: 已经三天\r\n\r\nurl: https://fms.example/report/77\r\n\r\nSubmitted via FixMyStreet\r\n',
  service_code: 'streetLamp',
  first_name: 'Bob',
  last_name: '',
  phone: '',
  email: 'bob@example.org',
  lat: '30.6443',
  long: '104.0915',
  media_url: ['https://fms.example/photo/77.0.jpeg', 'https://fms.example/photo/77.1.jpeg'],
  deviceid: 'abc',
  'attribute[title]': '路灯不亮',
  'attribute[report_url]': 'https://fms.example/report/77',
  'attribute[closest_address]': '',
  'attribute[public_anonymity_required]': 'TRUE',
} as const;

describe('it takes in services', () => {
  test('with those that are not for everybody marked as private, and nothing else so', async () => {
    const { service } = asFixMyStreet((await ask(world, 'services.xml')).text);
    const by = new Map<string, { keywords?: string; group?: string; metadata: string }>(
      service.map((each: { service_code: string }) => [each.service_code, each]),
    );
    const isPrivate = (code: string): boolean => by.get(code)?.keywords?.split(',').includes('private') ?? false;
    expect(['pothole', 'streetLamp', 'privateHelp', 'elderVisit'].map(isPrivate)).toEqual([false, false, true, true]);
    // What is confidential is not asked for here.
    expect([by.has('secretHelp'), (await ask(world, 'services/secretHelp.xml')).status]).toEqual([false, 404]);
    expect([by.get('pothole')?.metadata, by.get('pothole')?.group]).toEqual(['true', '便民服务']);
    // Codes go into its paths as they are.
    for (const code of by.keys()) expect(code).toMatch(/^[\w-]+$/);
  });

  test('and what each asks for, its own id among it', async () => {
    const { attributes } = asFixMyStreet((await ask(world, 'services/pothole.xml')).text);
    expect(attributes.map(({ code }: { code: string }) => code)).toContain('fixmystreet_id');
    expect(attributes.find(({ code }: { code: string }) => code === 'fixmystreet_id').automated).toBe('server_set');
    expect(attributes.find(({ code }: { code: string }) => code === 'shape').values).toHaveLength(3);
    expect(attributes.find(({ code }: { code: string }) => code === 'depth').values).toBeUndefined();
  });
});

describe('it sends a report', () => {
  test('with all that it knows of it, and reads the id at once', async () => {
    const answer = fine(
      await send(world, 'requests.xml', { ...SENT, 'attribute[fixmystreet_id]': '77', api_key: key, jurisdiction_id: '' }),
    );
    const { request } = asFixMyStreet(answer.text);
    expect(request).toHaveLength(1);
    expect(request[0].service_request_id).toMatch(/^[0-9A-Z]{25}$/);
    const [shown] = fine(await ask(world, `requests/${request[0].service_request_id}.json`, { api_key: key, extensions: 'true' })).body;
    expect(shown.description).toBe(
      'title: 路灯不亮\n\ndetail: 已经三天\n\nurl: https://fms.example/report/77\n\nSubmitted via FixMyStreet',
    );
    expect(shown.media_url).toBe(SENT.media_url[0]);
    expect(shown.extended_attributes).toMatchObject({
      first_name: 'Bob',
      last_name: null,
      email: 'bob@example.org',
      media_urls: SENT.media_url,
    });
    expect(shown.attributes.map(({ code, value }: { code: string; value: string }) => [code, value])).toEqual([
      ['fixmystreet_id', '77'],
      ['public_anonymity_required', 'TRUE'],
      ['report_url', 'https://fms.example/report/77'],
      ['title', '路灯不亮'],
    ]);
  });

  test('again and again, and it is taken once; another client’s of that id is another', async () => {
    const params = { ...SENT, 'attribute[fixmystreet_id]': '78' };
    const first = await report(world, key, params);
    for (const again of [params, params, { ...params, description: 'changed' }]) expect(await report(world, key, again)).toBe(first);
    expect(await report(world, other, params)).not.toBe(first);
    expect(await report(world, key, { ...params, 'attribute[fixmystreet_id]': '79' })).not.toBe(first);
    const own = fine(await ask(world, 'requests.json', { api_key: key, extensions: 'true' })).body;
    expect(
      own.filter((each: { attributes?: { code: string; value: string }[] }) => each.attributes?.some(({ value }) => value === '78')),
    ).toHaveLength(1);
  });

  test('20 times at once, and it is taken once', async () => {
    const params = { ...SENT, 'attribute[fixmystreet_id]': '80' };
    const ids = await Promise.all(Array.from({ length: 20 }, () => report(world, key, params)));
    expect(new Set(ids).size).toBe(1);
    expect(fine(await ask(world, 'requests.json', { service_request_id: ids.join(',') })).body).toHaveLength(1);
  });

  test('without its own id each time anew, unless an Idempotency-Key says that it is the same', async () => {
    const [a, b] = [await report(world, key, SENT), await report(world, key, SENT)];
    expect(a).not.toBe(b);
    const params = { ...SENT, api_key: key };
    const header = { 'idempotency-key': '7d444840-9dc0-4a52-8f6f-2f3f4c5d6e7f' };
    const once = fine(await send(world, 'requests.xml', params, header));
    const again = fine(await send(world, 'requests.xml', params, header));
    expect([again.text, again.headers.get('idempotency-replayed')]).toEqual([once.text, 'true']);
  });
});

test('it fetches reports by id and reads their status and words', async () => {
  const [open, closed] = [await report(world, key), await report(world, key)];
  await done(world, closed, 'reject', countyDispatcher, { reason: '不归我们管' });
  const { request } = asFixMyStreet(fine(await ask(world, 'requests.xml', { service_request_id: `${open},${closed}`, api_key: key })).text);
  expect(request.map((each: Record<string, string>) => [each['service_request_id'], each['status'], each['status_notes']])).toEqual([
    [open, 'open', '已提交，等待受理'],
    [closed, 'closed', '不归我们管'],
  ]);
});

describe('it fetches updates', () => {
  test('each change with its status and what was said of it', async () => {
    const id = await report(world, key);
    const steps: readonly (readonly [string, typeof worker, object])[] = [
      ['accept', countyDispatcher, {}],
      ['assign', countyDispatcher, { to: TO_WORKER }],
      ['start', worker, {}],
      ['pause', worker, { reason: '等配件' }],
      ['resume', worker, {}],
      ['resolve', worker, { resolution: '已换灯泡' }],
      ['close', countyDispatcher, {}],
    ];
    for (const [action, as, body] of steps) {
      world.turn(MINUTE);
      await done(world, id, action, as, body);
    }
    const found = await updatesOf(id);
    expect(found.map(({ status, description }) => [status, description])).toEqual([
      ['investigating', '已受理'],
      ['action_scheduled', '已派单'],
      ['in_progress', '处理中'],
      ['in_progress', '等配件'],
      ['in_progress', '处理中'],
      ['fixed', '已换灯泡'],
      ['closed', '已办结'],
    ]);
    expect(new Set(found.map(({ update_id: each }) => each)).size).toBe(found.length);
    expect(found.map(({ updated_datetime: each }) => each)).toEqual(found.map(({ updated_datetime: each }) => each).toSorted());
    for (const each of found)
      expect(Object.keys(each)).toEqual(['update_id', 'service_request_id', 'status', 'updated_datetime', 'description', 'media_url']);
    // The same as long as they are asked for.
    expect(await updatesOf(id)).toEqual(found);
    const json = fine(await ask(world, 'servicerequestupdates.json', { api_key: key, service_request_id: id })).body;
    expect(json).toEqual(found.map((each) => ({ ...each, media_url: null })));
  });

  test.each([
    ['reject', REASON, 'no_further_action', '测试'],
    ['transfer', { community: DACISI, reason: '归大慈寺' }, 'internal_referral', '归大慈寺'],
    ['duplicate', {}, 'duplicate', '重复诉求'],
  ] as const)('of %s', async (action, body, status, said) => {
    const id = await report(world, key);
    await done(world, id, action, countyDispatcher, action === 'duplicate' ? { of: await make(world) } : body);
    expect((await updatesOf(id)).map((each) => [each.status, each.description])).toEqual([[status, said]]);
  });

  test('within a window, both ends of it included; of one end alone, and of none the last two hours', async () => {
    const id = await report(world, key);
    world.turnTo('2026-12-01T13:00:00.400Z');
    await done(world, id, 'accept', countyDispatcher);
    world.turnTo('2026-12-01T14:00:00Z');
    await done(world, id, 'reject', countyDispatcher, REASON);
    const statuses = async (params: Params): Promise<string[]> =>
      (await updatesOf(id, { api_key: key, ...params })).map(({ status }) => status);
    expect(await statuses({})).toEqual(['investigating', 'no_further_action']);
    expect(await statuses({ start_date: '2026-12-01T12:00:00Z' })).toEqual(['investigating', 'no_further_action']);
    expect(await statuses({ end_date: '2026-12-01T13:30:00Z' })).toEqual(['investigating']);
    expect(await statuses({ start_date: '2026-12-01T13:00:00Z', end_date: '2026-12-01T13:00:00Z' })).toEqual(['investigating']);
    expect(await statuses({ start_date: '2026-12-01T13:00:01Z', end_date: '2026-12-01T22:00:00+08:00' })).toEqual(['no_further_action']);
    expect(await statuses({ start_date: '2026-12-01T12:00:00Z', end_date: '2026-12-01T12:59:59Z' })).toEqual([]);
    world.turn(HOUR + MINUTE);
    expect(await statuses({})).toEqual(['no_further_action']);
    world.turn(90 * MINUTE);
    expect(await statuses({})).toEqual([]);
    expect(await statuses({ service_request_id: `${id}, x`, start_date: '2026-12-01T12:00:00Z' })).toHaveLength(2);
    expect(await statuses({ service_request_id: 'x', start_date: '2026-12-01T12:00:00Z' })).toEqual([]);
    expect(await statuses({ jurisdiction_id: '510105', start_date: '2026-12-01T12:00:00Z' })).toEqual([]);
    expect((await ask(world, 'servicerequestupdates.xml', { jurisdiction_id: '99' })).status).toBe(404);
  });

  test('nothing is an empty list', async () => {
    world.turn(24 * HOUR);
    const answer = fine(await ask(world, 'servicerequestupdates.xml', { api_key: key }));
    expect(answer.text).toBe('<?xml version="1.0" encoding="utf-8"?><service_request_updates></service_request_updates>');
    expect(fine(await ask(world, 'servicerequestupdates.json')).body).toEqual([]);
  });

  test('with what staff answer, but not with what they keep to themselves', async () => {
    const id = await report(world, key);
    await done(world, id, 'accept', countyDispatcher);
    world.turn(MINUTE);
    await done(world, id, 'comments', countyDispatcher, { text: '明天上门' });
    await done(world, id, 'comments', countyDispatcher, { text: '内部ULO1', internal: true });
    const answer = await ask(world, 'servicerequestupdates.xml', { api_key: key });
    expect(answer.text).not.toContain('ULO1');
    expect((await updatesOf(id)).map((each) => [each.status, each.description])).toEqual([
      ['investigating', '已受理'],
      ['investigating', '明天上门'],
    ]);
    const notes = fine(await ask(world, `requests/${id}.json`, { api_key: key, extensions: 'true' }));
    expect(notes.text).not.toContain('ULO1');
    expect(notes.body[0].notes.at(-1)).toEqual({ datetime: expect.any(String), description: '明天上门', type: 'comment' });
  });

  test('of its own requests alone; without a key of public ones, without a word that was said', async () => {
    const [mine, theirs, hidden] = [
      await report(world, key),
      await report(world, other),
      await report(world, key, { service_code: 'privateHelp' }),
    ];
    // Found out to be confidential when it is accepted.
    const secret = await report(world, key, { service_code: 'privateHelp' });
    const residents = await make(world, {}, resident);
    for (const id of [mine, theirs, hidden, secret, residents]) {
      await done(world, id, 'accept', countyDispatcher, id === secret ? { service: 'secretHelp' } : {});
      await done(world, id, 'comments', countyDispatcher, { text: '话ULO2' });
      await done(world, id, 'reject', countyDispatcher, { reason: '理由ULO3' });
    }
    const requestsIn = async (params: Params): Promise<string[]> =>
      [...new Set((await updates(params)).map((each) => each.service_request_id))].toSorted();
    // What is confidential goes back to nobody.
    expect(await requestsIn({ api_key: key })).toEqual([mine, hidden].toSorted());
    expect(await requestsIn({ api_key: other })).toEqual([theirs]);
    const open = await ask(world, 'servicerequestupdates.xml');
    expect(await requestsIn({})).toEqual([mine, theirs, residents].toSorted());
    expect(await requestsIn({ api_key: '' })).toEqual(await requestsIn({}));
    expect(open.text).not.toMatch(/ULO2|ULO3/);
    expect(await requestsIn({ jurisdiction_id: '510105' })).toEqual([]);
  });
});

describe('it sends an update', () => {
  const UPDATE = {
    updated_datetime: '2026-11-24T10:00:00+01:00',
    status: 'OPEN',
    description: '还没修\r\n请尽快',
    last_name: '-',
    first_name: 'Bob',
    email: 'bob@example.org',
    phone: '',
    public_anonymity_required: 'TRUE',
    title: '',
  };
  const updated = async (id: string, params: Params = {}, as = key): Promise<Answer> =>
    send(world, 'servicerequestupdates.xml', { ...UPDATE, service_request_id: id, api_key: as, ...params });
  const commentsOf = async (id: string): Promise<Answer['body'][]> => (await world.get(`/v1/requests/${id}`, dispatcher)).body.comments;

  test('which staff read as a comment, and which does not come back to it', async () => {
    const id = await report(world, key);
    const answer = fine(await updated(id, { update_id: '248' }));
    const [{ update_id: updateId }] = asFixMyStreet(answer.text).request_update;
    expect(updateId).toMatch(/^[0-9A-Z]{26}$/);
    expect(await commentsOf(id)).toMatchObject([{ id: updateId, text: '还没修\n请尽快', internal: false, onBehalfOf: { name: 'Bob' } }]);
    expect(await updatesOf(id)).toEqual([]);
    const notes = fine(await ask(world, `requests/${id}.json`, { api_key: key, extensions: 'true' })).body[0].notes;
    expect(notes.map(({ type, description }: { type: string; description: string }) => [type, description])).toContainEqual([
      'comment',
      '还没修\n请尽快',
    ]);
    const json = fine(
      await send(world, 'servicerequestupdates.json', { service_request_id: id, api_key: key, description: 'x', account_id: 'a-1' }),
    );
    expect(json.body).toEqual([{ update_id: expect.any(String), account_id: 'a-1' }]);
  });

  test('with who says so, and where its picture lies', async () => {
    const id = await report(world, key);
    fine(await updated(id, { first_name: '四', last_name: '李', phone: '028-8666 0000', media_url: 'https://fms.example/photo/c1.jpeg' }));
    expect(await commentsOf(id)).toMatchObject([
      { text: '还没修\n请尽快\nhttps://fms.example/photo/c1.jpeg', onBehalfOf: { name: '李四', phone: '028-8666 0000' } },
    ]);
    expect((await updated(id, { media_url: 'ftp://fms.example/x' })).status).toBe(400);
  });

  test('again, or 20 times at once, and it is taken once', async () => {
    const id = await report(world, key);
    const first = fine(await updated(id, { update_id: '1' })).text;
    for (const text of ['还没修', '别的']) expect(fine(await updated(id, { update_id: '1', description: text })).text).toBe(first);
    expect(await commentsOf(id)).toHaveLength(1);
    const answers = await Promise.all(Array.from({ length: 20 }, () => updated(id, { update_id: '2' })));
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(await commentsOf(id)).toHaveLength(2);
    // Its ids are those of one report.
    const another = await report(world, key);
    await updated(another, { update_id: '1' });
    expect(await commentsOf(another)).toHaveLength(1);
  });

  test('that opens again what is done, and says nothing to it of what it did itself', async () => {
    const id = await report(world, key);
    for (const [action, as, body] of [
      ['accept', countyDispatcher, {}],
      ['assign', countyDispatcher, { to: TO_WORKER }],
      ['start', worker, {}],
      ['resolve', worker, { resolution: '已修好' }],
    ] as const)
      await done(world, id, action, as, body);
    world.turn(MINUTE);
    fine(await updated(id, { update_id: '5', status: 'FIXED', description: '谢谢' }));
    expect((await world.get(`/v1/requests/${id}`)).body.status).toBe('resolved');
    world.turn(MINUTE);
    fine(await updated(id, { update_id: '6' }));
    const seen = (await world.get(`/v1/requests/${id}`, dispatcher)).body;
    expect([seen.status, seen.round, seen.history.at(-1)]).toEqual([
      'accepted',
      2,
      expect.objectContaining({ action: 'reopen', note: '还没修\n请尽快' }),
    ]);
    expect(seen.comments).toHaveLength(2);
    expect((await updatesOf(id)).map(({ status }) => status)).toEqual(['investigating', 'action_scheduled', 'in_progress', 'fixed']);
    expect(fine(await ask(world, `requests/${id}.json`)).body[0].status).toBe('open');
    // Who has not its key is told that it was opened.
    expect((await updatesOf(id, {})).at(-1)).toMatchObject({ status: 'open', description: '已受理' });
    fine(await updated(id, { update_id: '7', status: 'REOPEN' }));
    expect((await world.get(`/v1/requests/${id}`, dispatcher)).body.round).toBe(2);
  });

  test('of any status that it knows, and none', async () => {
    const id = await report(world, key);
    for (const status of ['CLOSED', 'fixed', 'IN_PROGRESS', 'NOT_COUNCILS_RESPONSIBILITY', 'whatever', ''])
      expect([status, (await updated(id, { status, update_id: `s${status}` })).status]).toEqual([status, 200]);
    expect((await world.get(`/v1/requests/${id}`)).body.status).toBe('submitted');
  });

  test('to nobody else’s request, seen or not', async () => {
    for (const id of [await report(world, other), await report(world, other, { service_code: 'privateHelp' }), await make(world)]) {
      const refused = await updated(id);
      expect([refused.status, refused.text]).toEqual([404, (await updated('0000000000000000000000000')).text]);
    }
  });

  test('pictures are not dropped without a word', async () => {
    const form = new FormData();
    for (const [name, value] of Object.entries({ ...UPDATE, api_key: key, service_request_id: await report(world, key) }))
      form.append(name, value);
    form.append('media', new Blob(['no picture']), 'a.jpg');
    const answer = await fetch(`${world.url}/open311/v2/servicerequestupdates.json`, { method: 'POST', body: form });
    expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining('media_url')]);
  });

  test('with what is wrong told, all at once', async () => {
    const id = await report(world, key);
    const refused = await updated(id, { updated_datetime: 'gestern', description: 'x\u0007', update_id: 'x'.repeat(201) });
    expect([refused.status, errorsOf(refused, 'xml').map(({ description }) => description.split(':')[0])]).toEqual([
      400,
      ['updated_datetime', 'description', 'update_id'],
    ]);
    expect(await commentsOf(id)).toEqual([]);
  });
});

test('what everybody can read never shows who reported, and what they and staff wrote to each other', async () => {
  const PERSONAL = {
    email: 'talu4@example.org',
    phone: '13800000005',
    first_name: '名TALU6',
    last_name: '姓TALU7',
    device_id: 'device-TALU8',
    account_id: 'account-TALU9',
    address_id: 'place-TALU10',
    media_url: 'https://talu11.example/a.jpg',
    'attribute[fixmystreet_id]': 'TALU12',
    'attribute[title]': '题TALU13',
    'attribute[depth]': '131415',
    'attribute[label]': '签TALU14',
  };
  const id = await report(world, key, { service_code: 'pothole', ...PERSONAL });
  await done(world, id, 'accept', countyDispatcher);
  await done(world, id, 'comments', countyDispatcher, { text: '答TALU15' });
  fine(
    await send(world, 'servicerequestupdates.xml', {
      api_key: key,
      service_request_id: id,
      description: '说TALU16',
      update_id: 'TALU17',
      email: 'talu18@example.org',
      first_name: 'TALU19',
    }),
  );
  await done(world, id, 'assign', countyDispatcher, { to: TO_WORKER });
  await done(world, id, 'start', worker, {});
  await done(world, id, 'resolve', worker, { resolution: '果TALU20' });
  const SECRETS = /talu\d|13800000005|131415|client#|dispatcher-|worker-/i;
  for (const params of [{}, { api_key: other }] as Params[])
    for (const extensions of ['', 'true'])
      for (const format of ['xml', 'json'])
        for (const path of [
          `requests.${format}`,
          `requests/${id}.${format}`,
          `tokens/${id}.${format}`,
          `servicerequestupdates.${format}`,
        ]) {
          const answer = fine(await ask(world, path, { ...params, extensions }));
          // A client is told what has become of its own alone.
          const isToldOf = !path.startsWith('servicerequestupdates') || params['api_key'] === undefined;
          expect([path, answer.text.includes(id), answer.text.match(SECRETS)]).toEqual([path, isToldOf, null]);
        }
  const own = (await ask(world, `requests/${id}.json`, { api_key: key, extensions: 'true' })).text;
  for (const value of Object.values(PERSONAL)) expect(own).toContain(value);
  for (const said of ['答TALU15', '说TALU16', '果TALU20']) expect(own).toContain(said);
  expect(own).not.toMatch(/client#|dispatcher-|worker-/);
  const publicly = (await world.get(`/v1/requests/${id}`)).text;
  expect([publicly.includes(id), publicly.match(SECRETS)]).toEqual([true, null]);
});
