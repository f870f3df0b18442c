/**
 * A red alert for everybody in a city of one county: how fast it is planned, and what that and its delivery cost. For `npm run bench`, and by itself:
 * `node test/bench/fan-out.ts`; with LINLI_LONG=1 a million subscribers, too.
 */
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { BatchWriteItemCommand, DynamoDBClient, type AttributeValue, type WriteRequest } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { AlertMessage } from '../../functions/alerts/alert.ts';
import { alertsTable } from '../../functions/alerts/table.ts';
import { deliver } from '../../functions/notifications/delivery/deliver.ts';
import type { Piece } from '../../functions/notifications/delivery/piece.ts';
import { planAlert } from '../../functions/notifications/plan-alert.ts';
import { deliverRedAlert } from '../../functions/notifications/reactions.ts';
import { wholeReach } from '../../functions/alerts/acknowledgements/reach.ts';
import { reachOf } from '../../functions/notifications/reader.ts';
import { listOf, subscribersOf } from '../../functions/notifications/subscriber.ts';
import { notificationsTable } from '../../functions/notifications/table.ts';
import { walkSubscribers } from '../../functions/notifications/walk-subscribers.ts';
import { anAlert, aPerson, division } from '../support/alerting.ts';
import { openHouse, type House } from '../support/house.ts';
import { SIGNER } from '../support/signer.ts';
import { aligned } from './report.ts';

const SIZES = [10_000, 100_000, ...(process.env['LINLI_LONG'] === '1' ? [1_000_000] : [])];
const COUNTY = '510104';
const STREETS = 16;
/** Of each street. */
const COMMUNITIES = 10;
const PUTS = 25;
const WRITERS = 16;
const ROUNDS = 3;
const MILLION = 1_000_000;
/** Batches that are delivered to say what that costs. */
const DELIVERED = 200;
const MEMORY = '/dev/shm';
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

export interface FanOut {
  readonly subscribers: number;
  readonly pieces: number;
  readonly batches: number;
  /** Recipients a second of our own processor time, and by the clock, the engine's included. */
  readonly perCoreSecond: number;
  readonly perSecond: number;
  readonly planned: { readonly read: number; readonly write: number };
  readonly handed: { readonly read: number; readonly write: number };
  readonly bytes: number;
}

const keyOf = (number: number): string => {
  let [text, rest] = ['', number * 2_654_435_761 + 7];
  for (let place = 0; place < 16; place++) {
    text += ALPHABET.charAt(rest % 32);
    rest = Math.floor(rest / 32) + (place * 11 + number) * 97;
  }
  return text;
};

const communityOf = (number: number): string => {
  const place = number % (STREETS * COMMUNITIES);
  return `${COUNTY}${String(1 + Math.floor(place / COMMUNITIES)).padStart(3, '0')}${String(1 + (place % COMMUNITIES)).padStart(3, '0')}`;
};

/** Straight into the engine, around the repository: a million takes minutes. */
const furnish = async (house: House, client: DynamoDBClient, from: number, to: number): Promise<number> => {
  let [next, bytes] = [from, 0];
  const TableName = house.physicalName(notificationsTable.name);
  const requestOf = (number: number): readonly WriteRequest[] => {
    const community = communityOf(number);
    const person = aPerson({ key: keyOf(number), home: community, subscriptions: [[community, 'yellow']], channels: ['sms'] });
    return subscribersOf(person).map((entry): WriteRequest => {
      const Item: Record<string, AttributeValue> = marshall({
        ...entry,
        pk: `SUBSCRIBERS#${listOf(entry.division, entry.person)}`,
        sk: `${entry.division}#${entry.person}`,
      });
      bytes += JSON.stringify(Item).length;
      return { PutRequest: { Item } };
    });
  };
  await Promise.all(
    Array.from({ length: WRITERS }, async () => {
      while (next < to) {
        const first = next;
        next += PUTS;
        const requests = Array.from({ length: Math.min(PUTS, to - first) }, (_, index) => requestOf(first + index)).flat();
        await client.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: requests } }));
      }
    }),
  );
  return bytes;
};

/** Adds up what every call consumes. */
const metered = (client: DynamoDBClient) => {
  const used = { read: 0, write: 0 };
  const READS = /^(?:Get|Query|BatchGet)/;
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const result = await next({ ...args, input: { ...args.input, ReturnConsumedCapacity: 'TOTAL' } });
      const consumed = [Reflect.get(result.output, 'ConsumedCapacity') ?? []].flat() as readonly { CapacityUnits?: number }[];
      for (const { CapacityUnits: units = 0 } of consumed) used[READS.test(String(context['commandName'])) ? 'read' : 'write'] += units;
      return result;
    },
    { step: 'serialize', priority: 'high', name: 'consumed' },
  );
  return used;
};

const eventOf = (item: object): never => ({ detail: { data: { item } } }) as never;

const issue = async (house: House, id: string): Promise<AlertMessage> => {
  const alert = anAlert(house, { id, cover: [division(COUNTY)] });
  const stored = { ...alert, pk: `ALERT#${id}`, sk: 'ALERT', version: 1 };
  await house.runtime.database.write([{ table: alertsTable, put: stored }]);
  return alert;
};

/** The pieces of a plan, which is all that it writes by itself. */
const piecesOf = (id: string): readonly Pick<Piece, 'alert' | 'piece'>[] =>
  ['51', '5101', COUNTY].flatMap((region) => [0, 1, 2, 3].map((index) => ({ alert: id, piece: `${region}.${index}` })));

const median = (numbers: readonly number[]): number => numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? 0;

export const measureFanOut = async (told: (what: string) => void = () => undefined): Promise<readonly FanOut[]> => {
  // In memory where there is a folder for that: a disk would be what is measured.
  const house = await openHouse({ within: existsSync(MEMORY) ? MEMORY : tmpdir() });
  const filling = new DynamoDBClient({
    region: 'local',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    signer: SIGNER,
    endpoint: async () => (await house.client.config.endpoint?.()) ?? { protocol: 'http:', hostname: '127.0.0.1', path: '/' },
  });
  try {
    const used = metered(house.client);
    const measured: FanOut[] = [];
    let there = 0;
    let bytes = 0;
    for (const size of SIZES) {
      told(`${size} subscribers`);
      bytes += await furnish(house, filling, there, size);
      there = size;
      const cpu: number[] = [];
      const clock: number[] = [];
      let planned = { read: 0, write: 0 };
      let id = '';
      const rounds = size > 100_000 ? 1 : ROUNDS;
      // The first round warms up.
      for (let round = size === SIZES[0] ? -1 : 0; round < rounds; round++) {
        id = `BENCH${size}R${round + 1}`;
        const { id: alert } = await issue(house, id);
        const [before, began, usage] = [{ ...used }, performance.now(), process.cpuUsage()];
        await planAlert(house.runtime)(eventOf({ id: alert }));
        const walk = walkSubscribers(house.runtime);
        for (const piece of piecesOf(id)) await walk(eventOf(piece));
        const spent = process.cpuUsage(usage);
        if (round < 0) continue;
        cpu.push(size / ((spent.user + spent.system) / 1e6));
        clock.push(size / ((performance.now() - began) / 1000));
        planned = { read: used.read - before.read, write: used.write - before.write };
      }
      told(`delivery to some of ${size}`);
      const { targeted } = wholeReach(await reachOf(house.runtime.database, id));
      if (targeted !== size) throw new Error(`${targeted} of ${size} are planned`);
      const delivering = deliver(house.runtime, deliverRedAlert, {
        carry: () => Promise.resolve({ kind: 'delivered' }),
      });
      const pieces = piecesOf(id);
      let [delivered, batches] = [0, 0];
      const before = { ...used };
      for (const { alert, piece } of pieces) {
        const item = await house.runtime.database.read<Piece & { pk: string; sk: string }>(notificationsTable, {
          pk: `PIECE#${alert}#${piece}`,
          sk: 'PIECE',
        });
        batches += item?.batches ?? 0;
        for (let number = 0; number < Math.min(item?.batches ?? 0, DELIVERED / 4); number++, delivered++)
          await delivering(eventOf({ batch: `${alert}:${piece}:${number}` }));
      }
      const handed = wholeReach(await reachOf(house.runtime.database, id)).handed;
      measured.push({
        subscribers: size,
        pieces: pieces.length,
        batches,
        perCoreSecond: median(cpu),
        perSecond: median(clock),
        planned: { read: (planned.read * MILLION) / size, write: (planned.write * MILLION) / size },
        handed: { read: ((used.read - before.read) * MILLION) / handed, write: ((used.write - before.write) * MILLION) / handed },
        bytes: bytes / size,
      });
    }
    return measured;
  } finally {
    filling.destroy();
    await house.stop();
  }
};

const thousands = (number: number): string => Math.round(number).toLocaleString('en-US');

/** Recipients a second of one core: asked for, and where it would have to be looked into. */
const GOAL = 20_000;
const STOP = 5000;
const CITY = 20_000_000;

const verdict = (rate: number): string => (rate >= GOAL ? 'met' : rate >= STOP ? 'below the goal' : '**below the stop**');

export const fanOutSection = (measured: readonly FanOut[]): string => {
  const [first, last] = [measured[0], measured.at(-1)];
  if (first === undefined || last === undefined) return '';
  const slope =
    Math.log(last.subscribers / last.perCoreSecond / (first.subscribers / first.perCoreSecond)) /
    Math.log(last.subscribers / first.subscribers);
  return `## Alerts to many

A red alert for a county of ${STREETS * COMMUNITIES} communities, whose subscribers have one subscription and one channel each: ${Math.round(last.bytes)} bytes of JSON an entry. Planned means cut
into batches that the bus is told of, by one function after the other. Goal: at least ${thousands(GOAL)} recipients a second of one core; stop at ${thousands(STOP)}. By the clock the
engine's share is included, which reads pages more slowly than DynamoDB does, and whatever else the machine did.

${aligned([
  [
    'subscribers',
    'batches',
    'planned a second of one core',
    '',
    'a second by the clock',
    'RRU a million planned',
    'WRU',
    'RRU a million handed',
    'WRU',
  ],
  ...measured.map((each) => [
    thousands(each.subscribers),
    thousands(each.batches),
    thousands(each.perCoreSecond),
    verdict(each.perCoreSecond),
    thousands(each.perSecond),
    thousands(each.planned.read),
    thousands(each.planned.write),
    thousands(each.handed.read),
    thousands(each.handed.write),
  ]),
]).join('\n')}

Processor time grows with the power ${slope.toFixed(2)} of the number of recipients. At ${thousands(last.perCoreSecond)} a second a million recipients are handed to delivery in ${(MILLION / last.perCoreSecond).toFixed(0)} s of one
core (goal: 60 s), in ${thousands(MILLION / last.perSecond)} s by the clock here, one piece after the other; ${thousands(CITY)} are ${thousands(CITY / last.perCoreSecond)} s of one core,
spread over the pieces of the plan: \`docs/alerts.md\` has that arithmetic. Handed means that a carrier took every letter at once, one a recipient.
`;
};

if (import.meta.main) process.stdout.write(`${fanOutSection(await measureFanOut((what) => process.stderr.write(`${what}\n`)))}\n`);
