import { changeAttributes, table } from '../data/table.ts';
import { idempotencyAttributes } from '../http/idempotency.ts';

const plain = { personal: 'none', keptDays: 'entity' } as const;

/**
 * `SERVICE#<code>` / `CURRENT` and `V#000001`: a service as it is now, and each version that requests were made under.
 * `SERVICES` / `<code>`: what is now, once more, so that the whole catalogue is one query.
 * `SETTING#<name>` / `CURRENT` and `V#000001`: a setting as it is now, and each version of it.
 */
export const catalogueTable = table({
  name: 'catalogue',
  indexes: {},
  ttl: 'expiresAt',
  attributes: {
    ...idempotencyAttributes,
    ...changeAttributes,
    code: plain,
    name: plain,
    description: plain,
    group: plain,
    programme: plain,
    keywords: plain,
    attributes: plain,
    respondWithin: plain,
    resolveWithin: plain,
    startingValues: plain,
    visibility: plain,
    divisions: plain,
    active: plain,
    value: plain,
  },
  entities: [
    { noun: 'service', partitionPrefix: 'SERVICE#', sortKey: 'CURRENT', change: 'change', version: 'version' },
    { noun: 'setting', partitionPrefix: 'SETTING#', sortKey: 'CURRENT', change: 'change', version: 'version' },
  ],
});
