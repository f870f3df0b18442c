/** What tests of the community foundation share: its people, a provider that is played in memory, its reactions, and its books recounted. */
import type {
  BillLine,
  OrderState,
  PaymentFact,
  PaymentProvider,
  Providers,
  RefundOrder,
  RefundState,
} from '../../functions/data/payments.ts';
import { donationsRelay } from '../../functions/donations/relay.ts';
import type { Random } from '../../functions/kernel/id.ts';
import { err, ok } from '../../functions/kernel/result.ts';
import type { EpochMs } from '../../functions/kernel/time.ts';
import { REACTIONS } from '../../lib/local/functions.ts';
import type { TokenClaims } from '../../lib/local/issuer.ts';
import { signedHeaders, verdictOn } from '../../lib/local/sandbox-protocol.ts';
import { seeded } from './faults.ts';
import type { Answered, CallGiven, Content, House, StoredItem } from './house.ts';
import { eventsOf, reactionsTo } from './listener.ts';
import { SHUIJINGFANG } from './people.ts';

export const keeper: TokenClaims = { sub: 'treasurer-qian', roles: ['treasurer'], division: '510104' };
export const otherKeeper: TokenClaims = { sub: 'treasurer-feng', roles: ['treasurer'], division: '510104' };

/** The channel that is played here. */
export const CHANNEL = 'sandbox';
export const FUND = {
  name: { 'zh-CN': '水井坊社区微基金' },
  division: SHUIJINGFANG,
  purposes: [
    { code: 'elders', name: { 'zh-CN': '助老' } },
    { code: 'children', name: { 'zh-CN': '儿童' } },
  ],
};
export const PURPOSES = ['general', 'elders', 'children'] as const;

/** Bytes that a seed decides. */
export const randomFrom = (seed: number): Random => {
  const next = seeded(seed);
  return (bytes) => Uint8Array.from({ length: bytes }, () => Math.floor(next() * 256));
};

const SECRET = Buffer.from('what the played provider and we share');

/** A notification of the played provider: of any fact, signed as the sandbox signs. */
export const told = (fact: PaymentFact, at: EpochMs): { readonly body: string; readonly headers: Readonly<Record<string, string>> } => {
  const body = JSON.stringify(fact);
  return { body, headers: signedHeaders(SECRET, at, 'fact', body) };
};

/** The provider as a test sees it. */
export interface Merchant {
  readonly payments: Providers;
  /** What became of orders; those that are not here are open. */
  readonly orders: Map<string, OrderState>;
  /** Every call that asked for money back, in order. */
  readonly refunds: RefundOrder[];
  /** What is said to a refund: `succeeded` unless told otherwise. */
  answers: (refund: RefundOrder) => RefundState['kind'] | 'refused' | 'unavailable';
  bill: readonly BillLine[];
}

export const playMerchant = (): Merchant => {
  const merchant: Merchant = {
    payments: { [CHANNEL]: () => provider },
    orders: new Map(),
    refunds: [],
    answers: () => 'succeeded',
    bill: [],
  };
  const provider: PaymentProvider = {
    methods: ['page'],
    isSetUp: () => Promise.resolve(true),
    create: ({ id, method }) => Promise.resolve(ok({ method, url: `https://pay.test/${id}` })),
    read: ({ headers, body }, now) => {
      const verdict = verdictOn(SECRET, now, headers, body);
      return Promise.resolve(verdict === 'genuine' ? ok(JSON.parse(Buffer.from(body).toString('utf8')) as PaymentFact) : err(verdict));
    },
    answer: (outcome) => ({
      status: { taken: 200, refused: 400, later: 503 }[outcome],
      contentType: 'application/json; charset=utf-8',
      body: JSON.stringify({ outcome }),
    }),
    find: ({ id }) => Promise.resolve(ok(merchant.orders.get(id) ?? { kind: 'open' as const })),
    close: ({ id }) => {
      if (merchant.orders.get(id)?.kind === 'paid') return Promise.resolve(err({ code: 'refused' as const }));
      merchant.orders.set(id, { kind: 'closed' });
      return Promise.resolve(ok(undefined));
    },
    refund: (refund) => {
      merchant.refunds.push(refund);
      const answer = merchant.answers(refund);
      return Promise.resolve(answer === 'refused' || answer === 'unavailable' ? err({ code: answer }) : ok({ kind: answer }));
    },
    findRefund: ({ id }) => {
      const known = merchant.refunds.find((each) => each.id === id);
      const answer = known === undefined ? 'refused' : merchant.answers(known);
      return Promise.resolve(answer === 'refused' || answer === 'unavailable' ? err({ code: answer }) : ok({ kind: answer }));
    },
    async *bill() {
      yield merchant.bill;
    },
  };
  return merchant;
};

const good = (answer: Answered): Answered => {
  if (answer.status >= 300) throw new Error(`the foundation does not get there: ${answer.status} ${answer.text}`);
  return answer;
};

export interface Gift {
  readonly amount?: number;
  readonly purpose?: string | undefined;
  readonly channel?: string;
  readonly donor?: object;
  readonly as?: TokenClaims | undefined;
  readonly key?: string | undefined;
}

/** Steps of the foundation through its handlers; each throws where it is refused. */
export const foundationOf = (house: House) => {
  const post = async (path: string, as: TokenClaims, body: unknown = {}, more: Omit<CallGiven, 'as' | 'body'> = {}): Promise<Answered> =>
    good(await house.post(path, as, body, more));
  const foundation = {
    fund: async (accounts = 1): Promise<string> => {
      const { body } = await post('/v1/funds', keeper, FUND);
      if (accounts > 1) await post(`/v1/funds/${body.id}/accounts`, keeper, { accounts });
      return body.id;
    },
    /** Promised, and who gave it by its claim. */
    promise: async (
      fund: string,
      { amount = 1000, purpose, channel = 'cash', donor = { anonymous: true }, as, key }: Gift = {},
    ): Promise<{ readonly id: string; readonly claim: string }> =>
      good(await house.call('POST', '/v1/donations', { as, key, body: { fund, amount, purpose, channel, donor } })).body,
    /** Promised, and come in. */
    gift: async (fund: string, gift: Gift = {}): Promise<string> => {
      const { id } = await foundation.promise(fund, gift);
      if ((gift.channel ?? 'cash') === CHANNEL) good(await foundation.tell(foundation.paid(id, gift.amount ?? 1000)));
      else await post(`/v1/donations/${id}/confirm`, keeper);
      return id;
    },
    paid: (order: string, amount: number, transaction = `t-${order}`): PaymentFact =>
      ({ kind: 'paid', order, transaction, amount, paidAt: new Date(house.now()).toISOString() }) as PaymentFact,
    /** The provider tells. */
    tell: (fact: PaymentFact): Promise<Answered> => house.call('POST', `/v1/payments/${CHANNEL}/notifications`, told(fact, house.now())),
    refund: async (donation: string, amount: number): Promise<string> =>
      (await post(`/v1/donations/${donation}/refunds`, keeper, { amount, reason: '捐赠人要求退回' })).body.id,
    changePurpose: (donation: string, purpose: string): Promise<Answered> =>
      post(`/v1/donations/${donation}/purpose`, keeper, { purpose, ground: 'similarPurpose', reason: '用于相近用途' }),
    income: async (fund: string, amount: number, purpose?: string): Promise<string> => {
      const { body } = await post(`/v1/funds/${fund}/income`, keeper, {
        source: 'government',
        amount,
        purpose,
        reference: '锦江财社〔2026〕12号',
      });
      await post(`/v1/funds/${fund}/income/${body.id}/approve`, otherKeeper);
      return body.id;
    },
    propose: async (fund: string, amount: number, purpose?: string, more: object = {}): Promise<string> =>
      (
        await post('/v1/grants', keeper, {
          fund,
          amount,
          purpose,
          recipient: { kind: 'organisation', name: '邻里助老服务中心' },
          reason: '社区食堂补贴',
          ...more,
        })
      ).body.id,
    /** Proposed, approved and paid. */
    grant: async (fund: string, amount: number, purpose?: string, more: object = {}): Promise<string> => {
      const id = await foundation.propose(fund, amount, purpose, more);
      await post(`/v1/grants/${id}/approve`, otherKeeper);
      await post(`/v1/grants/${id}/pay`, keeper);
      return id;
    },
    donation: async (id: string) => (await house.get(`/v1/donations/${id}`, keeper)).body,
    balances: async (fund: string): Promise<Readonly<Record<string, number>>> =>
      (await house.get(`/v1/funds/${fund}`)).body.balance.byPurpose,
  };
  return foundation;
};
export type Foundation = ReturnType<typeof foundationOf>;

export type DonationEvent = ReturnType<typeof eventsOf>[number];

/** The reactions of the foundation, fed by its table's stream, from now on. */
export const reactionsOf = (house: House) =>
  reactionsTo(
    house,
    'donations',
    donationsRelay,
    REACTIONS.filter(({ declaration }) => declaration.domain === 'donations'),
  );
export type Reactions = Awaited<ReturnType<typeof reactionsOf>>;

export const donationItems = (content: Content): readonly StoredItem[] => [...(content['donations']?.values() ?? [])];

// What a stored item holds is looked at field by field; a wrong one fails the assertion.
// oxlint-disable-next-line typescript/no-explicit-any
type Any = any;

const startsWith =
  (prefix: string, sk?: string) =>
  (item: StoredItem): item is Any =>
    item.pk.startsWith(prefix) && (sk === undefined || item.sk === sk);

/** What is in a table, by kind. */
export const booksIn = (items: readonly StoredItem[]) => ({
  journals: items.filter(startsWith('JOURNAL#')) as readonly Any[],
  accounts: items.filter(startsWith('ACCOUNT#')) as readonly Any[],
  donations: items.filter(startsWith('DONATION#', 'DONATION')) as readonly Any[],
  uses: items.filter(({ pk, sk }) => pk.startsWith('DONATION#') && sk.startsWith('USE#')) as readonly Any[],
  refunds: items.filter(startsWith('REFUND#')) as readonly Any[],
  incomes: items.filter(startsWith('INCOME#')) as readonly Any[],
  grants: items.filter(startsWith('GRANT#', 'GRANT')) as readonly Any[],
  traces: items.filter(startsWith('GRANT#', 'TRACE')) as readonly Any[],
  counters: items.filter(startsWith('RECEIPTS#')) as readonly Any[],
});

const add = (sums: Map<string, number>, key: string, amount: number): void => void sums.set(key, (sums.get(key) ?? 0) + amount);
const recorded = (sums: ReadonlyMap<string, number>): Readonly<Record<string, number>> =>
  Object.fromEntries([...sums].filter(([, amount]) => amount !== 0).toSorted(([a], [b]) => (a < b ? -1 : 1)));

/**
 * Whatever is wrong with the books, in words; nothing where they are right. Recounted from the journals: debits are credits, balances the sums
 * of their postings and never below nothing, owed what is on its way, and of each purpose what its gifts and incomes have left less what
 * grants have still to be followed back to.
 */
export const faultsOf = (items: readonly StoredItem[]): readonly string[] => {
  const { journals, accounts, donations, uses, refunds, incomes, traces, grants } = booksIn(items);
  const faults: string[] = [];
  const differ = (what: string, one: unknown, other: unknown): void => {
    const [first, second] = [JSON.stringify(one), JSON.stringify(other)];
    if (first !== second) faults.push(`${what}: ${first} is not ${second}`);
  };
  const posted = new Map<string, number>();
  for (const { id, fund, purpose, postings } of journals) {
    differ(
      `the postings of ${id}`,
      (postings as readonly Any[]).reduce((sum, { amount }) => sum + amount, 0),
      0,
    );
    for (const { account, amount } of postings) {
      add(posted, `${fund} ${account}`, amount);
      if (account.startsWith('fund/') && account.split('/')[1] !== purpose) faults.push(`${id} moves money of another purpose`);
    }
  }
  const balances = new Map<string, number>();
  const byPurpose = new Map<string, number>();
  for (const { fund, purpose, account, balance, opening, in: came, out, moved } of accounts) {
    balances.set(`${fund} fund/${purpose}/${account}`, -balance);
    add(byPurpose, `${fund} ${purpose}`, balance);
    if (balance < 0) faults.push(`${fund} ${purpose}/${account} has ${balance}`);
    differ(`the turnover of ${fund} ${purpose}/${account}`, balance, opening + came - out + moved);
  }
  const isOfFund = ([name]: readonly [string, number]): boolean => name.includes(' fund/');
  differ('balances', recorded(balances), recorded(new Map([...posted].filter(isOfFund))));

  const owed = new Map<string, number>();
  for (const { fund, ground, status, amount, owed: unborne = 0 } of refunds) {
    if (ground === 'requested' && status === 'pending') add(owed, `${fund} refunds`, -amount);
    // What has gone after all, and nobody bears yet, stands on the other side.
    if (ground === 'requested') add(owed, `${fund} refunds`, unborne);
    if (unborne < 0 || unborne > amount || (unborne > 0 && status === 'failed'))
      faults.push(`of a refund of ${amount} ${unborne} are owed`);
    // What cannot be sent back stays owed.
    if (ground === 'paidTwice' && status !== 'succeeded') add(owed, `${fund} doublePayments`, -amount);
  }
  for (const { fund, disputes = {}, lost = 0 } of donations) {
    const taken = Object.values<Any>(disputes).reduce((sum, { outcome, amount }) => sum + (outcome === 'won' ? 0 : amount), 0);
    add(owed, `${fund} disputes`, taken - lost);
  }
  const isOwed = ([name]: readonly [string, number]): boolean => / (?:refunds|doublePayments|disputes)$/.test(name);
  differ('what is owed', recorded(new Map([...owed].filter(isOwed))), recorded(new Map([...posted].filter(isOwed))));
  differ('transfers', recorded(new Map([...posted].filter(([name]) => name.endsWith(' transfers')))), {});

  const used = new Map<string, number>();
  const usedOf = new Map<string, number>();
  for (const { pk, grant, amount } of uses) {
    if (amount <= 0) faults.push(`a use of ${pk} is ${amount}`);
    add(used, grant, amount);
    add(usedOf, pk, amount);
  }
  const left = new Map<string, number>();
  for (const { id, pk, fund, purpose, status, amount, unused, refunded, reserved, lost = 0, receivedAt } of donations) {
    if (receivedAt === undefined) continue;
    if (unused < 0 || reserved < 0 || refunded < 0) faults.push(`the gift ${id} has less than nothing`);
    if (refunded + reserved + lost > amount) faults.push(`more of ${id} went back than it was`);
    differ(`the parts of the gift ${id}`, unused + refunded + reserved + lost + (usedOf.get(pk) ?? 0), amount);
    differ(`the status of ${id}`, status, refunded === 0 ? 'received' : refunded < amount ? 'partlyRefunded' : 'refunded');
    add(left, `${fund} ${purpose}`, unused);
  }
  const usedOfIncomes = new Map<string, number>();
  for (const { fund, purpose, status, amount, unused } of incomes) {
    add(left, `${fund} ${purpose}`, unused);
    if (unused < 0 || unused > (status === 'approved' ? amount : 0)) faults.push(`an income has ${unused} of ${amount} left`);
    if (status === 'approved') add(usedOfIncomes, fund, amount - unused);
  }
  const tracedOfFund = new Map<string, number>();
  const amounts = new Map(grants.map(({ id, amount }) => [id, amount]));
  for (const { id, fund, purpose, untraced } of traces) {
    add(left, `${fund} ${purpose}`, -untraced);
    // The rest came from incomes.
    add(tracedOfFund, fund, amounts.get(id) - untraced - (used.get(id) ?? 0));
    if (untraced < 0 || untraced > amounts.get(id)) faults.push(`of the grant ${id} ${untraced} are untraced`);
  }
  differ('what incomes were used for', recorded(usedOfIncomes), recorded(tracedOfFund));
  differ('what is left of gifts', recorded(left), recorded(byPurpose));
  return faults;
};

/** Numbers of receipts that are missing, or there twice. */
export const receiptFaults = (items: readonly StoredItem[]): readonly string[] => {
  const { donations, counters } = booksIn(items);
  const numbers = donations.flatMap(({ receiptNumber }) => receiptNumber ?? []).toSorted() as readonly string[];
  const expected = counters.flatMap(({ pk, last }) => {
    const [, fund, year] = pk.split('#');
    return Array.from({ length: last }, (_, index) => `${fund}-${year}-${String(index + 1).padStart(6, '0')}`);
  });
  return [
    ...expected.filter((number) => !numbers.includes(number)).map((number) => `missing: ${number}`),
    ...numbers.filter((number, index) => numbers[index - 1] === number).map((number) => `twice: ${number}`),
    ...numbers.filter((number) => !expected.includes(number)).map((number) => `uncounted: ${number}`),
  ];
};

/** All public entries of a fund, oldest first: its pages one after the other. */
export const entriesOf = async (house: Pick<House, 'get'>, fund: string, more = ''): Promise<readonly Any[]> => {
  const entries: Any[] = [];
  let cursor: string | undefined;
  do {
    const { body } = await house.get(
      `/v1/funds/${fund}/entries?limit=100${more}${cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
    );
    entries.push(...body.items);
    cursor = body.next;
  } while (cursor !== undefined && cursor !== null);
  return entries.toReversed();
};

const QUARTERS: Readonly<Record<string, readonly [number, number]>> = { Q1: [1, 4], Q2: [4, 7], Q3: [7, 10], Q4: [10, 13] };
const startOfMonthInShanghai = (year: number, month: number): number =>
  Date.parse(`${month > 12 ? year + 1 : year}-${String(month > 12 ? month - 12 : month).padStart(2, '0')}-01T00:00:00+08:00`);

/** A statement as anybody counts it who has nothing but the public entries. */
export const recounted = (entries: readonly Any[], period: string): object => {
  const [year = '', quarter] = period.split('-');
  const [first, last] = quarter === undefined ? [1, 13] : (QUARTERS[quarter] ?? [1, 1]);
  const [from, until] = [startOfMonthInShanghai(Number(year), first), startOfMonthInShanghai(Number(year), last)];
  const sums = (own: readonly Any[]) => {
    const sumOf = (fits: (entry: Any) => boolean): number => own.filter(fits).reduce((sum, { amount }) => sum + amount, 0);
    const isIn = ({ at }: Any): boolean => Date.parse(at) >= from && Date.parse(at) < until;
    const within = (...kinds: readonly string[]): number => sumOf((entry) => isIn(entry) && kinds.includes(entry.kind));
    return {
      opening: sumOf(({ at }) => Date.parse(at) < from),
      in: within('donation', 'income', 'refundFailed'),
      out: 0 - within('grant', 'refund', 'disputeLost'),
      moved: within('purposeChangeOut', 'purposeChangeIn'),
      closing: sumOf(({ at }) => Date.parse(at) < until),
      grants: 0 - within('grant'),
      administrative: 0 - sumOf((entry) => isIn(entry) && entry.kind === 'grant' && entry.administrative === true),
    };
  };
  const { moved, ...all } = sums(entries);
  if (moved !== 0) throw new Error(`purposes changed, and ${moved} came or went`);
  const byPurpose = PURPOSES.map((code) => [code, sums(entries.filter(({ purpose }) => purpose === code))] as const);
  return {
    ...all,
    byPurpose: Object.fromEntries(byPurpose.map(([code, { closing }]) => [code, closing])),
    purposes: Object.fromEntries(
      byPurpose.map(([code, { grants: _grants, administrative: _administrative, ...purpose }]) => [code, purpose]),
    ),
  };
};
