/**
 * What the generated tests need to know of each operation, by its id: how to make what it works on, who may, and how far a right reaches.
 * Everything that is not said here is refused. A new domain adds its lines; a test fails for an operation that has none.
 */
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ROLES, type Role } from '../../functions/http/principal.ts';
import { codeOf } from '../../functions/notifications/code.ts';
import { unsubscribeLink } from '../../functions/notifications/unsubscribe-link.ts';
import { DAY } from '../../functions/kernel/time.ts';
import type { TokenClaims } from '../../lib/local/issuer.ts';
import { signedByGateway } from './alerting.ts';
import { FORM, formOf, type Made } from './operations.ts';
import { APPLICATION } from './providers.ts';
import {
  NAMED_VOLUNTEER,
  alertOfficer,
  auditor,
  CAOSHIJIE,
  cityTreasurer,
  countyDispatcher,
  DACISI,
  dispatcher,
  neighbour,
  otherOfficer,
  otherTreasurer,
  resident,
  SHUIJINGFANG,
  treasurer,
  worker,
} from './people.ts';
import { SURVEY_SAMPLES } from './survey-samples.ts';
import { ADMIN, type Answer, type World } from './world.ts';

/**
 * `nothing`: a success that shows nothing and changes nothing, as a list of one's own does. `notNow`: might, in another state: 409.
 * `wrongField`: what it names lies elsewhere: 422. `asPublic`: a success that shows what is shown to nobody in particular, and not a letter more.
 */
export type Reach = 'refused' | 'nothing' | 'notNow' | 'wrongField' | 'asPublic' | 'allowed';

export interface Sample {
  /** Makes something new for one call, which then succeeds. */
  readonly make: (world: World) => Promise<Made>;
  /** Roles with which a stranger of the same division may too; the operation's own roles where it declares some. */
  readonly roles?: readonly Role[];
  /** What becomes of a stranger who has one of `roles`; `allowed` without it. */
  readonly stranger?: Reach;
  /** Of a stranger who has none of them, and of nobody in particular. */
  readonly anybody?: Reach;
  /** Of who has no role, and is named for the person that it is about. */
  readonly volunteer?: Reach;
  /** Another person with the roles and division of `as`. */
  readonly another?: Reach;
  /** The same roles in another county. */
  readonly elsewhere?: Reach;
  /** The same roles without a division. */
  readonly nowhere?: Reach;
  /** Makes a call that comes too late or too early: 409. For operations that declare `wrongState`. */
  readonly wrongState?: (world: World) => Promise<Made>;
  /** Where its resource is read, where its body names it and not its path. */
  readonly resource?: (made: Made) => string;
  /** Of a list: a call that reads another list of the same operation (another path or other filters). */
  readonly otherList?: (world: World, made: Made) => Made;
  /** Its answer holds links that end: it is sent anew each time. */
  readonly transient?: true;
  /** Its id is whatever its maker calls it: letters, digits, hyphens. */
  readonly ownIds?: true;
  /** Reactions to it change what it has answered with: the same again tells what is by then. */
  readonly movesOn?: true;
  /** A 201 has less than the resource, or other things: those that both have are the same. */
  readonly answersInPart?: true;
  /** Of an `Idempotency-Key`: another valid body, where the example has no text of its own to change. */
  readonly otherBody?: unknown;
}

/** Public; staff and auditors of the division see more as long as the month is not final. */
const PUBLIC_IN_PART = {
  roles: ['worker', 'dispatcher', 'auditor'],
  anybody: 'asPublic',
  another: 'allowed',
  elsewhere: 'asPublic',
  nowhere: 'asPublic',
} as const;
const EVERYWHERE = { another: 'allowed', elsewhere: 'allowed', nowhere: 'allowed' } as const;
/** Lists of one's own: everybody has one, and a stranger's is empty. */
const OWN = { roles: ROLES, stranger: 'nothing', another: 'nothing', elsewhere: 'nothing', nowhere: 'nothing' } as const;

/** Keys of payment providers, made for the tests: a world that takes notifications is started with them. */
export const PAYMENT_SECRETS = fileURLToPath(new URL('../fixtures/payment-secrets.json', import.meta.url));
const STRIPE_SECRETS: { readonly webhookSecrets: readonly string[] } = JSON.parse(readFileSync(PAYMENT_SECRETS, 'utf8'))['payments/stripe'];

let last = 0;
const next = (): number => ++last;
const threeDigits = (): string => String(100 + (next() % 900));

const succeeded = (answer: Answer): Answer => {
  if (answer.status >= 300) throw new Error(`a sample cannot be made: ${answer.status} ${answer.text}`);
  return answer;
};

/** Private, and without required attributes. */
const SERVICE = 'elderVisit';
export const DESCRIPTION = '老人独居，请定期上门看望';
/** Where somebody wants to be told. */
export const ADDRESS = 'shangguan@example.cn';
export const CONTACT = { name: '欧阳小样', phone: '13987654321' };

const aRequest = async (world: World, as: TokenClaims = resident, more: object = {}): Promise<string> =>
  succeeded(
    await world.post('/v1/requests', as, {
      service: SERVICE,
      community: SHUIJINGFANG,
      description: DESCRIPTION,
      contact: CONTACT,
      channel: 'app',
      ...more,
    }),
  ).body.id;

const STEPS = [
  ['accepted', 'accept', dispatcher, {}],
  ['assigned', 'assign', dispatcher, { to: { kind: 'worker', id: worker.sub } }],
  ['inProgress', 'start', worker, {}],
  ['resolved', 'resolve', worker, { resolution: '已上门' }],
] as const;
type State = 'submitted' | (typeof STEPS)[number][0];

const requestIn = async (world: World, state: State): Promise<string> => {
  const id = await aRequest(world);
  if (state === 'submitted') return id;
  for (const [reached, action, as, body] of STEPS) {
    succeeded(await world.post(`/v1/requests/${id}/${action}`, as, body));
    if (reached === state) break;
  }
  return id;
};

const cancelled = async (world: World): Promise<string> => {
  const id = await aRequest(world);
  succeeded(await world.post(`/v1/requests/${id}/cancel`, resident));
  return id;
};

/** An action on a request of that state; on a cancelled one it comes too late. */
const action = (state: State, as: TokenClaims, more: Partial<Sample> & { body?: unknown } = {}): Sample => {
  const { body, ...rest } = more;
  return {
    make: async (world) => ({ as, params: { id: await requestIn(world, state) }, body }),
    wrongState: async (world) => ({ as, params: { id: await cancelled(world) }, body }),
    ...rest,
  };
};

const paused = async (world: World): Promise<string> => {
  const id = await requestIn(world, 'inProgress');
  succeeded(await world.post(`/v1/requests/${id}/pause`, worker, { reason: '等待住户' }));
  return id;
};

/** A rectification that a bad rating has opened. */
const rectified = async (world: World): Promise<string> => {
  const id = await requestIn(world, 'resolved');
  succeeded(await world.post(`/v1/requests/${id}/rating`, resident, { level: 1 }));
  for (let page = ''; ;) {
    const { body } = succeeded(await world.get(`/v1/rectifications?limit=100${page}`, dispatcher));
    const found = body.items.find((each: { request: string }) => each.request === id);
    if (found !== undefined) return found.id;
    if (body.next === null) throw new Error(`a sample cannot be made: the bad rating of ${id} has opened no rectification`);
    page = `&cursor=${body.next}`;
  }
};
const calledBack = async (world: World): Promise<string> => {
  const id = await rectified(world);
  succeeded(await world.post(`/v1/rectifications/${id}/callback`, dispatcher, { outcome: 'confirmed', note: '属实' }));
  return id;
};
const appealed = async (world: World): Promise<string> => {
  const id = await rectified(world);
  succeeded(await world.post(`/v1/rectifications/${id}/appeal`, dispatcher, { reason: '误评' }));
  return id;
};

/** Enough for a few pages. */
const LISTED = 5;
const times = async (count: number, work: () => Promise<unknown>): Promise<void> => {
  for (let index = 0; index < count; index++) await work();
};
const lists = new WeakMap<World, Map<string, Promise<void>>>();
/** Fills a list, once in each world. */
const fill = (world: World, list: string, work: () => Promise<unknown>, count = LISTED): Promise<void> => {
  const filled = lists.get(world) ?? new Map<string, Promise<void>>();
  lists.set(world, filled);
  const filling = filled.get(list) ?? times(count, work);
  filled.set(list, filling);
  return filling;
};

/** The key of a client that has one. */
const aKey = async (world: World): Promise<string> =>
  succeeded(await world.post('/v1/open311/keys', ADMIN, { name: '随手拍', division: '510104' })).body.key;
const idOf = (key: string): string => key.split('.')[0] ?? '';

const aReport = async (world: World): Promise<Record<string, string>> => ({
  api_key: await aKey(world),
  service_code: 'streetLamp',
  'attribute[community]': SHUIJINGFANG,
  description: '路灯不亮',
});

/** The id of a public request that came from a client. */
const reported = async (world: World, key: string): Promise<string> =>
  succeeded(
    await world.call('POST', '/open311/v2/requests.json', { body: formOf({ ...(await aReport(world)), api_key: key }), headers: FORM }),
  ).body[0].service_request_id;

/** A street of which figures have been counted, once in each world. */
const counted = (world: World): Promise<void> =>
  fill(
    world,
    'figures',
    async () => {
      await fill(world, 'requests', () => aRequest(world));
      await world.settle();
      // It is the 24th: the month before has long been closed.
      succeeded(await world.schedule('monthlyMetrics', '2026-11-01T00:30:00+08:00'));
      succeeded(await world.schedule('metricsRefresh'));
    },
    1,
  );
/** What a spreadsheet would take for a formula is a good name all the same. */
const PLACES = ['=1+1', '+86', '-1 区', '@社区', '新社区'];
const places = (world: World): Promise<void> =>
  fill(world, 'places', () => world.put(`/v1/divisions/510104017${threeDigits()}`, ADMIN, { name: PLACES[next() % PLACES.length] }));
const STREET = '510104017';
const MONTH = '2026-11';

/** Who gives, in the tests. */
export const DONOR = { name: '司马捐', contact: '13876543210', message: '愿社区食堂越办越好' };
const PURPOSE = 'elders';
const aFund = async (world: World, division = SHUIJINGFANG): Promise<string> =>
  succeeded(
    await world.post('/v1/funds', treasurer, {
      name: { 'zh-CN': '水井坊社区微基金' },
      division,
      purposes: [{ code: PURPOSE, name: { 'zh-CN': '助老' } }],
    }),
  ).body.id;

const plenty = new WeakMap<World, Promise<string>>();
/** A fund that has plenty, once in each world. */
const ourFund = (world: World): Promise<string> => {
  const fund =
    plenty.get(world) ??
    aFund(world).then(async (id) => {
      await given(world, id, 1_000_000_000);
      await world.settle();
      return id;
    });
  plenty.set(world, fund);
  return fund;
};

const promised = async (
  world: World,
  { fund, channel = 'cash', amount = 10_000 }: { fund?: string; channel?: string; amount?: number } = {},
): Promise<string> =>
  succeeded(
    await world.post('/v1/donations', resident, {
      fund: fund ?? (await ourFund(world)),
      amount,
      donor: { name: DONOR.name, anonymous: false, contact: DONOR.contact },
      channel,
      message: DONOR.message,
    }),
  ).body.id;
const given = async (world: World, fund?: string, amount?: number): Promise<string> => {
  const id = await promised(world, { ...(fund === undefined ? {} : { fund }), ...(amount === undefined ? {} : { amount }) });
  succeeded(await world.post(`/v1/donations/${id}/confirm`, treasurer));
  return id;
};
const receipted = async (world: World): Promise<string> => {
  const id = await given(world);
  await world.settle();
  return id;
};
/** Part of it goes back. */
const refundOf = async (world: World): Promise<Record<string, string>> => {
  const id = await given(world);
  const { body } = succeeded(await world.post(`/v1/donations/${id}/refunds`, treasurer, { amount: 100, reason: '捐错了' }));
  return { id, refund: body.id };
};
/** Through the sandbox, on its page. */
const paidOnline = async (world: World, fund: string): Promise<void> => {
  const { body } = succeeded(
    await world.post('/v1/donations', resident, {
      fund,
      amount: 10_000,
      donor: { anonymous: true },
      channel: 'sandbox',
      payment: { method: 'page' },
    }),
  );
  const pressed = await fetch(body.payment.url, { method: 'POST', body: new URLSearchParams({ action: 'pay' }), redirect: 'manual' });
  if (pressed.status >= 400) throw new Error(`a sample cannot be made: the sandbox answered ${pressed.status}`);
};

const income = async (world: World): Promise<Record<string, string>> => {
  const id = await ourFund(world);
  const { body } = succeeded(
    await world.post(`/v1/funds/${id}/income`, treasurer, { source: 'government', amount: 5_000_000, reference: '锦江财社〔2026〕12号' }),
  );
  return { id, income: body.id };
};

const GRANT_STEPS = [
  ['approved', 'approve', otherTreasurer, {}],
  ['paid', 'pay', treasurer, {}],
] as const;
const grantIn = async (world: World, state: 'proposed' | 'approved' | 'paid', fund?: string): Promise<string> => {
  const of = fund ?? (await ourFund(world));
  const { body } = succeeded(
    await world.post('/v1/grants', treasurer, {
      fund: of,
      amount: 500,
      recipient: { kind: 'organisation', name: '邻里助老服务中心' },
      reason: '社区食堂十一月补贴',
    }),
  );
  if (state === 'proposed') return body.id;
  for (const [reached, verb, as, sent] of GRANT_STEPS) {
    succeeded(await world.post(`/v1/grants/${body.id}/${verb}`, as, sent));
    if (reached === state) break;
  }
  return body.id;
};
/** Once every reaction to what was made has ended. */
const settled =
  (make: Sample['make']): Sample['make'] =>
  async (world) => {
    const made = await make(world);
    await world.settle();
    return made;
  };

/** An action on a grant of that state; on one of another it comes too late or too early. */
const grantAction = (
  state: Parameters<typeof grantIn>[1],
  other: Parameters<typeof grantIn>[1],
  as: TokenClaims,
  more: Partial<Sample> = {},
): Sample => ({
  make: settled(async (world) => ({ as, params: { id: await grantIn(world, state) } })),
  wrongState: settled(async (world) => ({ as, params: { id: await grantIn(world, other) } })),
  another: 'allowed',
  ...more,
});

const funds = new WeakMap<World, Promise<string>>();
/** A fund with a few of everything, once in each world. */
const busyFund = (world: World): Promise<string> => {
  const fund =
    funds.get(world) ??
    aFund(world).then(async (id) => {
      await times(LISTED, () => given(world, id));
      await times(LISTED, () => grantIn(world, 'paid', id));
      await times(LISTED, () =>
        world.post(`/v1/funds/${id}/income`, treasurer, { source: 'interest', amount: 120, reference: '=利息 2026Q3' }),
      );
      await world.settle();
      return id;
    });
  funds.set(world, fund);
  return fund;
};
const busy = async (world: World): Promise<Made> => ({ params: { id: await busyFund(world) } });

/** What Stripe signs: https://docs.stripe.com/webhooks#verify-manually. */
const signedByStripe = (world: World): Made => {
  const at = Math.floor(world.now() / 1000);
  const body = JSON.stringify({
    object: 'event',
    type: 'payment_intent.created',
    created: at,
    livemode: false,
    data: { object: {} },
  });
  const [secret = ''] = STRIPE_SECRETS.webhookSecrets;
  const signature = createHmac('sha256', secret).update(`${at}.${body}`).digest('hex');
  return { params: { channel: 'stripe' }, body, headers: { 'stripe-signature': `t=${at},v1=${signature}` } };
};

const aFacility = async (world: World): Promise<string> => {
  const id = `facility-${next()}`;
  const facility = {
    kind: 'shelter',
    name: { 'zh-CN': '水井坊小学操场' },
    community: SHUIJINGFANG,
    location: { lat: 30.6461 + next() / 1e5, long: 104.0913 },
  };
  succeeded(await world.put(`/v1/facilities/${id}`, worker, facility));
  return id;
};

const inShuijingfang = { name: { 'zh-CN': '水井坊社区某处' }, community: SHUIJINGFANG };
const aPlace = async (world: World, path: string, more: object): Promise<string> => {
  const id = `somewhere-${next()}`;
  succeeded(await world.put(`/v1/${path}/${id}`, worker, { ...inShuijingfang, ...more }));
  return id;
};
const aMealPoint = (world: World): Promise<string> => aPlace(world, 'meal-points', { subsidised: true });
const aChildcare = (world: World): Promise<string> => aPlace(world, 'childcare', { offered: 40, taken: 36, waiting: 2 });
export const ACCOUNT = '8802040170';
const aServicePoint = (world: World): Promise<string> =>
  aPlace(world, 'service-points', { entitlements: [{ kind: 'water', account: ACCOUNT }] });
const aGrantedPoint = async (world: World): Promise<string> => {
  const id = await aServicePoint(world);
  succeeded(await world.post(`/v1/service-points/${id}/entitlements/water/check`, dispatcher, { granted: true }));
  return id;
};
const aMealDay = async (world: World): Promise<Record<string, string>> => {
  const params = { id: await aMealPoint(world), date: '2026-11-23' };
  succeeded(await world.put(`/v1/meal-points/${params.id}/days/${params.date}`, worker, { served: 46, delivered: 12 }));
  return params;
};
/** A list of what is in a street; another of what is in a community of it. */
const placesIn = (list: string, one: (world: World) => Promise<string>): Sample => ({
  make: async (world) => {
    await fill(world, list, () => one(world));
    return { query: { division: STREET } };
  },
  otherList: () => ({ query: { division: SHUIJINGFANG } }),
  ownIds: true,
});

const ALERT = {
  status: 'test',
  category: 'met',
  event: '暴雨',
  colour: 'yellow',
  urgency: 'expected',
  certainty: 'likely',
  headline: '暴雨黄色预警',
  description: '预计有暴雨',
  areas: [{ division: '510104017' }],
  expires: '2027-01-01T00:00:00+08:00',
};
const anAlert = async (world: World, more: object = {}): Promise<string> =>
  succeeded(await world.post('/v1/alerts', alertOfficer, { ...ALERT, ...more })).body.id;
const overAlert = async (world: World): Promise<Made> => {
  const id = await anAlert(world);
  succeeded(await world.post(`/v1/alerts/${id}/cancel`, alertOfficer));
  return { as: alertOfficer, params: { id } };
};
const anAcknowledgement = async (world: World, alert: string, as = resident): Promise<string> =>
  succeeded(await world.post(`/v1/alerts/${alert}/acknowledgements`, as, { state: 'needHelp', contact: CONTACT })).body.id;
const RECIPIENT = {
  name: '王桂兰',
  community: SHUIJINGFANG,
  tier: 'high',
  categories: ['livingAlone'],
  activeFrom: '2026-11-01',
  volunteers: [NAMED_VOLUNTEER.sub],
};
const aRecipient = async (world: World, more: object = {}): Promise<string> =>
  succeeded(await world.post('/v1/care/recipients', worker, { ...RECIPIENT, ...more })).body.id;
const aVisit = async (world: World, id: string): Promise<string> =>
  succeeded(
    await world.post(`/v1/care/recipients/${id}/visits`, worker, { at: '2026-11-23T08:00:00+08:00', mode: 'phone', outcome: 'well' }),
  ).body.id;
const visited = new WeakMap<World, Promise<string>>();
/** One person, so that their visits are a list. */
const aVisitedRecipient = (world: World): Promise<string> => {
  const id = visited.get(world) ?? aRecipient(world);
  visited.set(world, id);
  return id;
};
const answeredAlerts = new WeakMap<World, Promise<string>>();
/** One alert, so that its answers are a list. */
const anAnsweredAlert = (world: World): Promise<string> => {
  const alert = answeredAlerts.get(world) ?? anAlert(world);
  answeredAlerts.set(world, alert);
  return alert;
};
const waitingAlert = async (world: World): Promise<Made> => {
  succeeded(await world.put('/v1/settings/alertSecondPerson', ADMIN, { value: { colours: ['red'] } }));
  return { as: otherOfficer, params: { id: await anAlert(world, { colour: 'red' }) } };
};

/** Who has said nothing yet: somebody has ten channels at most. */
const somebodyNew = (): TokenClaims => ({ sub: `newcomer-${next()}`, roles: ['resident'], division: SHUIJINGFANG });
const addedBy = async (world: World, as: TokenClaims, address = ADDRESS): Promise<{ readonly id: string; readonly code: string }> => {
  const { body } = succeeded(await world.post('/v1/me/channels', as, { kind: 'email', address }));
  return { id: body.id, code: codeOf(world.system.runtime.secrets[0], body) };
};
/** A channel that waits for its code, which is the body. */
const aChannel = async (world: World): Promise<Made & { readonly as: TokenClaims; readonly params: { readonly id: string } }> => {
  const as = somebodyNew();
  const { id, code } = await addedBy(world, as);
  return { as, params: { id }, body: { code } };
};
const guessedOften = async (world: World): Promise<Made> => {
  const made = await aChannel(world);
  const code = (made.body as { code: string }).code === '000000' ? '000001' : '000000';
  await times(5, () => world.post(`/v1/me/channels/${made.params.id}/verify`, made.as, { code }));
  return made;
};
const unsubscribing = async (world: World): Promise<Made> => {
  const { as, params } = await aChannel(world);
  const link = unsubscribeLink(world.system.runtime, '', as.sub, params.id);
  return { params: { token: link.split('/').at(-1) ?? '' }, body: 'List-Unsubscribe=One-Click', headers: FORM };
};

const providerBody = (more: object = {}): object => ({ ...APPLICATION, divisions: ['510104017'], ...more });
const aProvider = async (world: World, as = somebodyNew()): Promise<string> =>
  succeeded(await world.post('/v1/providers', as, providerBody({ services: [SERVICE] }))).body.id;
const admittedProvider = async (world: World, as?: TokenClaims): Promise<string> => {
  const id = await aProvider(world, as);
  succeeded(await world.post(`/v1/providers/${id}/admit`, dispatcher));
  return id;
};
const removedProvider = async (world: World, as?: TokenClaims): Promise<string> => {
  const id = await aProvider(world, as);
  succeeded(await world.post(`/v1/providers/${id}/remove`, dispatcher, { reason: '材料不实' }));
  return id;
};
const ofProvider = (id: string): TokenClaims => ({ sub: `crew-of-${id}`, roles: ['provider'], provider: id });
const providerAction = (make: (world: World) => Promise<string>): Sample => ({
  make: async (world) => ({ as: dispatcher, params: { id: await make(world) } }),
  wrongState: async (world) => ({ as: dispatcher, params: { id: await removedProvider(world) } }),
  another: 'allowed',
});
const ourProviders = new WeakMap<World, Promise<string>>();
/** One, so that its people are the same. */
const ourProvider = (world: World): Promise<string> => {
  const provider = ourProviders.get(world) ?? admittedProvider(world);
  ourProviders.set(world, provider);
  return provider;
};
const aCreditEvent = async (world: World): Promise<{ readonly id: string; readonly event: string }> => {
  const id = await ourProvider(world);
  const { body } = succeeded(
    await world.post(`/v1/providers/${id}/credit-events`, dispatcher, { kind: 'misconduct', reason: '虚报服务次数' }),
  );
  return { id, event: body.id };
};
const creditedProvider = async (world: World): Promise<string> => (await aCreditEvent(world)).id;
const appealedEvent = async (world: World): Promise<{ readonly id: string; readonly event: string }> => {
  const { id, event } = await aCreditEvent(world);
  succeeded(await world.post(`/v1/providers/${id}/appeal`, ofProvider(id), { event, reason: '不实' }));
  return { id, event };
};
const busyProviders = new WeakMap<World, Promise<string>>();
/** One with a few requests open, once in each world. */
const busyProvider = (world: World): Promise<string> => {
  const provider =
    busyProviders.get(world) ??
    admittedProvider(world).then(async (id) => {
      await times(LISTED, async () =>
        succeeded(await world.post(`/v1/requests/${await aRequest(world)}/assign`, dispatcher, { to: { kind: 'provider', id } })),
      );
      return id;
    });
  busyProviders.set(world, provider);
  return provider;
};

const divisionCode = { params: { code: '510104' } };
const programmes = (): object[] =>
  Array.from({ length: LISTED }, (_, index) => ({ code: `programme${index}`, name: { 'zh-CN': `行动 ${index}` }, source: '测试' }));

export const SAMPLES: Readonly<Record<string, Sample>> = {
  // divisions
  readDivision: { make: () => Promise.resolve(divisionCode) },
  listChildren: {
    make: async (world) => {
      await fill(world, 'children', () => world.put(`/v1/divisions/510105006${threeDigits()}`, ADMIN, { name: '新社区' }));
      return { params: { code: '510105006' } };
    },
    otherList: () => divisionCode,
  },
  putDivision: {
    make: () => Promise.resolve({ as: ADMIN, params: { code: `510104017${threeDigits()}` } }),
    another: 'allowed',
    // An administrator without a division is the country's.
    nowhere: 'allowed',
  },
  importDivisions: {
    make: () => Promise.resolve({ as: ADMIN, body: { rows: [{ line: 2, code: `510104020${threeDigits()}`, name: '新社区' }] } }),
    another: 'allowed',
    elsewhere: 'nothing',
    nowhere: 'allowed',
    otherBody: { rows: [{ line: 2, code: '510104020999', name: '另一社区' }] },
  },

  // catalogue: one for the whole country
  listServices: { make: () => Promise.resolve({}), otherList: () => ({ query: { group: 'welfare' } }) },
  readService: { make: () => Promise.resolve({ params: { code: SERVICE } }) },
  putService: { make: () => Promise.resolve({ as: ADMIN, params: { code: `sample${next()}` } }), ...EVERYWHERE },
  listProgrammes: {
    make: async (world) => {
      succeeded(await world.put('/v1/settings/programmes', ADMIN, { value: programmes() }));
      return {};
    },
  },
  readSetting: { make: () => Promise.resolve({ as: ADMIN, params: { name: 'rectifications' } }), ...EVERYWHERE },
  putSetting: { make: () => Promise.resolve({ as: ADMIN, params: { name: 'rectifications' } }), ...EVERYWHERE },

  // service requests
  createRequest: { make: () => Promise.resolve({ as: neighbour }), roles: ROLES, ...EVERYWHERE },
  readRequest: {
    make: async (world) => ({ as: resident, params: { id: await requestIn(world, 'submitted') } }),
    roles: ['worker', 'dispatcher'],
  },
  listRequests: {
    make: async (world) => {
      await fill(world, 'requests', () => aRequest(world));
      return { as: dispatcher, query: { division: '510104017' } };
    },
    another: 'allowed',
    otherList: (_, made) => ({ ...made, query: { ...made.query, status: 'submitted' } }),
  },
  listMyRequests: {
    make: async (world) => {
      await fill(world, 'requests', () => aRequest(world));
      return { as: resident };
    },
    ...OWN,
  },
  listMyWork: {
    make: async (world) => {
      await fill(world, 'work', () => requestIn(world, 'assigned'));
      return { as: worker };
    },
    ...OWN,
    otherList: (_, made) => ({ ...made, query: { status: 'assigned' } }),
  },
  acceptRequest: action('submitted', dispatcher, { another: 'allowed', body: { service: SERVICE, priority: 'high' }, otherBody: {} }),
  rejectRequest: action('submitted', dispatcher, { another: 'allowed' }),
  cancelRequest: action('submitted', resident),
  duplicateRequest: {
    make: async (world) => ({ as: dispatcher, params: { id: await aRequest(world) }, body: { of: await aRequest(world) } }),
    wrongState: async (world) => ({ as: dispatcher, params: { id: await cancelled(world) }, body: { of: await aRequest(world) } }),
    another: 'allowed',
  },
  transferRequest: action('submitted', dispatcher, { another: 'allowed', body: { community: DACISI, reason: '属于该社区' } }),
  assignRequest: action('accepted', dispatcher, { another: 'allowed' }),
  startRequest: action('assigned', worker),
  resolveRequest: action('inProgress', worker),
  // A dispatcher decides once the assignee has asked.
  extendRequest: action('assigned', worker, { roles: ['dispatcher'], stranger: 'notNow' }),
  pauseRequest: action('inProgress', worker),
  resumeRequest: {
    make: async (world) => ({ as: worker, params: { id: await paused(world) } }),
    wrongState: async (world) => ({ as: worker, params: { id: await requestIn(world, 'inProgress') } }),
  },
  closeRequest: action('resolved', dispatcher, { another: 'allowed' }),
  reopenRequest: action('resolved', resident, { roles: ['dispatcher'] }),
  commentRequest: action('submitted', resident, {
    roles: ['worker', 'dispatcher'],
    wrongState: async (world) => {
      const id = await aRequest(world);
      // A hundred are the most.
      await times(100, () => world.post(`/v1/requests/${id}/comments`, resident, { text: '再问一次' }));
      return { as: resident, params: { id } };
    },
  }),
  rateRequest: action('resolved', resident, { roles: ['worker'] }),

  // rectifications
  listRectifications: {
    make: async (world) => {
      await fill(world, 'rectifications', () => rectified(world));
      return { as: dispatcher, query: { division: '510104017' } };
    },
    another: 'allowed',
    otherList: (_, made) => ({ ...made, query: { ...made.query, status: 'open' } }),
  },
  readRectification: { make: async (world) => ({ as: dispatcher, params: { id: await rectified(world) } }), another: 'allowed' },
  callbackRectification: {
    make: async (world) => ({ as: dispatcher, params: { id: await rectified(world) } }),
    wrongState: async (world) => ({ as: dispatcher, params: { id: await calledBack(world) } }),
    another: 'allowed',
  },
  fixRectification: {
    make: async (world) => ({ as: dispatcher, params: { id: await calledBack(world) } }),
    wrongState: async (world) => ({ as: dispatcher, params: { id: await rectified(world) } }),
    another: 'allowed',
  },
  appealRectification: {
    make: async (world) => ({ as: dispatcher, params: { id: await rectified(world) } }),
    wrongState: async (world) => ({ as: dispatcher, params: { id: await appealed(world) } }),
    another: 'allowed',
  },
  reviewRectification: {
    make: async (world) => ({ as: countyDispatcher, params: { id: await appealed(world) } }),
    wrongState: async (world) => ({ as: countyDispatcher, params: { id: await rectified(world) } }),
    another: 'allowed',
  },
  importRequests: {
    make: () =>
      Promise.resolve({
        as: ADMIN,
        body: {
          rows: [
            {
              line: 2,
              service_request_id: `sample-${next()}`,
              requested_datetime: '2025-01-01T07:52:00+08:00',
              service_name: '路灯不亮',
              community: SHUIJINGFANG,
            },
          ],
        },
      }),
    another: 'allowed',
    elsewhere: 'nothing',
    nowhere: 'allowed',
    otherBody: {
      rows: [
        {
          line: 2,
          service_request_id: 'another',
          requested_datetime: '2025-01-01T07:52:00+08:00',
          service_name: '停电',
          community: CAOSHIJIE,
        },
      ],
    },
  },

  // open311: what is public to everybody; with its key, a client's own as well
  ...Object.fromEntries(
    ['Xml', 'Json'].flatMap((suffix): [string, Sample][] => [
      [`discoverOpen311${suffix}`, { make: () => Promise.resolve({}) }],
      [`listOpen311Services${suffix}`, { make: () => Promise.resolve({ query: { jurisdiction_id: '510104' } }) }],
      [`listOpen311Requests${suffix}`, { make: async (world) => ({ query: { api_key: await aKey(world), status: 'open' } }) }],
      [`submitOpen311Request${suffix}`, { make: async (world) => ({ body: await aReport(world) }) }],
      [`listOpen311Updates${suffix}`, { make: async (world) => ({ query: { api_key: await aKey(world) } }) }],
      [
        `submitOpen311Update${suffix}`,
        {
          make: async (world) => {
            const key = await aKey(world);
            return {
              body: { api_key: key, service_request_id: await reported(world, key), update_id: String(next()), description: '还没修' },
            };
          },
        },
      ],
    ]),
  ),
  readOpen311Service: { make: () => Promise.resolve({ params: { file: 'streetLamp.xml' } }) },
  readOpen311Request: { make: async (world) => ({ params: { file: `${await reported(world, await aKey(world))}.json` } }) },
  readOpen311Token: { make: async (world) => ({ params: { file: `${await reported(world, await aKey(world))}.xml` } }) },
  issueOpen311Key: { make: () => Promise.resolve({ as: ADMIN }), another: 'allowed', nowhere: 'allowed' },
  listOpen311Keys: {
    make: async (world) => {
      await fill(world, 'keys', () => aKey(world));
      return { as: ADMIN };
    },
    another: 'allowed',
    elsewhere: 'nothing',
    nowhere: 'allowed',
  },
  readOpen311Key: {
    make: async (world) => ({ as: ADMIN, params: { id: idOf(await aKey(world)) } }),
    another: 'allowed',
    nowhere: 'allowed',
  },
  revokeOpen311Key: {
    make: async (world) => ({ as: ADMIN, params: { id: idOf(await aKey(world)) } }),
    another: 'allowed',
    nowhere: 'allowed',
  },

  // media
  createMedia: {
    make: () => Promise.resolve({ as: neighbour }),
    roles: ROLES,
    ...EVERYWHERE,
    otherBody: { contentType: 'image/png', bytes: 1 },
  },
  readMedia: {
    transient: true,
    make: async (world) => ({
      as: resident,
      params: { id: succeeded(await world.post('/v1/media', resident, { contentType: 'image/png', bytes: 1 })).body.id },
    }),
  },

  // metrics: what is sensitive is shown to the public when the month is final, and this one is not
  listIndicators: { make: () => Promise.resolve({ as: resident }), anybody: 'asPublic', ...EVERYWHERE },
  readMetrics: {
    make: async (world) => {
      await counted(world);
      return { as: dispatcher, query: { division: STREET, month: MONTH } };
    },
    ...PUBLIC_IN_PART,
  },
  rankChildren: {
    make: async (world) => {
      await places(world);
      return { as: dispatcher, query: { division: STREET, month: MONTH, indicator: 'satisfactionRate' } };
    },
    ...PUBLIC_IN_PART,
    otherList: (_, made) => ({ ...made, query: { ...made.query, indicator: 'requestsReceived' } }),
  },
  readSeries: {
    make: async (world) => {
      await counted(world);
      return { as: dispatcher, query: { division: STREET, indicator: 'ratedRate', to: MONTH } };
    },
    ...PUBLIC_IN_PART,
  },
  listFacts: {
    make: async (world) => {
      await counted(world);
      return { as: dispatcher, query: { division: STREET, month: MONTH, indicator: 'requestsReceived' } };
    },
    another: 'allowed',
    otherList: (_, made) => ({ ...made, query: { ...made.query, month: '2026-10' } }),
  },
  listRuns: {
    make: async (world) => {
      await counted(world);
      return { as: ADMIN };
    },
    ...EVERYWHERE,
  },
  readDashboard: {
    make: async (world) => {
      await counted(world);
      return { query: { division: STREET, month: MONTH } };
    },
  },

  // donations
  createFund: { make: () => Promise.resolve({ as: treasurer }), another: 'allowed' },
  listFunds: {
    make: async (world) => {
      await fill(world, 'funds', () => aFund(world, DACISI));
      return { query: { division: DACISI } };
    },
    otherList: () => ({ query: { division: '510104' } }),
  },
  readFund: { make: busy },
  widenFund: {
    make: async (world) => ({ as: treasurer, params: { id: await aFund(world) }, body: { accounts: 2 } }),
    another: 'allowed',
    otherBody: { accounts: 3 },
  },
  createDonation: {
    make: async (world) => ({
      as: neighbour,
      body: {
        fund: await busyFund(world),
        amount: 1000,
        purpose: PURPOSE,
        donor: { ...DONOR, message: undefined, anonymous: false },
        channel: 'cash',
        message: DONOR.message,
      },
    }),
    roles: ROLES,
    anybody: 'allowed',
    ...EVERYWHERE,
    answersInPart: true,
  },
  listDonations: {
    make: async (world) => ({ as: treasurer, query: { fund: await busyFund(world) } }),
    another: 'allowed',
    otherList: (_, made) => ({ ...made, query: { ...made.query, status: 'received' } }),
  },
  listOwnDonations: {
    make: async (world) => {
      await busyFund(world);
      return { as: resident };
    },
    ...OWN,
  },
  readDonation: { make: settled(async (world) => ({ as: resident, params: { id: await given(world) } })), roles: ['treasurer'] },
  confirmDonation: {
    make: async (world) => ({ as: treasurer, params: { id: await promised(world) } }),
    wrongState: async (world) => ({ as: treasurer, params: { id: await promised(world, { channel: 'sandbox' }) } }),
    another: 'allowed',
    movesOn: true,
  },
  refundDonation: {
    make: settled(async (world) => ({ as: treasurer, params: { id: await given(world) } })),
    wrongState: async (world) => ({ as: treasurer, params: { id: await promised(world) } }),
    another: 'allowed',
  },
  readRefund: { make: settled(async (world) => ({ as: resident, params: await refundOf(world) })), roles: ['treasurer'] },
  changePurpose: {
    make: settled(async (world) => ({ as: treasurer, params: { id: await given(world) } })),
    wrongState: async (world) => ({ as: treasurer, params: { id: await promised(world) } }),
    another: 'allowed',
  },
  readReceipt: {
    // Shown once more it is a reprint.
    transient: true,
    make: async (world) => ({ as: resident, params: { id: await receipted(world) } }),
    roles: ['treasurer'],
  },
  checkReceipt: {
    make: async (world) => {
      const id = await receipted(world);
      const { body } = succeeded(await world.get(`/v1/donations/${id}/receipt`, resident));
      return { params: { id }, query: { checkCode: body.checkCode } };
    },
  },
  receiveNotification: { make: (world) => Promise.resolve(signedByStripe(world)) },
  createIncome: { make: async (world) => ({ as: treasurer, params: { id: await ourFund(world) } }), another: 'allowed' },
  approveIncome: {
    make: settled(async (world) => ({ as: otherTreasurer, params: await income(world) })),
    wrongState: async (world) => {
      const params = await income(world);
      succeeded(await world.post(`/v1/funds/${params['id']}/income/${params['income']}/approve`, otherTreasurer));
      return { as: otherTreasurer, params };
    },
    another: 'allowed',
  },
  readIncome: { make: settled(async (world) => ({ as: treasurer, params: await income(world) })), another: 'allowed' },
  listIncome: {
    make: async (world) => ({ ...(await busy(world)), as: treasurer }),
    another: 'allowed',
    otherList: (_, made) => ({ ...made, query: { status: 'proposed' } }),
  },
  createGrant: {
    make: async (world) => ({
      as: treasurer,
      body: {
        fund: await busyFund(world),
        amount: 500,
        recipient: { kind: 'organisation', name: '邻里助老服务中心' },
        reason: '社区食堂十一月补贴',
      },
    }),
    another: 'allowed',
  },
  approveGrant: grantAction('proposed', 'approved', otherTreasurer),
  rejectGrant: grantAction('proposed', 'paid', otherTreasurer),
  payGrant: grantAction('approved', 'proposed', treasurer),
  reportGrant: grantAction('paid', 'approved', treasurer),
  readGrant: {
    make: settled(async (world) => ({ as: treasurer, params: { id: await grantIn(world, 'paid') } })),
    roles: ['treasurer', 'auditor'],
    anybody: 'asPublic',
    another: 'allowed',
    elsewhere: 'asPublic',
    nowhere: 'asPublic',
  },
  listGrants: {
    make: async (world) => ({ query: { fund: await busyFund(world) } }),
    otherList: (_, made) => ({ query: { ...made.query, status: 'paid' } }),
  },
  listEntries: { make: busy, otherList: (_, made) => ({ ...made, query: { purpose: PURPOSE } }) },
  readStatement: { make: async (world) => ({ params: { id: await busyFund(world), period: '2026-Q4' } }) },
  readThreeSixtyGiving: { make: busy },
  listReconciliations: {
    make: async (world) => {
      const fund = await busyFund(world);
      await fill(
        world,
        'reconciliations',
        async () => {
          await paidOnline(world, fund);
          // A bill is there when its day is over.
          world.turn(DAY);
          // A provider of which the tests have made the keys themselves has none, and is told of at the end.
          await world.schedule('paymentReconciliation');
        },
        3,
      );
      return { as: cityTreasurer, params: { channel: 'sandbox' }, query: { division: '5101' } };
    },
    another: 'allowed',
    otherList: (_, made) => ({ ...made, query: { division: '5102' } }),
  },

  // exports
  exportRequests: {
    make: async (world) => {
      await fill(world, 'requests', () => aRequest(world));
      return { as: dispatcher, query: { division: STREET, month: MONTH } };
    },
    another: 'allowed',
  },
  readJob: {
    make: async (world) => {
      const { body } = succeeded(await world.get(`/v1/exports/requests?division=${STREET}&month=${MONTH}`, dispatcher));
      await world.settle();
      return { as: dispatcher, params: { id: body.id } };
    },
  },

  // places
  listFacilities: {
    make: async (world) => {
      await fill(world, 'facilities', () => aFacility(world), 3);
      return { query: { near: '30.6461,104.0913' } };
    },
  },
  readFacility: { make: async (world) => ({ params: { id: await aFacility(world) } }), ownIds: true },
  putFacility: { make: () => Promise.resolve({ as: worker, params: { id: `shelter-${next()}` } }), another: 'allowed', ownIds: true },
  putMealPoint: { make: () => Promise.resolve({ as: worker, params: { id: `canteen-${next()}` } }), another: 'allowed', ownIds: true },
  readMealPoint: { make: async (world) => ({ params: { id: await aMealPoint(world) } }), ownIds: true },
  listMealPoints: placesIn('mealPoints', aMealPoint),
  putMealDay: {
    make: async (world) => ({ as: worker, params: { id: await aMealPoint(world), date: '2026-11-23' } }),
    another: 'allowed',
    ownIds: true,
  },
  readMealDay: { make: async (world) => ({ params: await aMealDay(world) }), ownIds: true },
  readMealMonth: {
    make: async (world) => {
      const { id = '' } = await aMealDay(world);
      return { params: { id }, query: { month: MONTH } };
    },
    ownIds: true,
  },
  putChildcare: { make: () => Promise.resolve({ as: worker, params: { id: `nursery-${next()}` } }), another: 'allowed', ownIds: true },
  readChildcare: { make: async (world) => ({ params: { id: await aChildcare(world) } }), ownIds: true },
  listChildcare: placesIn('childcare', aChildcare),
  putServicePoint: { make: () => Promise.resolve({ as: worker, params: { id: `point-${next()}` } }), another: 'allowed', ownIds: true },
  readServicePoint: {
    make: async (world) => ({ as: worker, params: { id: await aServicePoint(world) } }),
    roles: ['worker', 'dispatcher'],
    anybody: 'asPublic',
    another: 'allowed',
    elsewhere: 'asPublic',
    nowhere: 'asPublic',
    ownIds: true,
  },
  listServicePoints: placesIn('servicePoints', aServicePoint),
  readEntitlement: {
    make: async (world) => ({ as: dispatcher, params: { id: await aServicePoint(world), kind: 'water' } }),
    another: 'allowed',
    ownIds: true,
  },
  checkEntitlement: {
    make: async (world) => ({ as: dispatcher, params: { id: await aServicePoint(world), kind: 'water' } }),
    another: 'allowed',
    ownIds: true,
    otherBody: { granted: false, reason: '已停止经营' },
  },
  listEntitlements: {
    make: async (world) => {
      await aGrantedPoint(world);
      return { as: dispatcher, query: { division: STREET } };
    },
    another: 'allowed',
  },

  // alerts: everybody sees what has been issued
  issueAlert: {
    make: () => Promise.resolve({ as: alertOfficer }),
    another: 'allowed',
    elsewhere: 'wrongField',
    otherBody: { ...ALERT, colour: 'blue' },
  },
  listAlerts: {
    make: async (world) => {
      await fill(world, 'alerts', () => anAlert(world));
      return { as: alertOfficer, query: { division: '510104' } };
    },
    roles: ROLES,
    anybody: 'allowed',
    ...EVERYWHERE,
    otherList: () => ({ query: { division: '510104017' } }),
  },
  readAlert: {
    make: async (world) => ({ as: alertOfficer, params: { id: await anAlert(world) } }),
    roles: ROLES,
    anybody: 'allowed',
    ...EVERYWHERE,
    transient: true,
  },
  updateAlert: {
    make: async (world) => ({ as: alertOfficer, params: { id: await anAlert(world) } }),
    another: 'allowed',
    wrongState: overAlert,
    otherBody: { ...ALERT, colour: 'blue' },
  },
  cancelAlert: {
    make: async (world) => ({ as: alertOfficer, params: { id: await anAlert(world) } }),
    another: 'allowed',
    wrongState: overAlert,
  },
  approveAlert: {
    make: waitingAlert,
    another: 'allowed',
    wrongState: async (world) => ({ as: otherOfficer, params: { id: await anAlert(world) } }),
  },
  readCapAlert: { make: async (world) => ({ params: { file: `${await anAlert(world)}.xml` } }) },
  readCapFeed: {
    make: async (world) => {
      await anAlert(world);
      return { query: { division: '510104' } };
    },
  },
  acknowledgeAlert: {
    make: async (world) => ({ as: resident, params: { id: await anAlert(world) } }),
    roles: ['resident'],
    another: 'allowed',
    elsewhere: 'allowed',
    nowhere: 'wrongField',
  },
  readAcknowledgement: {
    make: async (world) => {
      const id = await anAlert(world);
      return { as: resident, params: { id, acknowledgement: await anAcknowledgement(world, id) } };
    },
    roles: ['worker', 'dispatcher', 'alertOfficer'],
  },
  listAcknowledgements: {
    make: async (world) => {
      const id = await anAnsweredAlert(world);
      await fill(world, 'acknowledgements', () => anAcknowledgement(world, id, { ...resident, sub: `resident-${next()}` }));
      return { as: dispatcher, params: { id }, query: { community: SHUIJINGFANG } };
    },
    another: 'allowed',
    otherList: (_, made) => ({ ...made, query: { community: SHUIJINGFANG, state: 'needHelp' } }),
  },
  readReach: {
    make: async (world) => ({ as: alertOfficer, params: { id: await anAlert(world) } }),
    another: 'allowed',
  },
  // care: workers of the community, and to visit somebody also volunteers who are named for them
  registerRecipient: { make: () => Promise.resolve({ as: worker }), volunteer: 'refused', another: 'allowed' },
  listRecipients: {
    make: async (world) => {
      await fill(world, 'recipients', () => aRecipient(world));
      return { as: worker, query: { division: SHUIJINGFANG } };
    },
    volunteer: 'refused',
    another: 'allowed',
    otherList: (_, made) => ({ ...made, query: { ...made.query, tier: 'high' } }),
  },
  readRecipient: {
    make: async (world) => ({ as: worker, params: { id: await aRecipient(world) } }),
    volunteer: 'refused',
    another: 'allowed',
  },
  changeRecipient: {
    make: async (world) => ({ as: worker, params: { id: await aRecipient(world) } }),
    volunteer: 'refused',
    another: 'allowed',
  },
  recordVisit: {
    make: async (world) => ({ as: worker, params: { id: await aRecipient(world) } }),
    roles: ['worker'],
    volunteer: 'allowed',
    another: 'allowed',
  },
  listVisits: {
    make: async (world) => {
      const id = await aVisitedRecipient(world);
      await fill(world, 'visits', () => aVisit(world, id));
      return { as: worker, params: { id } };
    },
    roles: ['worker'],
    volunteer: 'allowed',
    another: 'allowed',
    otherList: (_, made) => ({ ...made, params: { id: '00000000000000000000000ZX' } }),
  },
  readVisit: {
    make: async (world) => {
      const id = await aRecipient(world);
      return { as: worker, params: { id, visit: await aVisit(world, id) } };
    },
    roles: ['worker'],
    volunteer: 'allowed',
    another: 'allowed',
  },
  listDue: {
    make: async (world) => {
      await fill(world, 'recipients', () => aRecipient(world));
      return { as: worker, query: { division: SHUIJINGFANG } };
    },
    volunteer: 'refused',
    another: 'allowed',
    otherList: (_, made) => ({ ...made, query: { ...made.query, month: '2026-10' } }),
  },
  // providers
  applyProvider: {
    make: () => Promise.resolve({ as: somebodyNew(), body: providerBody() }),
    roles: ROLES,
    ...EVERYWHERE,
  },
  listProviders: {
    make: async (world) => {
      await fill(world, 'providers', () => aProvider(world));
      return { as: dispatcher, query: { division: STREET, status: 'applied' } };
    },
    roles: ['dispatcher'],
    another: 'allowed',
    otherList: () => ({ as: dispatcher, query: { division: STREET } }),
  },
  readProvider: {
    make: async (world) => ({ as: dispatcher, params: { id: await aProvider(world) } }),
    roles: ['dispatcher'],
    another: 'allowed',
  },
  putProvider: {
    make: async (world) => {
      const as = somebodyNew();
      return { as, params: { id: await aProvider(world, as) }, body: providerBody() };
    },
    wrongState: async (world) => {
      const as = somebodyNew();
      return { as, params: { id: await removedProvider(world, as) }, body: providerBody() };
    },
    roles: [],
    stranger: 'refused',
    // Whoever has applied has, wherever they are.
    elsewhere: 'refused',
    nowhere: 'refused',
  },
  admitProvider: providerAction(aProvider),
  suspendProvider: providerAction(admittedProvider),
  removeProvider: providerAction(admittedProvider),
  renewProvider: providerAction(admittedProvider),
  listProviderWork: {
    make: async (world) => {
      const id = await busyProvider(world);
      return { as: dispatcher, params: { id } };
    },
    another: 'allowed',
    elsewhere: 'nothing',
    nowhere: 'nothing',
    otherList: (_, made) => ({ ...made, params: { id: '00000000000000000000000ZX' } }),
  },
  readCredit: {
    make: async (world) => ({ as: dispatcher, params: { id: await creditedProvider(world) } }),
    roles: ['dispatcher'],
    anybody: 'asPublic',
    another: 'allowed',
    elsewhere: 'asPublic',
    nowhere: 'asPublic',
  },
  readCreditEvent: {
    make: async (world) => ({ as: dispatcher, params: await aCreditEvent(world) }),
    roles: ['dispatcher'],
    anybody: 'asPublic',
    another: 'allowed',
    elsewhere: 'asPublic',
    nowhere: 'asPublic',
  },
  listCreditEvents: {
    make: async (world) => {
      await fill(world, 'creditEvents', () => appealedEvent(world));
      return { as: dispatcher, query: { division: STREET } };
    },
    another: 'allowed',
    otherList: (_, made) => ({ ...made, query: { ...made.query, status: 'appealed' } }),
  },
  postCreditEvent: {
    make: async (world) => ({ as: dispatcher, params: { id: await admittedProvider(world) } }),
    another: 'allowed',
  },
  appealCreditEvent: {
    make: async (world) => {
      const params = await aCreditEvent(world);
      return { as: ofProvider(params.id), params };
    },
    wrongState: async (world) => {
      const params = await appealedEvent(world);
      return { as: ofProvider(params.id), params };
    },
    roles: [],
    stranger: 'refused',
    // The claim says who they are, wherever.
    ...EVERYWHERE,
  },
  appealCredit: {
    make: async (world) => {
      const { id, event } = await aCreditEvent(world);
      return { as: ofProvider(id), params: { id }, body: { event, reason: '当日未派单给我方' } };
    },
    wrongState: async (world) => {
      const { id, event } = await appealedEvent(world);
      return { as: ofProvider(id), params: { id }, body: { event, reason: '当日未派单给我方' } };
    },
    resource: ({ params, body }) => `/v1/providers/${params?.['id']}/credit-events/${(body as { readonly event: string }).event}`,
    roles: [],
    stranger: 'refused',
    ...EVERYWHERE,
  },
  reviewCreditEvent: {
    make: async (world) => ({ as: countyDispatcher, params: await appealedEvent(world) }),
    wrongState: async (world) => ({ as: countyDispatcher, params: await aCreditEvent(world) }),
    another: 'allowed',
  },
  repairCreditEvent: {
    make: async (world) => {
      const params = await aCreditEvent(world);
      return { as: ofProvider(params.id), params };
    },
    wrongState: async (world) => {
      const params = await aCreditEvent(world);
      const as = ofProvider(params.id);
      succeeded(await world.post(`/v1/providers/${params.id}/credit-events/${params.event}/repair`, as, { reason: '已整改' }));
      return { as, params };
    },
    // A dispatcher decides once somebody has asked.
    roles: ['dispatcher'],
    stranger: 'notNow',
    ...EVERYWHERE,
  },
  readCreditMethod: { make: () => Promise.resolve({}) },
  readMyProvider: {
    make: async (world) => ({ as: ofProvider(await creditedProvider(world)) }),
    roles: [],
    stranger: 'refused',
    ...EVERYWHERE,
  },
  readQualityMethod: { make: () => Promise.resolve({}) },
  readQualityScore: {
    make: async (world) => {
      await counted(world);
      return { as: dispatcher, params: { code: STREET }, query: { month: MONTH } };
    },
    ...PUBLIC_IN_PART,
  },

  // notifications: everybody has their own
  addChannel: {
    make: () => Promise.resolve({ as: somebodyNew(), body: { kind: 'email', address: ADDRESS } }),
    roles: ROLES,
    ...EVERYWHERE,
    otherBody: { kind: 'sms', address: '+86 138 1234 5678' },
  },
  listChannels: {
    make: async (world) => {
      const as = somebodyNew();
      for (let index = 0; index < LISTED; index++) await addedBy(world, as, `${index}-${ADDRESS}`);
      return { as };
    },
    ...OWN,
  },
  // What is waited for is waited for no longer after a while.
  readChannel: { make: aChannel, transient: true },
  verifyChannel: { make: settled(aChannel), wrongState: settled(guessedOften) },
  removeChannel: { make: settled(aChannel) },
  readAlertSubscriptions: { make: () => Promise.resolve({ as: somebodyNew() }), roles: ROLES, ...EVERYWHERE },
  putAlertSubscriptions: { make: () => Promise.resolve({ as: somebodyNew() }), roles: ROLES, ...EVERYWHERE },
  readNotificationPreferences: { make: () => Promise.resolve({ as: somebodyNew() }), roles: ROLES, ...EVERYWHERE },
  putNotificationPreferences: { make: () => Promise.resolve({ as: somebodyNew() }), roles: ROLES, ...EVERYWHERE },
  showUnsubscribe: { make: unsubscribing },
  unsubscribe: { make: unsubscribing },
  receiveReceipts: { make: (world) => Promise.resolve({ params: {}, ...signedByGateway(world.system.runtime, world.now(), '[]') }) },
  // surveys
  ...SURVEY_SAMPLES,

  // audit
  listAudit: {
    make: async (world) => {
      const id = await aRequest(world, resident, { confidential: true });
      await times(LISTED, () => world.get(`/v1/requests/${id}`, resident));
      return { as: auditor, query: { resource: `requests/${id}` } };
    },
    another: 'allowed',
    elsewhere: 'nothing',
    nowhere: 'nothing',
    otherList: (_, made) => ({ ...made, query: { resource: 'requests/00000000000000000000000ZX' } }),
  },

  // reference
  readContract: { make: () => Promise.resolve({}) },
  readProblem: { make: () => Promise.resolve({ params: { code: 'notFound' } }) },
};

/** The sample of an operation; says what to do where there is none. */
export const sampleOf = (id: string): Sample => {
  const sample = SAMPLES[id];
  if (sample === undefined) throw new Error(`${id} has no sample: add it to test/support/samples.ts`);
  return sample;
};
