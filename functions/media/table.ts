import { table } from '../data/table.ts';
import { idempotencyAttributes } from '../http/idempotency.ts';

const plain = { personal: 'none', keptDays: 'entity' } as const;

/** `MEDIA#<id>` / `MEDIA`: a picture; its bytes lie in the object store. Nobody is told of its changes. */
export const mediaTable = table({
  name: 'media',
  indexes: {
    /** What `retention` must look at, by the last character of its id modulo 16. */
    byDue: { partition: 'dueKey', sort: 'due', project: 'keys' },
    byOwner: { partition: 'owner', sort: 'declaredAt', project: 'keys' },
  },
  ttl: 'expiresAt',
  attributes: {
    ...idempotencyAttributes,
    count: { personal: 'none', keptDays: 1 },
    id: plain,
    version: plain,
    requestId: plain,
    owner: { personal: 'identity', keptDays: 'entity' },
    contentType: plain,
    bytes: plain,
    status: plain,
    reason: plain,
    declaredAt: plain,
    changedAt: plain,
    attachedTo: plain,
    dueKey: plain,
    due: plain,
  },
  entities: [],
  personIndex: 'byOwner',
});
