/** An alert on its way: subscribers, the reactions that plan and deliver it fed by their table's stream, and a carrier that does as it is told. */
import type { AlertMessage } from '../../functions/alerts/alert.ts';
import { wholeReach } from '../../functions/alerts/acknowledgements/reach.ts';
import { alertsTable } from '../../functions/alerts/table.ts';
import type { CloudEvent } from '../../functions/data/reaction.ts';
import type { Colour } from '../../functions/kernel/colour.ts';
import type { DivisionCode } from '../../functions/kernel/division.ts';
import { newId } from '../../functions/kernel/id.ts';
import { HOUR, plus, toEpochSeconds, toInstant, type EpochMs, type Instant } from '../../functions/kernel/time.ts';
import type { Fate, Letter } from '../../functions/notifications/channels/carrier.ts';
import type { ChannelKind } from '../../functions/notifications/channels/channel.ts';
import { chunkTold, newBatch, walkEnded, type Batch, type Outcome } from '../../functions/notifications/delivery/batch.ts';
import { deliver, type Ways } from '../../functions/notifications/delivery/deliver.ts';
import { piecesOf } from '../../functions/notifications/delivery/piece.ts';
import { deliveryRepository } from '../../functions/notifications/delivery/repository.ts';
import { gatewayKeys } from '../../functions/notifications/messenger.ts';
import type { Person } from '../../functions/notifications/person.ts';
import { planAlert } from '../../functions/notifications/plan-alert.ts';
import { deliverAlert, deliverRedAlert } from '../../functions/notifications/reactions.ts';
import { reachOf } from '../../functions/notifications/reader.ts';
import { notificationsRelay } from '../../functions/notifications/relay.ts';
import { peopleRepository } from '../../functions/notifications/repository.ts';
import { signedHeaders } from '../../functions/notifications/standard-webhooks.ts';
import { listOf } from '../../functions/notifications/subscriber.ts';
import { walkSubscribers } from '../../functions/notifications/walk-subscribers.ts';
import type { House } from './house.ts';
import { eventsOf, keepingBus, listenToStream } from './listener.ts';
import { SHUIJINGFANG } from './people.ts';

export const division = (code: string): DivisionCode => code as DivisionCode;

/** A red alert for one community, issued at nine in the morning and valid for six hours. */
export const anAlert = (house: Pick<House, 'now'>, more: Partial<AlertMessage> = {}): AlertMessage => ({
  id: 'ALERT0000000000000000000001',
  state: 'issued',
  status: 'actual',
  messageType: 'alert',
  event: { 'zh-CN': '暴雨', en: 'Rainstorm' },
  colour: 'red',
  headline: { 'zh-CN': '锦江区发布暴雨红色预警', en: 'Red rainstorm warning for Jinjiang' },
  description: { 'zh-CN': '三小时内雨量将达一百毫米以上。', en: 'More than 100 mm of rain within three hours.' },
  instruction: { 'zh-CN': '请留在室内，远离低洼处。', en: 'Stay indoors and away from low ground.' },
  division: division('510104'),
  senderName: '锦江区应急管理局',
  sent: toInstant(house.now()),
  effective: toInstant(house.now()),
  expires: toInstant(plus(house.now(), 6 * HOUR)),
  cover: [division(SHUIJINGFANG)],
  identifier: '51010400000000_20261124090000_1',
  references: [],
  ...more,
});

/** A batch of which a carrier has taken a letter for each of these channels, and nothing more has been heard. */
export const handedBatch = async ({ runtime, now }: Pick<House, 'runtime' | 'now'>, channels: readonly string[]): Promise<Batch> => {
  const repository = deliveryRepository(runtime.database);
  const [piece] = piecesOf(anAlert({ now }, { id: newId(runtime.random) }), { region: division('510104'), ranges: [] }, now());
  if (piece === undefined) throw new Error('there is no piece');
  const keys = { list: '510104#1', from: `${SHUIJINGFANG}#A`, to: `${SHUIJINGFANG}#Z`, count: channels.length };
  const batch = newBatch(piece, { ...keys, rest: { [SHUIJINGFANG]: channels.length }, number: 0 }, now());
  const outcomes = channels.map((channel): Outcome => ({
    entry: `${SHUIJINGFANG}#${channel}`,
    community: SHUIJINGFANG,
    told: [{ channel, fate: { kind: 'handed' } }],
  }));
  const told = chunkTold(batch, outcomes, batch.to, { now: now(), expires: plus(now(), HOUR) });
  await repository.write([repository.putsBatch(walkEnded(told, 'through'), undefined)]);
  return batch;
};

/** What a gateway sends, its signature first. */
export const signedByGateway = (
  { secrets }: Pick<House['runtime'], 'secrets'>,
  at: EpochMs,
  body: string,
): { readonly body: string; readonly headers: Readonly<Record<string, string>> } => {
  const { 'webhook-signature': signature = '', ...others } = signedHeaders(gatewayKeys(secrets), {
    id: 'receipts',
    at: toEpochSeconds(at),
    body,
  });
  return { body, headers: { 'webhook-signature': signature, ...others } };
};

export interface Someone {
  readonly key: string;
  readonly home?: string;
  readonly subscriptions?: readonly (readonly [place: string, minimumColour?: Colour, channels?: readonly string[]])[];
  readonly channels?: readonly ChannelKind[];
  readonly language?: Person['language'];
}

/** Channels are called `<key>-<kind>`; each subscription is for all of them unless it names some. */
export const aPerson = ({ key, home, subscriptions = [[SHUIJINGFANG]], channels = ['sms'], language = 'zh-CN' }: Someone): Person => ({
  sub: `resident-${key}`,
  key,
  ...(home === undefined ? {} : { home: division(home) }),
  language,
  channels: channels.map((kind) => ({
    id: `${key}-${kind}`,
    kind,
    address: `${kind} of ${key}`,
    status: 'verified',
    addedAt: '2026-11-01T00:00:00.000Z' as Instant,
  })),
  subscriptions: subscriptions.map(([place, minimumColour = 'blue', named = channels]) => ({
    division: division(place),
    minimumColour,
    channels: named.map((kind) => `${key}-${kind}`),
  })),
  preferences: { channels: [], topics: [] },
  version: 1,
  change: 'subscribed',
  changedAt: '2026-11-01T00:00:00.000Z' as Instant,
});

/** Keys of so many whose entries lie in one list. */
export const keysInOneList = (count: number): readonly string[] => {
  const found: string[] = [];
  for (let number = 0; found.length < count; number++) {
    const key = `K${String(number).padStart(4, '0')}`;
    if (listOf(division(SHUIJINGFANG), key) === '510104#1') found.push(key);
  }
  return found;
};

/** What one carrier was given, and what it said. */
export interface Carried {
  readonly channel: string;
  readonly letter: Letter;
  readonly fate: Fate;
}

type Event = ReturnType<typeof eventsOf>[number];

export const alertingIn = async (
  house: House,
  options: { readonly walk?: Parameters<typeof walkSubscribers>[1]; readonly lasts?: number } = {},
) => {
  const { database } = house.runtime;
  const listener = await listenToStream(house, 'notifications');
  const carried: Carried[] = [];
  let answers = (_channel: string, _attempt: number): Fate => ({ kind: 'delivered' });
  const ways: Ways = {
    carry: (channel, letter) => {
      const attempt = carried.filter((each) => each.channel === channel.id).length;
      const fate = answers(channel.id, attempt);
      carried.push({ channel: channel.id, letter, fate });
      return Promise.resolve(fate);
    },
    ...(options.lasts === undefined ? {} : { lasts: options.lasts }),
  };
  const plan = planAlert(house.runtime);
  const walk = walkSubscribers(house.runtime, options.walk);
  const [others, red] = [deliverAlert, deliverRedAlert].map((declaration) => deliver(house.runtime, declaration, ways));
  const reactions: Readonly<Record<string, ((event: never) => Promise<void>) | undefined>> = {
    'alertPiece.begun': walk,
    'alertPiece.continued': walk,
    'alertBatch.planned': others,
    'alertBatch.woken': others,
    'alertBatch.plannedRed': red,
    'alertBatch.wokenRed': red,
  };
  const alerting = {
    carried,
    ways,
    answer: (next: typeof answers) => {
      answers = next;
    },
    forget: () => {
      carried.length = 0;
      answers = () => ({ kind: 'delivered' });
    },
    skip: listener.skip,
    subscribe: async (people: readonly Someone[]): Promise<void> => {
      for (const person of people.map(aPerson)) await peopleRepository(database).put(person, undefined, 'subscribed', []);
    },
    /** What has become of somebody's channel. */
    statusOf: async ({ key }: Pick<Someone, 'key'>, kind: ChannelKind): Promise<string | undefined> =>
      (await peopleRepository(database).read(`resident-${key}`))?.channels.find((each) => each.kind === kind)?.status,
    put: async (alert: AlertMessage): Promise<void> => {
      const stored = { ...alert, pk: `ALERT#${alert.id}`, sk: 'ALERT', version: 1, change: 'issued' };
      await database.write([{ table: alertsTable, put: stored }]);
    },
    /** What the bus tells of an alert that was issued. */
    plan: ({ id }: Pick<AlertMessage, 'id'>): Promise<void> =>
      plan({ detail: { data: { item: { id } } } as CloudEvent<{ id: string }> } as Parameters<typeof plan>[0]),
    events: async (): Promise<readonly Event[]> => {
      const bus = keepingBus();
      await notificationsRelay(house.runtime, bus.client)({ Records: [...(await listener.records())] });
      return eventsOf(bus.entries);
    },
    deliver: async (event: Event): Promise<void> => {
      await reactions[event['detail-type']]?.(event as never);
    },
    /** Until nothing follows any more; `told` says in which order, and how often, events come. */
    settle: async (told: (events: readonly Event[]) => readonly Event[] = (events) => events): Promise<void> => {
      for (;;) {
        const events = await alerting.events();
        if (events.length === 0) return;
        for (const event of told(events)) await alerting.deliver(event);
      }
    },
    /** Planned, and told to everybody. */
    issue: async (more: Partial<AlertMessage> = {}): Promise<AlertMessage> => {
      const alert = anAlert(house, more);
      await alerting.put(alert);
      await alerting.plan(alert);
      await alerting.settle();
      return alert;
    },
    reach: async (id = 'ALERT0000000000000000000001') => {
      const { safe: _safe, needHelp: _needHelp, ...reach } = wholeReach(await reachOf(database, id));
      return reach;
    },
    counts: async (id?: string) => {
      const { byCommunity: _each, ...counts } = await alerting.reach(id);
      return counts;
    },
    channels: (): readonly string[] => carried.map(({ channel }) => channel).toSorted(),
  };
  return alerting;
};
export type Alerting = Awaited<ReturnType<typeof alertingIn>>;
