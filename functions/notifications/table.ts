import { changeAttributes, table } from '../data/table.ts';
import { idempotencyAttributes } from '../http/idempotency.ts';

const KEPT_DAYS = 90;
const plain = { personal: 'none', keptDays: 'entity' } as const;
const passing = { personal: 'none', keptDays: KEPT_DAYS } as const;
const identity = { personal: 'identity', keptDays: 'entity' } as const;
const contact = { personal: 'contact', keptDays: 'entity' } as const;

/** What planning and delivery keep of an alert, its sums aside. */
const DELIVERY_KEPT_DAYS = 90;
const ofDelivery = { personal: 'none', keptDays: DELIVERY_KEPT_DAYS } as const;
/** Keys of subscribers' entries, which name people. */
const entries = { personal: 'identity', keptDays: DELIVERY_KEPT_DAYS } as const;

/** As long as its event may come again. */
const NOTICE_KEPT_DAYS = 30;
const ofNotice = { personal: 'none', keptDays: NOTICE_KEPT_DAYS } as const;
const said = { personal: 'sensitive', keptDays: NOTICE_KEPT_DAYS } as const;

/**
 * `PERSON#<sub>` / `PERSON`: somebody's channels, subscriptions and preferences. `SUBSCRIBERS#<region>#<shard>` / `<division>#<person>`: the same
 * where the planning of an alert finds it, for each division that they have subscribed to. `MESSAGE#<id>` / `MESSAGE`: that a message was
 * handed over, so that an event that comes twice sends once.
 * `PIECE#<alert>#<region>.<n>` / `PIECE`: lists that are gone through for an alert, and how far. `BATCH#<alert>:<region>.<n>:<n>` / `BATCH`: about a hundred
 * recipients, found by the moment of their next attempt while there is one. `REACH#<alert>#<shard>` / `<community>`: sums.
 * `READERS#<region>#<shard>` / `<home>#<person>`: who wants to hear of surveys. `INVITATION#<survey>` / `INVITATION`: when they are told of one.
 * `READING#<survey>#<round>#<region>#<shard>` / `READING`: a list of them that is gone through.
 * `NOTICE#<event>` / `NOTICE`: what somebody is told of something of their own, found by when it is to go while it has not.
 */
export const notificationsTable = table({
  name: 'notifications',
  indexes: {
    due: { partition: 'dueShard', sort: 'dueAt', project: 'keys' },
    /** Sums of a division, by when their alerts were sent: for who counts them again. */
    byCommunity: { partition: 'community', sort: 'sentAt', project: 'keys' },
  },
  ttl: 'expiresAt',
  attributes: {
    ...idempotencyAttributes,
    ...changeAttributes,
    handedOverAt: passing,
    sub: identity,
    key: identity,
    person: identity,
    home: contact,
    division: plain,
    language: plain,
    channels: contact,
    // Where somebody wants to be told of, and when they sleep, is theirs.
    subscriptions: contact,
    preferences: contact,
    alert: plain,
    status: plain,
    sentAt: plain,
    community: plain,
    part: plain,
    targeted: plain,
    handed: plain,
    delivered: plain,
    failed: plain,
    piece: ofDelivery,
    batch: ofDelivery,
    region: ofDelivery,
    shard: ofDelivery,
    ranges: ofDelivery,
    isRed: ofDelivery,
    lists: ofDelivery,
    walked: ofDelivery,
    batches: ofDelivery,
    recipients: ofDelivery,
    steps: ofDelivery,
    tally: ofDelivery,
    list: ofDelivery,
    count: ofDelivery,
    rest: ofDelivery,
    isWalked: ofDelivery,
    chunks: ofDelivery,
    lease: ofDelivery,
    wakes: ofDelivery,
    dueAt: ofDelivery,
    dueShard: ofDelivery,
    from: entries,
    to: entries,
    position: entries,
    unsettled: entries,
    id: ofNotice,
    survey: ofNotice,
    told: ofNotice,
    title: ofNotice,
    divisions: ofNotice,
    opensAt: ofNotice,
    closesAt: ofNotice,
    round: ofNotice,
    topic: ofNotice,
    about: ofNotice,
    subject: said,
    text: said,
    remaining: ofNotice,
    attempt: ofNotice,
  },
  entities: [
    { noun: 'person', partitionPrefix: 'PERSON#', sortKey: 'PERSON', change: 'change', version: 'version', known: 'key' },
    // Told of when it begins and when a step ends before it does; each page that it has gone through is nobody else's affair.
    { noun: 'alertPiece', partitionPrefix: 'PIECE#', sortKey: 'PIECE', change: 'change', version: 'steps' },
    // Told of when its delivery is asked for.
    { noun: 'alertBatch', partitionPrefix: 'BATCH#', sortKey: 'BATCH', change: 'change', version: 'wakes' },
    // Told of as pieces are.
    { noun: 'readerWalk', partitionPrefix: 'READING#', sortKey: 'READING', change: 'change', version: 'steps' },
    { noun: 'reach', partitionPrefix: 'REACH#', change: 'change', version: 'version' },
  ],
});
