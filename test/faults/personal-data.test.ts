/** What a person is called, where they live and what they write reaches no log, no event and no stranger. */
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { openHouse, type House } from '../support/house.ts';
import { eventsOf, keepingBus, listenToStream } from '../support/listener.ts';
import { careRelay } from '../../functions/care/relay.ts';
import type { CloudEvent } from '../../functions/data/reaction.ts';
import { recordFacts } from '../../functions/metrics/record-facts.ts';
import { openUrgentHelp } from '../../functions/service-requests/open-urgent-help.ts';
import { serviceRequestsRelay } from '../../functions/service-requests/relay.ts';
import { serviceRequestsTable } from '../../functions/service-requests/table.ts';
import { notificationsRelay } from '../../functions/notifications/relay.ts';
import { tellResponsible } from '../../functions/notifications/tell-responsible.ts';
import { unsubscribeLink } from '../../functions/notifications/unsubscribe-link.ts';
import { subscribe, verifiedChannel } from '../support/notified.ts';
import { countyDispatcher, SHUIJINGFANG, strangeDispatcher, strangeWorker, ZONGFULU } from '../support/people.ts';
import { ADMIN } from '../support/world.ts';
import type { TokenClaims } from '../../lib/local/issuer.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.stop());

/** Unmistakable, one for each personal field. */
const WORDS = {
  requester: 'sub-XQ01',
  worker: 'sub-XQ02',
  dispatcher: 'sub-XQ03',
  description: '描述XQ04',
  address: '地址XQ05',
  contactName: '姓名XQ06',
  phone: '13812340007',
  attribute: '灯杆XQ08',
  forName: '老人XQ09',
  forPhone: '13812340010',
  resolution: '结果XQ11',
  reason: '原因XQ12',
  comment: '留言XQ13',
  internal: '内部XQ14',
  rating: '评价XQ15',
  callback: '回访XQ16',
  fix: '整改XQ17',
  appeal: '申诉XQ18',
  review: '复核XQ19',
  tag: '标签XQ20',
  key: 'key-XQ21',
  imported: '导入XQ22',
} as const;
const person = (sub: string, role: string, division = SHUIJINGFANG): TokenClaims => ({ sub, roles: [role], division });
const resident = person(WORDS.requester, 'resident');
const worker = person(WORDS.worker, 'worker');
const dispatcher = person(WORDS.dispatcher, 'dispatcher', '510104017');

const found = (text: string, but: readonly string[] = []): readonly string[] =>
  [...Object.values(WORDS), 'sub-XQ23', '30.6612345', '104.0812345'].filter((word) => !but.includes(word) && text.includes(word));

test('a whole lifecycle with every personal field: nothing of it in a log line, an event, or a problem that a stranger gets', async () => {
  const listener = await listenToStream(house);
  house.turnTo('2026-11-24T09:00:00+08:00');
  const problems: string[] = [];
  let calls = 0;
  const post = async (path: string, as: TokenClaims, body: unknown, status: number): Promise<{ id: string; actions: string[] }> => {
    const answer = await house.post(path, as, body, { key: `${WORDS.key}-${calls++}` });
    expect([path, answer.text, answer.status]).toEqual([path, answer.text, status]);
    for (const stranger of [strangeWorker, strangeDispatcher, person('nobody-1', 'resident')]) {
      const refused = await house.post(path === '/v1/requests' ? `/v1/requests/${answer.body.id}/start` : path, stranger, body);
      expect([path, refused.text, refused.status >= 400]).toEqual([path, refused.text, true]);
      problems.push(refused.text);
    }
    return answer.body;
  };

  for (const service of ['elderMeals', 'urgentHelp', 'streetLamp']) {
    const { id } = await post(
      '/v1/requests',
      resident,
      {
        service,
        community: SHUIJINGFANG,
        description: WORDS.description,
        channel: 'app',
        address: WORDS.address,
        location: { lat: 30.6612345, long: 104.0812345 },
        contact: { name: WORDS.contactName, phone: WORDS.phone },
        ...(service === 'streetLamp' ? { attributes: { poleNumber: WORDS.attribute } } : {}),
        ...(service === 'elderMeals' ? { attributes: { mealPeriod: ['lunch'] } } : {}),
      },
      201,
    );
    const path = `/v1/requests/${id}`;
    await house.schedule('requestClocks', '2026-11-24T14:00:00+08:00');
    for (const [action, as, body] of [
      ['accept', dispatcher, {}],
      ['assign', dispatcher, { to: { kind: 'worker', id: WORDS.worker } }],
      ['start', worker, {}],
      ['extend', worker, { resolveBy: '2027-01-10T18:00:00+08:00', reason: WORDS.reason }],
      ['extend', dispatcher, { resolveBy: '2027-01-10T18:00:00+08:00', reason: WORDS.reason, decision: 'granted' }],
      ['pause', worker, { reason: WORDS.reason }],
      ['resume', worker, {}],
      ['comments', resident, { text: WORDS.comment }],
      ['comments', worker, { text: WORDS.internal, internal: true }],
      ['resolve', worker, { resolution: WORDS.resolution }],
      ['rating', resident, { level: 1, comment: WORDS.rating, tags: [WORDS.tag] }],
      ['reopen', resident, { reason: WORDS.reason }],
    ] as const) {
      await post(`${path}/${action}`, as, body, 200);
      if (action === 'start') await house.schedule('requestClocks', '2026-12-24T09:00:00+08:00');
    }
    for (const stranger of [undefined, strangeWorker, strangeDispatcher]) {
      const seen = await house.get(path, stranger);
      if (seen.status !== 200) problems.push(seen.text);
    }
  }
  await post(
    '/v1/requests',
    worker,
    {
      service: 'legalAdvice',
      community: SHUIJINGFANG,
      description: WORDS.description,
      channel: 'phone',
      onBehalfOf: { name: WORDS.forName, phone: WORDS.forPhone },
    },
    201,
  );
  const { body: rectifications } = await house.get('/v1/rectifications', dispatcher);
  const rectification = (rectifications.items as readonly { id: string }[])[0]?.id;
  for (const [step, as, body] of [
    ['callback', dispatcher, { outcome: 'confirmed', note: WORDS.callback }],
    ['fix', dispatcher, { measure: WORDS.fix }],
    ['appeal', dispatcher, { reason: WORDS.appeal }],
    ['review', countyDispatcher, { ruling: 'upheld', reason: WORDS.review }],
  ] as const)
    await post(`/v1/rectifications/${rectification}/${step}`, as, body, 200);
  await house.post('/v1/imports/requests', ADMIN, {
    rows: [
      {
        line: 2,
        service_request_id: 'XQ-1',
        requested_datetime: '2025-01-01T07:52:00+08:00',
        service_name: 'x',
        description: WORDS.imported,
        address: WORDS.address,
        community: ZONGFULU,
      },
    ],
  });
  await house.schedule('requestClocks', '2027-03-01T09:00:00+08:00');

  // What goes wrong is told without what was written.
  house.faults.watch(({ input }) => {
    throw new TransactionCanceledException({
      $metadata: {},
      message: `cannot write\n    at ${JSON.stringify(input)}\n${WORDS.description}`,
    });
  });
  const broken = await house.post('/v1/requests', resident, {
    service: 'streetLamp',
    community: SHUIJINGFANG,
    description: WORDS.description,
    channel: 'app',
  });
  house.faults.watch(undefined);
  expect([broken.status, found(broken.text)]).toEqual([500, []]);
  const invalid = await house.post('/v1/requests', resident, {
    service: 'streetLamp',
    community: SHUIJINGFANG,
    description: WORDS.description,
    channel: WORDS.description,
    [WORDS.address]: 1,
  });
  expect(invalid.status).toBe(422);

  const bus = keepingBus();
  const records = await listener.records();
  await serviceRequestsRelay(house.runtime, bus.client)({ Records: [...records] });
  const events = eventsOf(bus.entries);
  for (const event of events) if (event['detail-type'] === 'serviceRequest.escalated') await tellResponsible(house.runtime)(event);
  expect(events.length).toBeGreaterThan(40);
  for (const event of events) {
    const declared = event['detail-type'] === 'serviceRequest.escalated' ? [WORDS.worker, WORDS.dispatcher] : [];
    expect([event['detail-type'], found(JSON.stringify(event), declared)]).toEqual([event['detail-type'], []]);
  }
  expect(events.some((event) => JSON.stringify(event).includes(WORDS.worker))).toBe(true);

  // All of it is stored: what was looked for is what there is.
  const stored = JSON.stringify([...((await house.content(['serviceRequests']))['serviceRequests']?.values() ?? [])]);
  expect(Object.values(WORDS).filter((word) => word !== WORDS.key && !stored.includes(word))).toEqual([]);
  expect(house.logs.length).toBeGreaterThan(100);
  for (const line of house.logs) expect([line.code, found(JSON.stringify(line))]).toEqual([line.code, []]);
  for (const problem of problems) expect([problem, found(problem)]).toEqual([problem, []]);
});

test('of who is told of alerts no event says who they are, where they are reached or what of, but to whom sends the code', async () => {
  const listener = await listenToStream(house, 'notifications');
  const from = house.logs.length;
  const [sub, address, phone] = ['sub-XQ31', 'xq32@example.cn', '13812340033'];
  const wang = person(sub, 'resident');
  const channels = [await verifiedChannel(house, wang, address), await verifiedChannel(house, wang, phone, 'sms')];
  await subscribe(house, wang, [{ division: ZONGFULU, channels }]);
  await house.call('PUT', '/v1/me/notifications', {
    as: wang,
    body: { channels, topics: ['requests'], quietHours: { from: '21:43', to: '06:17' } },
  });
  await house.post(new URL(unsubscribeLink(house.runtime, 'https://linli.test', sub, channels[0] ?? '')).pathname, wang);
  await house.call('DELETE', `/v1/me/channels/${channels[1]}`, { as: wang });
  const bus = keepingBus();
  await notificationsRelay(house.runtime, bus.client)({ Records: [...(await listener.records())] });
  const events = eventsOf(bus.entries);
  expect(events.map((event) => event['detail-type'])).toEqual([
    'person.channelAdded',
    'person.channelVerified',
    'person.channelAdded',
    'person.channelVerified',
    'person.subscribed',
    'person.preferencesSet',
    'person.unsubscribed',
    'person.channelRemoved',
  ]);
  const stored = JSON.stringify([...((await house.content(['notifications']))['notifications']?.values() ?? [])]);
  for (const word of [sub, address, phone, ZONGFULU, SHUIJINGFANG, '21:43', ...channels]) {
    // The second channel is gone, and all the rest is kept: what is looked for is what there is.
    if (word !== phone && word !== channels[1]) expect(stored).toContain(word);
    for (const event of events) {
      const isNeeded = word === sub && event['detail-type'] === 'person.channelAdded';
      expect([event['detail-type'], word, JSON.stringify(event).includes(word)]).toEqual([event['detail-type'], word, isNeeded]);
    }
    for (const line of house.logs.slice(from))
      expect([word, JSON.stringify(line).includes(word) ? line : undefined]).toEqual([word, undefined]);
  }
});

test('of somebody who is looked after nothing reaches an event, a log, a metric, a problem or anybody but workers of their community and named volunteers', async () => {
  house.turnTo('2026-11-24T09:00:00+08:00');
  const listener = await listenToStream(house, 'care');
  const from = house.logs.length;
  const words = {
    name: '老人XQ41',
    contactName: '联系人XQ42',
    phone: '13812340043',
    address: '住址XQ44',
    volunteer: 'sub-XQ45',
    worker: 'sub-XQ46',
    note: '探访XQ47',
    birthYear: '1931',
    category: 'severelyDisabled',
    need: 'companionship',
    reason: 'noLongerNeeded',
  };
  const told = (text: string): readonly string[] => Object.values(words).filter((word) => text.includes(word));
  const carer = person(words.worker, 'worker');
  const volunteer = { sub: words.volunteer, roles: [] };
  const made = await house.post('/v1/care/recipients', carer, {
    name: words.name,
    community: SHUIJINGFANG,
    categories: [words.category],
    tier: 'key',
    birthYear: Number(words.birthYear),
    contact: { name: words.contactName, phone: words.phone, address: words.address },
    needs: [words.need],
    volunteers: [words.volunteer],
    activeFrom: '2026-11-01',
  });
  const path = `/v1/care/recipients/${made.body.id}`;
  const at = '2026-11-24T08:00:00+08:00';
  const visit = await house.post(`${path}/visits`, volunteer, { at, mode: 'inPerson', outcome: 'needsHelp', note: words.note });
  await house.post(`${path}/visits`, volunteer, { at, mode: 'inPerson', outcome: 'notFound', note: words.note });
  await house.call('PATCH', path, { as: carer, body: { tier: 'high', activeFrom: '2026-11-02' } });
  await house.call('PATCH', path, { as: carer, body: { active: false, endReason: words.reason } });
  expect([made.status, visit.status]).toEqual([201, 201]);

  const strangers: readonly (TokenClaims | undefined)[] = [
    undefined,
    ...['resident', 'dispatcher', 'provider', 'alertOfficer', 'treasurer', 'auditor', 'admin'].map((role) => person(`x-${role}`, role)),
    strangeWorker,
    strangeDispatcher,
  ];
  const seen: string[] = [];
  for (const as of strangers) {
    for (const there of [path, `${path}/visits`, `${path}/visits/${visit.body.id}`, '/v1/care/recipients', '/v1/care/due'])
      seen.push((await house.get(there, as)).text);
    seen.push((await house.call('PATCH', path, { as, body: { tier: 'high' } })).text);
    seen.push((await house.post(`${path}/visits`, as ?? { sub: '', roles: [] }, { at, mode: 'phone', outcome: 'well' })).text);
    seen.push((await house.get(`/v1/requests/${visit.body.request}`, as)).text);
  }
  for (const text of seen) expect([text, told(text)]).toEqual([text, []]);

  const bus = keepingBus();
  const records = [...(await listener.records())];
  await careRelay(house.runtime, bus.client)({ Records: records });
  const events = eventsOf(bus.entries);
  expect(events.map((event) => event['detail-type'])).toEqual([
    'careRecipient.registered',
    'careRecipient.changed',
    'careHelp.needed',
    'careRecipient.changed',
    'careRecipient.changed',
    'careRecipient.changed',
  ]);
  // Nothing but which person or request, where, and that something has changed: no tier, no day, no visit, not whether they are active.
  for (const { detail } of events) {
    const { data, ...envelope } = detail as unknown as CloudEvent;
    const isHelp = envelope.type === 'careHelp.needed';
    const subject = isHelp ? `HELP#${visit.body.request}` : `RECIPIENT#${made.body.id}`;
    const { version } = data;
    const change = envelope.type.split('.')[1];
    const known = isHelp ? { request: visit.body.request } : { id: made.body.id };
    expect(envelope).toEqual({
      specversion: '1.0',
      id: `${subject}:${version}`,
      source: 'linli/care',
      type: envelope.type,
      subject,
      time: '2026-11-24T01:00:00.000Z',
      datacontenttype: 'application/json',
    });
    expect(data.item).toEqual({ ...known, community: SHUIJINGFANG, version, change, changedAt: envelope.time });
    expect(Object.keys(data.item)).toEqual(expect.arrayContaining([...data.changed]));
    expect(told(JSON.stringify(detail))).toEqual([]);
  }

  // What follows in other domains: the request for help names them to its dispatcher alone, the figure nobody.
  const requests = await listenToStream(house);
  for (const event of events) {
    if (event['detail-type'] === 'careHelp.needed') await openUrgentHelp(house.runtime)(event as never);
    else await recordFacts(house.runtime)(event as never);
  }
  const opened = keepingBus();
  await serviceRequestsRelay(house.runtime, opened.client)({ Records: [...(await requests.records())] });
  expect(opened.entries).toHaveLength(1);
  expect(told(JSON.stringify(opened.entries))).toEqual([]);
  for (const as of [strangeWorker, strangeDispatcher, carer, person('x-auditor', 'auditor'), undefined])
    expect((await house.get(`/v1/requests/${visit.body.request}`, as)).status).toBe(404);
  expect((await house.get(`/v1/requests/${visit.body.request}`, person('x-dispatcher', 'dispatcher'))).body.onBehalfOf.name).toBe(
    words.name,
  );
  const facts = [...((await house.content(['metrics']))['metrics']?.values() ?? [])];
  expect(facts.length).toBeGreaterThan(0);
  expect(told(JSON.stringify(facts))).toEqual([]);
  for (const as of [person('x-dispatcher', 'dispatcher'), person('x-auditor', 'auditor')]) {
    const { text, status } = await house.get(`/v1/metrics/facts?division=${SHUIJINGFANG}&month=2026-11&indicator=elderVisitRate`, as);
    expect([status, text.includes(made.body.id), told(text)]).toEqual([200, false, []]);
  }

  // All of it is stored: what was looked for is what there is.
  const stored = JSON.stringify([...((await house.content(['care']))['care']?.values() ?? [])]);
  expect(Object.values(words).filter((word) => !stored.includes(word))).toEqual([]);
  for (const line of house.logs.slice(from)) expect([line.code, told(JSON.stringify(line))]).toEqual([line.code, []]);
});

test('every attribute that a request has ever been stored with is declared, with how personal it is', async () => {
  const names = new Set(
    [...((await house.content(['serviceRequests']))['serviceRequests']?.values() ?? [])].flatMap((item) => Object.keys(item)),
  );
  const declared = new Set(['pk', 'sk', ...Object.keys(serviceRequestsTable.attributes)]);
  expect([...names].filter((name) => !declared.has(name))).toEqual([]);
});

test('no function writes to the console: what is logged goes through the log', () => {
  const root = `${import.meta.dirname}/../../functions`;
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  expect(files.length).toBeGreaterThan(40);
  expect(files.filter((name) => /\bconsole\./.test(readFileSync(`${root}/${name}`, 'utf8')))).toEqual([]);
});
