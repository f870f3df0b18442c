import { table } from '../data/table.ts';

const KEPT_DAYS = 90;
const plain = { personal: 'none', keptDays: KEPT_DAYS } as const;

/** `MESSAGE#<id>` / `MESSAGE`: that a message was handed over, so that an event that comes twice sends once. */
export const notificationsTable = table({
  name: 'notifications',
  indexes: {},
  ttl: 'expiresAt',
  attributes: { expiresAt: plain, handedOverAt: plain },
  entities: [],
});
