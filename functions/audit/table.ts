import { table } from '../data/table.ts';
import { idempotencyAttributes } from '../http/idempotency.ts';

/** Network security law asks for logs of at least six months; three years cover the time in which a reading may be complained of. */
const KEPT_DAYS = 1096;
const plain = { personal: 'none', keptDays: KEPT_DAYS } as const;
const identity = { personal: 'identity', keptDays: KEPT_DAYS } as const;

/** `AUDIT#<resource>` / `<moment>#<request id>#<community>`: who read or changed what must be accounted for. */
export const auditTable = table({
  name: 'audit',
  indexes: {},
  ttl: 'expiresAt',
  attributes: {
    ...idempotencyAttributes,
    expiresAt: plain,
    resource: plain,
    community: plain,
    action: plain,
    sub: identity,
    roles: plain,
    at: plain,
    requestId: plain,
  },
  entities: [],
});
