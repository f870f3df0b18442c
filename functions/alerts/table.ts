import { changeAttributes, table } from '../data/table.ts';
import { idempotencyAttributes } from '../http/idempotency.ts';

const plain = { personal: 'none', keptDays: 'entity' } as const;

/** `ALERT#<id>` / `ALERT`. */
export const alertsTable = table({
  name: 'alerts',
  indexes: {},
  ttl: 'expiresAt',
  attributes: {
    ...idempotencyAttributes,
    ...changeAttributes,
    id: plain,
    state: plain,
    messageType: plain,
    event: plain,
    colour: plain,
    headline: plain,
    description: plain,
    instruction: plain,
    division: plain,
    senderName: plain,
    sent: plain,
    effective: plain,
    expires: plain,
    cover: plain,
    supersededBy: plain,
  },
  entities: [{ noun: 'alert', partitionPrefix: 'ALERT#', sortKey: 'ALERT', change: 'change', version: 'version' }],
});
