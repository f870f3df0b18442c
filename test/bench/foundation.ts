/** Gifts that come in at once, on one account and on more: for `npm run bench`, and by itself: `node test/bench/foundation.ts`. */
import { TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { documentClient } from '../../functions/data/database.ts';
import { donationsTable } from '../../functions/donations/table.ts';
import { foundationOf, keeper } from '../support/foundation.ts';
import { openHouse, type House } from '../support/house.ts';
import { aligned } from './report.ts';

const ACCOUNTS = [1, 4, 16];
const ROUNDS = 5;
const GIFTS = 128;
const AT_ONCE = 32;
/** What one partition takes in a second, what an account's item below 1 KB takes of it in a transaction, and an entry that comes and goes. */
const PARTITION_WRU = 1000;
const ACCOUNT_WRU = 2;
const QUEUE_WRU = 2;

export interface Gifts {
  readonly accounts: number;
  /** A second, by the clock; the median of the rounds. */
  readonly perSecond: number;
  /** To the baseline's transactions of the same round. */
  readonly ratio: number;
}

const median = (numbers: readonly number[]): number => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;

/** How many a second: so many of them are under way at once. */
const rateOf = async (work: readonly (() => Promise<unknown>)[]): Promise<number> => {
  const started = performance.now();
  let next = 0;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let each = work[next++]; each !== undefined; each = work[next++]) await each();
    }),
  );
  return (work.length * 1000) / (performance.now() - started);
};

/** A transaction of the same size through lib-dynamodb alone: a journal and an item that is put, and an account of its own to add to. */
const baseline = (house: House): readonly (() => Promise<unknown>)[] => {
  const client = documentClient(house.client);
  const TableName = house.physicalName(donationsTable.name);
  const text = 'x'.repeat(500);
  return Array.from({ length: GIFTS }, (_, index) => async () => {
    const key = (name: string) => ({ pk: `BENCH#${name}#${index}`, sk: 'BENCH' });
    await client.send(
      new TransactWriteCommand({
        TransactItems: [
          { Put: { TableName, Item: { ...key('gift'), reportText: text } } },
          { Put: { TableName, Item: { ...key('journal'), reportText: text } } },
          {
            Update: {
              TableName,
              Key: key('account'),
              UpdateExpression: 'ADD balance :amount',
              ExpressionAttributeValues: { ':amount': 1 },
            },
          },
        ],
      }),
    );
  });
};

export const measureFoundation = async (): Promise<readonly Gifts[]> => {
  const house = await openHouse();
  try {
    const foundation = foundationOf(house);
    const confirming = async (accounts: number): Promise<number> => {
      const fund = await foundation.fund(accounts);
      const ids: string[] = [];
      await rateOf(Array.from({ length: GIFTS }, () => async () => ids.push((await foundation.promise(fund, { amount: 100 })).id)));
      const rate = await rateOf(
        ids.map((id) => async () => {
          const { status, text } = await house.post(`/v1/donations/${id}/confirm`, keeper);
          if (status !== 200) throw new Error(`a gift does not come in: ${text}`);
        }),
      );
      const { balance } = (await house.get(`/v1/funds/${fund}`)).body;
      if (balance.available !== GIFTS * 100) throw new Error(`of ${GIFTS} gifts ${balance.available / 100} are counted`);
      return rate;
    };
    const measured = new Map<number, { readonly rate: number; readonly ratio: number }[]>(ACCOUNTS.map((accounts) => [accounts, []]));
    // The first round warms up.
    for (let round = 0; round <= ROUNDS; round++) {
      for (const accounts of ACCOUNTS) {
        const base = await rateOf(baseline(house));
        const rate = await confirming(accounts);
        if (round > 0) measured.get(accounts)?.push({ rate, ratio: rate / base });
      }
    }
    return [...measured].map(([accounts, rounds]) => ({
      accounts,
      perSecond: median(rounds.map(({ rate }) => rate)),
      ratio: median(rounds.map(({ ratio }) => ratio)),
    }));
  } finally {
    await house.stop();
  }
};

export const foundationSection = (measured: readonly Gifts[]): string => `## Gifts at once

${AT_ONCE} confirmations under way at once, handlers and local engine on this machine; the baseline is a transaction of three items of their own through
\`lib-dynamodb\`, as many at once. The engine writes one transaction after the other, so that accounts make no difference here.

${aligned([
  ['accounts', 'gifts a second, by the clock', 'to the baseline', 'on DynamoDB at most, by arithmetic'],
  ...measured.map(({ accounts, perSecond, ratio }) => [
    String(accounts),
    perSecond.toFixed(0),
    `${ratio.toFixed(2)} ×`,
    `${((PARTITION_WRU / ACCOUNT_WRU) * accounts).toLocaleString('en-US')} a second`,
  ]),
]).join('\n')}

An account is one partition key, which takes ${PARTITION_WRU} WRU a second; an item below 1 KB takes ${ACCOUNT_WRU} in a transaction. So one account takes ${PARTITION_WRU / ACCOUNT_WRU} gifts
a second at most, less by what collides and is tried again, and N accounts N times so many. A fund's queue of gifts that wait for a receipt is one key of an
index, whatever N: an entry comes and goes, ${QUEUE_WRU} WRU, so that beyond ${PARTITION_WRU / QUEUE_WRU} gifts a second for long, and ${PARTITION_WRU} for a short while, that is what holds a fund up.
`;

if (import.meta.main) process.stdout.write(`${foundationSection(await measureFoundation())}\n`);
