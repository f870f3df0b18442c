/**
 * Many writers do at random what can be done with the money of a foundation, while processes die, answers are lost, notifications come twice
 * and in any order, and months turn. After every round the books are counted again.
 */
import { expect, onTestFinished, test, vi } from 'vitest';
import type { PaymentFact } from '../../functions/data/payments.ts';
import type { Fen } from '../../functions/kernel/money.ts';
import { DAY, HOUR } from '../../functions/kernel/time.ts';
import {
  booksIn,
  CHANNEL,
  donationItems,
  entriesOf,
  faultsOf,
  foundationOf,
  keeper,
  otherKeeper,
  playMerchant,
  PURPOSES,
  randomFrom,
  reactionsOf,
  receiptFaults,
  recounted,
  told,
  type DonationEvent,
} from '../support/foundation.ts';
import { LONG, newSeed, seeded } from '../support/faults.ts';
import { openHouse, type Answered, type StoredItem } from '../support/house.ts';

const OPERATIONS = LONG ? 10_000 : 500;
const WRITERS = 32;
/** A process dies at one of so many calls from when its writers begin; some rounds have fewer. */
const CALLS = 100;
/** So often in the long form: to count takes longer the more there is. */
const COUNT_EVERY = LONG ? 8 : 1;

vi.setConfig({ testTimeout: LONG ? 1_800_000 : 60_000 });

interface Gift {
  readonly id: string;
  readonly amount: number;
  readonly channel: string;
  /** Its payer goes to the bank for it, or for a part, and wins or loses. */
  readonly dispute: { readonly outcome: 'won' | 'lost'; readonly amount: number } | undefined;
}

/** One call, to be made again until it is answered: then it says what it has brought about. */
interface Step {
  readonly send: () => Promise<Answered | undefined>;
  readonly done?: (answer: Answered) => void;
}

test(`${OPERATIONS} operations by ${WRITERS} writers that die now and then: the books are right after every round, and each thing is posted once`, async () => {
  const seed = newSeed('the books');
  const random = seeded(seed);
  const merchant = playMerchant();
  const house = await openHouse({ at: '2026-10-28T09:00:00+08:00', payments: merchant.payments, random: randomFrom(seed + 1) });
  onTestFinished(() => house.stop());
  const below = (count: number): number => Math.floor(random() * count);
  const chance = (of: number): boolean => random() < of;
  const oneOf = <T>(all: readonly T[]): T | undefined => all[below(all.length)];
  const foundation = foundationOf(house);
  const reactions = await reactionsOf(house);
  const fund = await foundation.fund();

  const outcomes = new Map<string, 'succeeded' | 'failed'>();
  merchant.answers = ({ id }) => {
    const settled = outcomes.get(id);
    if (settled !== undefined) return settled;
    const answer = oneOf(['succeeded', 'succeeded', 'failed', 'open', 'unavailable', 'refused'] as const) ?? 'succeeded';
    if (answer === 'succeeded') outcomes.set(id, answer);
    if (answer === 'failed' || answer === 'refused') outcomes.set(id, 'failed');
    return answer;
  };

  const gifts: Gift[] = [];
  /** Those that have not come in, so far as a writer knows; most go for these. */
  const awaited: Gift[] = [];
  const arrived: Gift[] = [];
  const grants: string[] = [];
  const approved: string[] = [];
  const incomes: string[] = [];
  const events: DonationEvent[] = [];
  /** What was answered as done, or told and taken: each is one journal. */
  const expected = new Set<string>();
  /** Refunds that a provider has told of, and those that became otherwise afterwards. */
  const toldOf = new Set<string>();
  const reversals = new Set<string>();
  const disputes = new Map<string, 'won' | 'lost' | 'opened'>();
  let count = 0;
  let faulty = 0;

  const posting = (path: string, as: typeof keeper, body: unknown, done?: Step['done']): Step => {
    const key = `${seed}-${++count}`;
    return { send: () => house.post(path, as, body, { key }), ...(done === undefined ? {} : { done }) };
  };
  const telling = (fact: PaymentFact, done?: (taken: boolean) => void): Step => {
    const sent = told(fact, house.now());
    return {
      send: () => house.call('POST', `/v1/payments/${CHANNEL}/notifications`, sent),
      done: ({ status }) => done?.(status === 200),
    };
  };
  const purpose = (): string | undefined => oneOf([undefined, 'elders', 'children']);

  const give = (): Step => {
    const channel = chance(0.5) ? CHANNEL : 'cash';
    const amount = 100 + below(900);
    const outcome = channel === CHANNEL && chance(0.4) ? oneOf(['won', 'lost', 'lost'] as const) : undefined;
    const dispute = outcome === undefined ? undefined : { outcome, amount: chance(0.5) ? amount : 1 + below(amount) };
    return posting(
      '/v1/donations',
      keeper,
      { fund, amount, purpose: purpose(), donor: { anonymous: true }, channel },
      ({ status, body }) => {
        expect(status).toBe(201);
        gifts.push({ id: body.id, amount, channel, dispute });
        awaited.push({ id: body.id, amount, channel, dispute });
      },
    );
  };
  const arrive = (): Step | undefined => {
    const gift = chance(0.8) && awaited.length > 0 ? awaited.splice(below(awaited.length), 1)[0] : oneOf(gifts);
    if (gift === undefined) return undefined;
    const { id, amount, channel } = gift;
    const isNew = !expected.has(`donation ${id}`);
    if (channel === 'cash')
      return posting(`/v1/donations/${id}/confirm`, keeper, {}, ({ status }) => {
        expect(status).toBe(200);
        expected.add(`donation ${id}`);
        if (isNew) arrived.push(gift);
      });
    if (chance(0.05)) return telling(foundation.paid(id, amount + 1), (taken) => expect(taken).toBe(false));
    const transaction = chance(0.15) ? `second-${id}` : `first-${id}`;
    return telling(foundation.paid(id, amount, transaction), (taken) => {
      expect(taken).toBe(true);
      if (isNew) arrived.push(gift);
      const isFirst = !expected.has(`donation ${id}`);
      expected.add(`donation ${id}`);
      transactions.set(id, (transactions.get(id) ?? new Set()).add(transaction));
      if (!isFirst && transactions.get(id)?.size === 2) expected.add(`doublePayment ${id}`);
    });
  };
  const transactions = new Map<string, Set<string>>();
  const refund = (): Step | undefined => {
    const gift = oneOf(chance(0.9) ? arrived : gifts);
    if (gift === undefined) return undefined;
    const amount = chance(0.3) ? gift.amount : 1 + below(gift.amount + 20);
    return posting(`/v1/donations/${gift.id}/refunds`, keeper, { amount, reason: '要求退回' }, ({ status, body }) => {
      expect([status, body.code]).toEqual(status === 201 ? [201, undefined] : [409, body.code]);
      if (status === 201) expected.add(`refund ${body.id}`);
    });
  };
  const change = (): Step | undefined => {
    const gift = oneOf(chance(0.9) ? arrived : gifts);
    const body = { purpose: purpose() ?? 'general', ground: 'similarPurpose', reason: '用于相近用途' };
    return gift === undefined ? undefined : posting(`/v1/donations/${gift.id}/purpose`, keeper, body);
  };
  const enter = (): Step =>
    posting(
      `/v1/funds/${fund}/income`,
      keeper,
      { source: 'collective', amount: 100 + below(900), purpose: purpose(), reference: '集体收益' },
      ({ body }) => incomes.push(body.id),
    );
  const admit = (): Step | undefined => {
    const id = oneOf(incomes.slice(-4));
    if (id === undefined) return undefined;
    return posting(`/v1/funds/${fund}/income/${id}/approve`, otherKeeper, {}, ({ status }) => {
      if (status === 200) expected.add(`income ${id}`);
    });
  };
  const propose = (): Step => {
    const body = { fund, amount: 1 + below(1000), purpose: purpose(), reason: '补贴', administrative: chance(0.1) };
    return posting('/v1/grants', keeper, { ...body, recipient: { kind: 'organisation', name: '服务中心' } }, (answer) => {
      expect(answer.status).toBe(201);
      grants.push(answer.body.id);
    });
  };
  const decide = (): Step | undefined => {
    if (chance(0.5)) {
      const proposed = oneOf(grants.slice(-8));
      if (proposed === undefined) return undefined;
      return posting(`/v1/grants/${proposed}/approve`, otherKeeper, {}, ({ status }) => void (status === 200 && approved.push(proposed)));
    }
    const id = oneOf(approved.slice(-8));
    if (id === undefined) return undefined;
    return posting(`/v1/grants/${id}/pay`, keeper, {}, ({ status }) => {
      if (status === 200) expected.add(`grant ${id}`);
    });
  };
  const dispute = (): Step | undefined => {
    const gift = oneOf((chance(0.9) ? arrived : gifts).filter((each) => each.dispute !== undefined));
    if (gift?.dispute === undefined) return undefined;
    const outcome = chance(0.5) ? 'opened' : gift.dispute.outcome;
    const fact = { kind: 'disputed', order: gift.id, dispute: `d-${gift.id}`, amount: gift.dispute.amount as Fen, outcome } as const;
    // More than there was is none.
    if (chance(0.05)) return telling({ ...fact, amount: (gift.amount + 1) as Fen }, (taken) => expect(taken).toBe(false));
    return telling(fact, (taken) => {
      if (!taken) return;
      expected.add(`disputeOpened ${gift.id}`);
      if (outcome !== 'opened' || !disputes.has(gift.id)) disputes.set(gift.id, outcome);
      if (outcome === 'won') expected.add(`disputeWon ${gift.id}`);
    });
  };
  const tellOfRefund = (): Step | undefined => {
    const sent = oneOf(merchant.refunds);
    const outcome = outcomes.get(sent?.id ?? '');
    if (sent === undefined || outcome === undefined) return undefined;
    const { id: refund, order, amount } = sent;
    const fact = { kind: 'refunded', order, refund, amount } as const;
    const other = outcome === 'failed' ? 'succeeded' : 'failed';
    // What was told once may have become otherwise since; and an old message may come again when it has.
    if (reversals.has(refund) && chance(0.3)) return telling({ ...fact, outcome: other });
    if (!toldOf.has(refund) || chance(0.5)) return telling({ ...fact, outcome }, (taken) => void (taken && toldOf.add(refund)));
    outcomes.set(refund, other);
    return telling({ ...fact, outcome: other }, (taken) => void (taken && reversals.add(refund)));
  };
  /** At least once, in any order: what fails comes again. */
  const react = (): Step | undefined => {
    const [event] = events.splice(below(events.length), 1);
    if (event === undefined) return undefined;
    if (chance(0.2)) events.push(event);
    return { send: () => reactions.deliver(event).then(() => undefined) };
  };
  const settle = (): Step => ({
    async send() {
      // Old moments are replayed, too, and a quarter is frozen while all this goes on.
      const at = new Date(house.now() - (chance(0.3) ? below(9 * DAY) : 0)).toISOString();
      await house.schedule(oneOf(['paymentSettlement', 'paymentSettlement', 'paymentReconciliation']) ?? '', at);
      if (chance(0.5)) await house.schedule('foundationDisclosure', new Date(house.now()).toISOString());
      return undefined;
    },
  });
  const widen = (): Step => posting(`/v1/funds/${fund}/accounts`, keeper, { accounts: oneOf([1, 2, 4]) });
  const look = (): Step => ({
    async send() {
      const [found, entries] = [await house.get(`/v1/funds/${fund}`), await house.get(`/v1/funds/${fund}/entries?limit=50&all=true`)];
      if (found.status === 200) {
        const { available, byPurpose } = found.body.balance;
        expect(Object.values<number>(byPurpose).filter((balance) => balance < 0)).toEqual([]);
        expect(available).toBe(Object.values<number>(byPurpose).reduce((sum, balance) => sum + balance, 0));
      }
      for (const { id, postings } of entries.body?.items ?? [])
        expect([id, postings.reduce((sum: number, { amount }: { amount: number }) => sum + amount, 0)]).toEqual([id, 0]);
      return undefined;
    },
  });

  const WEIGHTS: readonly (readonly [weight: number, make: () => Step | undefined])[] = [
    [14, give],
    [16, arrive],
    [9, refund],
    [6, change],
    [3, enter],
    [4, admit],
    [6, propose],
    [10, decide],
    [8, dispute],
    [8, tellOfRefund],
    [16, react],
    [1, settle],
    [1, widen],
    [4, look],
  ];
  const ALL = WEIGHTS.reduce((sum, [weight]) => sum + weight, 0);
  const step = (): Step => {
    let drawn = below(ALL);
    for (const [weight, make] of WEIGHTS) {
      drawn -= weight;
      if (drawn < 0) return make() ?? give();
    }
    return give();
  };

  /** Makes all the calls at once; whoever has no answer when the process has died, or is told to come later, asks again. */
  const run = async (steps: readonly Step[], crashes: number): Promise<void> => {
    let left = steps;
    for (let attempt = 0; left.length > 0; attempt++) {
      if (attempt < crashes) house.faults.crashAt(1 + below(CALLS), oneOf(['before', 'after']) ?? 'after');
      const again: Step[] = [];
      await Promise.all(
        left.map(async (each) => {
          const answer = await each.send().catch((error: unknown) => {
            if (house.faults.hasCrashed() || (error as Error).name === 'Busy' || attempt < crashes) return 'died' as const;
            throw error;
          });
          if (answer === 'died' || (answer?.status ?? 200) >= 500) again.push(each);
          else if (answer !== undefined) each.done?.(answer);
        }),
      );
      if (house.faults.hasCrashed()) faulty++;
      await house.faults.revive();
      left = again;
      if (attempt > 20) throw new Error(`${left.length} calls are never answered`);
    }
  };

  const KINDS = /^(?:donation|refund|grant|income|doublePayment|disputeOpened|disputeWon)$/;
  const check = async (): Promise<readonly StoredItem[]> => {
    const items = donationItems(await house.content(['donations']));
    expect(faultsOf(items)).toEqual([]);
    expect(receiptFaults(items)).toEqual([]);
    const posted = booksIn(items)
      .journals.filter(({ kind }) => KINDS.test(kind))
      .map(({ kind, donation, refund: id, grant, income }) =>
        kind === 'refund' ? `refund ${id}` : `${kind} ${kind === 'grant' ? grant : kind === 'income' ? income : donation}`,
      )
      // What had failed and went after all is reserved once more, of each purpose that bears it: as is owed, which is recounted.
      .filter((each, index, all) => !each.startsWith('refund ') || all.indexOf(each) === index);
    // Nothing twice, nothing that nobody was told of, and nothing less.
    expect(posted.toSorted()).toEqual([...expected].toSorted());
    return items;
  };

  const weather = seeded(seed + 2);
  for (let round = 0, made = 0; made < OPERATIONS; round++, made += WRITERS) {
    const steps = Array.from({ length: Math.min(WRITERS, OPERATIONS - made) }, step);
    house.faults.weather({ throttled: 0.01, conflicted: 0.04, answerLost: 0.02 }, weather);
    await run(steps, round % 2 === 0 ? 2 : 0);
    house.faults.weather({}, weather);
    events.push(...(await reactions.events()));
    if (round % COUNT_EVERY === 0) await check();
    house.turn(below(LONG ? 6 * HOUR : 8 * DAY));
  }
  expect(faulty).toBeGreaterThan(OPERATIONS / WRITERS / 8);

  // When everything has been delivered, and there is money enough for what is owed, nothing is left to do.
  for (const code of PURPOSES) await foundation.income(fund, 1_000_000, code === 'general' ? undefined : code);
  for (const { id, ground } of booksIn(donationItems(await house.content(['donations']))).refunds)
    if (ground === 'paidTwice') outcomes.set(id, 'succeeded');
  merchant.answers = ({ id }) => outcomes.get(id) ?? 'succeeded';
  for (const event of events) await reactions.deliver(event);
  for (let day = 0; day < 3; day++) {
    await reactions.settle();
    house.turn(DAY);
    await house.schedule('paymentSettlement');
  }
  await reactions.settle();
  const items = donationItems(await house.content(['donations']));
  expect([...faultsOf(items), ...receiptFaults(items)]).toEqual([]);
  const books = booksIn(items);
  // What a payer has had twice, nobody here bears.
  const isGone = (id: string): boolean =>
    books.donations.some((gift) => gift.id === id && gift.refunded + gift.reserved + (gift.lost ?? 0) === gift.amount);
  const open = books.refunds.filter(({ status, owed }) => status === 'pending' || owed !== undefined);
  expect(open.filter(({ owed, donation }) => owed === undefined || !isGone(donation))).toEqual([]);
  // Whatever was told in between, it ends as its provider says.
  for (const { id, status, ground } of books.refunds)
    if (ground !== 'disputeLost' && outcomes.has(id)) expect([id, ground, status]).toEqual([id, ground, outcomes.get(id)]);
  expect(books.donations.filter(({ receivedAt, receiptNumber }) => receivedAt !== undefined && receiptNumber === undefined)).toEqual([]);
  expect(books.traces.filter(({ untraced }) => untraced > 0)).toEqual([]);
  for (const { id, dispute: of } of gifts) {
    const all = books.journals.filter(({ kind, donation }) => kind === 'disputeLost' && donation === id);
    const lost = all.reduce((sum, { amount }) => sum + amount, 0);
    const owed = open.reduce((sum, each) => sum + (each.ground === 'disputeLost' && each.donation === id ? each.owed : 0), 0);
    expect([id, lost + owed]).toEqual([id, disputes.get(id) === 'lost' ? of?.amount : 0]);
  }
  // What anybody can count from the entries is what the statements say, of months that are over and of this one.
  const entries = await entriesOf(house, fund);
  const periods = new Set(entries.flatMap(({ at }) => [at.slice(0, 4), `${at.slice(0, 4)}-Q${Math.ceil(Number(at.slice(5, 7)) / 3)}`]));
  for (const period of periods) {
    const { status, body } = await house.get(`/v1/funds/${fund}/statements/${period}`);
    if (status === 200) expect([period, body]).toEqual([period, expect.objectContaining(recounted(entries, period))]);
  }
  // What one quarter closes with, the next opens with.
  const quarters = await Promise.all(
    [...periods]
      .filter((period) => period.includes('-'))
      .toSorted()
      .map((period) => house.get(`/v1/funds/${fund}/statements/${period}`)),
  );
  const sums = quarters.filter(({ status }) => status === 200).map(({ body }) => body);
  expect(sums.slice(1).map(({ opening }) => opening)).toEqual(sums.slice(0, -1).map(({ closing }) => closing));
  const kinds = Map.groupBy(books.journals, ({ kind }) => kind);
  process.stdout.write(`the books: ${[...kinds].map(([kind, all]) => `${kind} ${all.length}`).join(', ')}; ${faulty} crashes\n`);
  // A run that never did something would show nothing of it.
  expect(['donation', 'income', 'grant', 'refund'].filter((kind) => !kinds.has(kind))).toEqual([]);
});
