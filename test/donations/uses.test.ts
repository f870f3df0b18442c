/** What gifts were used for: first in, first out within a purpose, also after refunds and changes of purpose; against a model of a few lines. */
import * as fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { SECOND } from '../../functions/kernel/time.ts';
import { LONG, newSeed, seeded } from '../support/faults.ts';
import {
  donationItems,
  faultsOf,
  foundationOf,
  keeper,
  otherKeeper,
  PURPOSES,
  reactionsOf,
  type Foundation,
  type Reactions,
} from '../support/foundation.ts';
import { openHouse, type Content, type House } from '../support/house.ts';

const RUNS = LONG ? 25 : 3;
const STEPS = LONG ? 60 : 18;

let house: House;
let foundation: Foundation;
let reactions: Reactions;
let empty: Content;
beforeAll(async () => {
  house = await openHouse();
  foundation = foundationOf(house);
  reactions = await reactionsOf(house);
  empty = await house.content(['donations']);
});
afterAll(() => house.stop());
beforeEach(() => reactions.skip());

type Purpose = (typeof PURPOSES)[number];
/** Money that came in together; `grants` are those that used it, the last one last. */
interface Lot {
  readonly id: string;
  readonly isGift: boolean;
  purpose: Purpose;
  left: number;
  refundable: number;
  uses: { readonly grant: string; readonly purpose: Purpose; amount: number }[];
}

/** Lots in the order in which they came, and grants in the order in which they were paid: nothing else is needed to say who used what. */
class Model {
  readonly lots: Lot[] = [];
  /** What grants still lack, first paid first. */
  readonly lacking: { readonly grant: string; readonly purpose: Purpose; amount: number }[] = [];

  has(purpose: Purpose): number {
    const left = this.lots.reduce((sum, lot) => sum + (lot.purpose === purpose ? lot.left : 0), 0);
    return left - this.lacking.reduce((sum, each) => sum + (each.purpose === purpose ? each.amount : 0), 0);
  }
  follow(): void {
    for (const want of this.lacking)
      for (const lot of this.lots) {
        const part = lot.purpose === want.purpose ? Math.min(lot.left, want.amount) : 0;
        if (part === 0) continue;
        lot.left -= part;
        want.amount -= part;
        lot.uses.push({ grant: want.grant, purpose: want.purpose, amount: part });
      }
  }
  pay(grant: string, purpose: Purpose, amount: number): void {
    this.lacking.push({ grant, purpose, amount });
    this.follow();
  }
  /** Whether so much can go back, and then it does: what is unused first, then what was used last. */
  refund(lot: Lot, amount: number): boolean {
    const fromUses = Math.max(0, amount - lot.left);
    const usable = [];
    for (const use of lot.uses.toReversed()) {
      if (use.purpose !== lot.purpose) break;
      usable.push(use);
    }
    const isThere = amount <= lot.refundable && amount <= this.has(lot.purpose);
    if (!isThere || fromUses > usable.reduce((sum, use) => sum + use.amount, 0)) return false;
    lot.refundable -= amount;
    lot.left -= amount - fromUses;
    let rest = fromUses;
    for (const use of usable) {
      const part = Math.min(rest, use.amount);
      rest -= part;
      use.amount -= part;
      const waits = this.lacking.find(({ grant }) => grant === use.grant);
      if (waits !== undefined) waits.amount += part;
    }
    lot.uses = lot.uses.filter((use) => use.amount > 0);
    this.follow();
    return true;
  }
  usedBy(lot: Lot): Readonly<Record<string, number>> {
    const sums: Record<string, number> = {};
    for (const { grant, amount } of lot.uses) sums[grant] = (sums[grant] ?? 0) + amount;
    return sums;
  }
}

const purpose = fc.constantFrom(...PURPOSES);
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('give' as const), purpose, amount: fc.integer({ min: 1, max: 500 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('income' as const), purpose, amount: fc.integer({ min: 1, max: 500 }) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('grant' as const), purpose, amount: fc.integer({ min: 1, max: 600 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('refund' as const), which: fc.nat(), amount: fc.integer({ min: 1, max: 300 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('change' as const), which: fc.nat(), purpose }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** `shuffled`: events come at the end, in any order and some twice, and not each in its time. */
const play = async (steps: readonly Step[], shuffled?: () => number): Promise<void> => {
  const fund = await foundation.fund();
  const model = new Model();
  const codeOf = (code: Purpose): string | undefined => (code === 'general' ? undefined : code);
  const giftNumbered = (which: number): Lot | undefined => {
    const gifts = model.lots.filter(({ isGift }) => isGift);
    return gifts[which % gifts.length];
  };
  const take = async (each: Step): Promise<void> => {
    switch (each.kind) {
      case 'give':
      case 'income': {
        const isGift = each.kind === 'give';
        const { amount } = each;
        const id = isGift
          ? await foundation.gift(fund, { amount, purpose: codeOf(each.purpose) })
          : await foundation.income(fund, amount, codeOf(each.purpose));
        model.lots.push({ id, isGift, purpose: each.purpose, left: amount, refundable: amount, uses: [] });
        return model.follow();
      }
      case 'grant': {
        const grant = await foundation.propose(fund, each.amount, codeOf(each.purpose));
        await house.post(`/v1/grants/${grant}/approve`, otherKeeper);
        const { status } = await house.post(`/v1/grants/${grant}/pay`, keeper);
        const isThere = model.has(each.purpose) >= each.amount;
        expect([each, status]).toEqual([each, isThere ? 200 : 409]);
        return isThere ? model.pay(grant, each.purpose, each.amount) : undefined;
      }
      case 'refund': {
        const lot = giftNumbered(each.which);
        if (lot === undefined) return;
        const { status } = await house.post(`/v1/donations/${lot.id}/refunds`, keeper, { amount: each.amount, reason: '要求退回' });
        expect([each, status]).toEqual([each, model.refund(lot, each.amount) ? 201 : 409]);
        return;
      }
      case 'change': {
        const lot = giftNumbered(each.which);
        if (lot === undefined || lot.purpose === each.purpose) return;
        const body = { purpose: each.purpose, ground: 'similarPurpose', reason: '用于相近用途' };
        const { status } = await house.post(`/v1/donations/${lot.id}/purpose`, keeper, body);
        expect([each, status]).toEqual([each, lot.left > 0 ? 200 : 409]);
        if (lot.left > 0) lot.purpose = each.purpose;
        model.follow();
      }
    }
  };
  for (const each of steps) {
    await take(each);
    house.turn(SECOND);
    if (shuffled === undefined) await reactions.settle();
  }
  if (shuffled !== undefined) {
    const events = (await reactions.events()).flatMap((event) => (shuffled() < 0.2 ? [event, event] : [event]));
    const inAnyOrder = events.map((event) => [shuffled(), event] as const).toSorted(([one], [other]) => one - other);
    for (const [, event] of inAnyOrder) await reactions.deliver(event);
    await reactions.settle();
  }
  for (const lot of model.lots.filter(({ isGift }) => isGift)) {
    const { usedBy, unused } = await foundation.donation(lot.id);
    const said = Object.fromEntries(usedBy.map(({ grant, amount }: { grant: string; amount: number }) => [grant, amount]));
    expect([lot.id, said, unused]).toEqual([lot.id, model.usedBy(lot), lot.left]);
  }
  expect(await foundation.balances(fund)).toEqual(Object.fromEntries(PURPOSES.map((code) => [code, model.has(code)])));
  expect(faultsOf(donationItems(await house.content(['donations'])))).toEqual([]);
};

test('whatever is given, entered, paid out, given back and changed, each gift says what the model says that it was used for', async () => {
  await fc.assert(
    fc
      .asyncProperty(fc.array(step, { minLength: STEPS, maxLength: STEPS }), (steps) => play(steps))
      .afterEach(async () => house.restore(empty, await house.content(['donations']))),
    { seed: newSeed('uses'), numRuns: RUNS, endOnFailure: !LONG },
  );
}, 600_000);

test('in whatever order events come, each grant uses what came in first', async () => {
  const seed = newSeed('events of uses');
  const random = seeded(seed);
  const came = step.filter(({ kind }) => kind === 'give' || kind === 'income' || kind === 'grant');
  await fc.assert(
    fc
      .asyncProperty(fc.array(came, { minLength: STEPS, maxLength: STEPS }), (steps) => play(steps, random))
      .afterEach(async () => house.restore(empty, await house.content(['donations']))),
    { seed, numRuns: RUNS, endOnFailure: true },
  );
}, 600_000);

test.each([
  ['within a day', '2026-11-24T09:00:00+08:00'],
  ['across the turn of a year', '2026-12-31T23:59:58+08:00'],
])('a gift whose number comes last is still used before an income that came after it, %s', async (_, at) => {
  house.turnTo(at);
  const fund = await foundation.fund();
  const gift = await foundation.gift(fund, { amount: 400, purpose: 'elders' });
  house.turn(3 * SECOND);
  await foundation.income(fund, 1000, 'elders');
  house.turn(SECOND);
  const grant = await foundation.grant(fund, 300, 'elders');
  for (const event of (await reactions.events()).toReversed()) await reactions.deliver(event);
  expect((await foundation.donation(gift)).usedBy).toEqual([{ grant, amount: 300 }]);
  expect(faultsOf(donationItems(await house.content(['donations'])))).toEqual([]);
});

test('what waits behind a gift goes on where that gift gets another purpose before its number', async () => {
  const fund = await foundation.fund();
  const gift = await foundation.gift(fund, { amount: 400, purpose: 'elders' });
  house.turn(SECOND);
  const later = await foundation.gift(fund, { amount: 500, purpose: 'elders' });
  await foundation.gift(fund, { amount: 100, purpose: 'children' });
  house.turn(SECOND);
  const [elders, children] = [await foundation.grant(fund, 300, 'elders'), await foundation.grant(fund, 50, 'children')];
  await foundation.changePurpose(gift, 'children');
  for (const event of (await reactions.events()).toReversed()) await reactions.deliver(event);
  expect((await foundation.donation(later)).usedBy).toEqual([{ grant: elders, amount: 300 }]);
  expect((await foundation.donation(gift)).usedBy).toEqual([{ grant: children, amount: 50 }]);
});

test('a gift of one purpose is never used by a grant of another, nor by one without', async () => {
  const fund = await foundation.fund();
  await foundation.gift(fund, { purpose: 'elders' });
  await foundation.gift(fund, { purpose: 'children', amount: 5000 });
  for (const [code, amount] of [
    [undefined, 1],
    ['elders', 1001],
  ] as const) {
    const grant = await foundation.propose(fund, amount, code);
    await house.post(`/v1/grants/${grant}/approve`, otherKeeper);
    expect((await house.post(`/v1/grants/${grant}/pay`, keeper)).body.code).toBe('notEnoughMoney');
  }
  expect(await foundation.balances(fund)).toEqual({ general: 0, elders: 1000, children: 5000 });
});

test('a grant that used many gifts is followed back to each, in the order in which they came', async () => {
  const fund = await foundation.fund();
  const gifts: string[] = [];
  for (let index = 0; index < 50; index++) {
    gifts.push(await foundation.gift(fund, { amount: 10 }));
    house.turn(SECOND);
  }
  // One of them gives all their receipts.
  const received = (await reactions.events()).find((event) => event['detail-type'] === 'donation.received');
  if (received !== undefined) await reactions.deliver(received);
  const grants = [await foundation.grant(fund, 475)];
  house.turn(SECOND);
  grants.push(await foundation.grant(fund, 20));
  await reactions.settle();
  const uses = await Promise.all(gifts.map(async (id) => (await foundation.donation(id)).usedBy));
  const expected = gifts.map((_, index) => {
    if (index < 47) return [{ grant: grants[0], amount: 10 }];
    if (index === 47) return [5, 5].map((amount, which) => ({ grant: grants[which], amount }));
    return [{ grant: grants[1], amount: index === 48 ? 10 : 5 }];
  });
  expect(
    uses.map((each) =>
      each.toSorted((one: { grant: string }, other: { grant: string }) => grants.indexOf(one.grant) - grants.indexOf(other.grant)),
    ),
  ).toEqual(expected);
});
