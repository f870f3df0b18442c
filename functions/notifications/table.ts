import { changeAttributes, table } from '../data/table.ts';
import { idempotencyAttributes } from '../http/idempotency.ts';

const KEPT_DAYS = 90;
const plain = { personal: 'none', keptDays: 'entity' } as const;
const passing = { personal: 'none', keptDays: KEPT_DAYS } as const;
const identity = { personal: 'identity', keptDays: 'entity' } as const;
const contact = { personal: 'contact', keptDays: 'entity' } as const;

/**
 * `PERSON#<sub>` / `PERSON`: somebody's channels, subscriptions and preferences. `SUBSCRIBERS#<region>#<shard>` / `<division>#<person>`: the same
 * where the planning of an alert finds it, for each division that they have subscribed to. `MESSAGE#<id>` / `MESSAGE`: that a message was
 * handed over, so that an event that comes twice sends once.
 */
export const notificationsTable = table({
  name: 'notifications',
  indexes: {},
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
  },
  entities: [{ noun: 'person', partitionPrefix: 'PERSON#', sortKey: 'PERSON', change: 'change', version: 'version', known: 'key' }],
});
