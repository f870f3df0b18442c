/** A disclosure goes through all funds in steps; however they are cut short, told twice or begun again, the same statements stand. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { discloseFunds } from '../../functions/donations/disclose-funds.ts';
import { SECOND } from '../../functions/kernel/time.ts';
import { donationItems, foundationOf, reactionsOf, type DonationEvent, type Foundation, type Reactions } from '../support/foundation.ts';
import { LONG } from '../support/faults.ts';
import { openHouse, type Content, type House } from '../support/house.ts';

const FUNDS = 3;
const BOUNDS = { page: 2, funds: 2, lasts: 20 * SECOND };
const AT = '2027-01-01T01:00:00+08:00';

let house: House;
let foundation: Foundation;
let reactions: Reactions;
let before: Content;
let young: string;
beforeAll(async () => {
  house = await openHouse({ at: '2026-12-20T09:00:00+08:00' });
  foundation = foundationOf(house);
  reactions = await reactionsOf(house);
  for (let fund = 0; fund < FUNDS; fund++) await foundation.gift(await foundation.fund(), { amount: 1000 + fund });
  const spender = await foundation.fund();
  await foundation.gift(spender);
  await foundation.grant(spender, 700, undefined, { administrative: true });
  house.turnTo('2027-01-01T00:30:00+08:00');
  young = await foundation.fund();
  house.turnTo(AT);
  before = await house.content(['donations']);
});
afterAll(() => house.stop());
beforeEach(async () => {
  await house.restore(before, await house.content(['donations']));
  await reactions.skip();
});

const begin = (): Promise<unknown> => house.schedule('foundationDisclosure', AT);
const deliver = (event: DonationEvent): Promise<void> => discloseFunds(house.runtime, BOUNDS)(event as never);
const told = async (): Promise<readonly DonationEvent[]> =>
  (await reactions.events()).filter((event) => event['detail-type'].startsWith('disclosure.'));
/** Steps until nothing follows; answers with every event that there was. */
const goOn = async (): Promise<readonly DonationEvent[]> => {
  const all: DonationEvent[] = [];
  for (;;) {
    const events = await told();
    if (events.length === 0) return all;
    all.push(...events);
    for (const event of events) await deliver(event);
  }
};
/** What stands, to the letter, and how far it has come. */
const standing = async (): Promise<readonly string[]> =>
  donationItems(await house.content(['donations'])).flatMap(({ pk, sk, version: _version, requestId: _requestId, ...item }) =>
    sk.startsWith('STATEMENT#') || pk.startsWith('DISCLOSURE#') ? [JSON.stringify({ pk, sk, ...item })] : [],
  );
const wholly = async (): Promise<readonly string[]> => {
  await begin();
  await goOn();
  return (await standing()).toSorted();
};

test('every fund that there was in the quarter is in it, some in each step, and how far it is can be read', async () => {
  const logged = house.logs.length;
  await begin();
  const events = await goOn();
  expect(events.map((event) => event['detail-type'])).toEqual([
    'disclosure.begun',
    'disclosure.continued',
    'disclosure.continued',
    'disclosure.done',
  ]);
  const steps = house.logs.slice(logged).filter(({ code }) => code === 'disclosureStep');
  expect(steps.map(({ funds }) => funds)).toEqual([2, 4, 5]);
  // Of each the quarter and the year; of the one that was founded this morning neither.
  expect(steps.at(-1)).toMatchObject({ quarter: '2026-Q4', change: 'done', disclosed: 2 * (FUNDS + 1), flagged: 2 });
  const statements = donationItems(await house.content(['donations'])).filter(({ sk }) => sk.startsWith('STATEMENT#'));
  expect(statements).toHaveLength(2 * (FUNDS + 1));
  expect(statements.some(({ pk }) => pk === `FUND#${young}`)).toBe(false);
  const flagged = house.logs.slice(logged).filter(({ code }) => code === 'statementFlagged');
  expect(flagged.map(({ period, warnings }) => [period, warnings])).toEqual([
    ['2026-Q4', 1],
    ['2026', 1],
  ]);
});

test('told twice, late, or begun again, in the middle and at the end, it comes to the same', async () => {
  const whole = await wholly();
  await house.restore(before, await house.content(['donations']));
  await reactions.skip();
  await begin();
  const all: DonationEvent[] = [];
  for (let round = 0; ; round++) {
    const events = await told();
    if (events.length === 0) break;
    all.push(...events);
    for (const event of events) await Promise.all([deliver(event), deliver(event)]);
    for (const event of all) await deliver(event);
    if (round === 1) await begin();
  }
  expect((await standing()).toSorted()).toEqual(whole);
  house.turnTo('2027-01-09T09:00:00+08:00');
  for (const time of [AT, '2027-01-09T09:00:00+08:00'])
    expect(await house.schedule('foundationDisclosure', time)).toMatchObject({ change: 'done' });
  expect(await goOn()).toEqual([]);
  house.turnTo(AT);
  expect((await standing()).toSorted()).toEqual(whole);
});

test('dead before or after any call, and told or begun again, it goes on and comes to the same', async () => {
  const commands: string[] = [];
  house.faults.watch(({ command }) => void commands.push(command));
  const whole = await wholly();
  house.faults.watch(undefined);
  for (const [index, command] of commands.entries()) {
    for (const when of ['before', 'after'] as const) {
      const isWrite = /^(?:Put|Transact)/.test(command);
      if (!LONG && !(isWrite && when === 'before') && index !== commands.length - 1) continue;
      await house.restore(before, await house.content(['donations']));
      await reactions.skip();
      house.faults.crashAt(index + 1, when);
      const parked: DonationEvent[] = [];
      try {
        await begin();
        for (let events = await told(); events.length > 0; events = await told())
          for (const event of events) {
            parked.splice(0, parked.length, event);
            await deliver(event);
          }
      } catch {
        await house.faults.revive();
        // What was parked is played again, or the schedule is run again.
        if (index % 2 === 0 && parked.length > 0) for (const event of parked) await deliver(event);
        else await begin();
        await goOn();
      }
      await house.faults.revive();
      expect([`${when} ${index + 1}, ${command}`, (await standing()).toSorted()]).toEqual([expect.anything(), whole]);
    }
  }
}, 120_000);
