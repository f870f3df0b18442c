import { changeAttributes, table } from '../data/table.ts';
import { idempotencyAttributes } from '../http/idempotency.ts';

const plain = { personal: 'none', keptDays: 'entity' } as const;
const identity = { personal: 'identity', keptDays: 'entity' } as const;
const sensitive = { personal: 'sensitive', keptDays: 'entity' } as const;

/**
 * `PROVIDER#<id>` / `PROVIDER`: an entry of the register. `PROVIDER#<id>` / `HISTORY#<version>`: how it came about. `PROVIDER#<id>` /
 * `LIST#<list>#<county, or a division above it>`: where it is listed. `CREDIT#<id>` / `<event>`: an event of its credit; ids begin with a day.
 * `CREDITED#<id>` / `<kind>#<subject>#<round>`: which event tells of that; a random id, so that nobody can tell the one from the other.
 */
export const providersTable = table({
  name: 'providers',
  indexes: {
    /** `<list>#<county, or a division above it>` or `<list>#ALL`, newest last; events of credit that wait, by `waiting#<the same>`. */
    byList: { partition: 'listKey', sort: 'sortKey', project: 'keys' },
    byOwner: { partition: 'owner', sort: 'sortKey', project: 'keys' },
  },
  ttl: 'expiresAt',
  attributes: {
    ...idempotencyAttributes,
    ...changeAttributes,
    count: { personal: 'none', keptDays: 1 },
    id: plain,
    name: plain,
    kind: plain,
    services: plain,
    divisions: plain,
    contact: { personal: 'contact', keptDays: 'entity' },
    owner: identity,
    recordedBy: identity,
    admittedAt: plain,
    status: plain,
    admissions: plain,
    pending: plain,
    refusals: plain,
    stopped: plain,
    appliedAt: plain,
    at: plain,
    action: plain,
    by: identity,
    // What people write may say anything about anybody.
    note: sensitive,
    until: plain,
    refused: plain,
    onBehalfOf: { personal: 'contact', keptDays: 'entity' },
    channel: plain,
    // Of an event of its credit.
    provider: plain,
    on: plain,
    subject: plain,
    division: plain,
    // Who had to do with what it tells of: they do not review it.
    involved: identity,
    event: plain,
    points: plain,
    told: plain,
    fallen: plain,
    posted: sensitive,
    appeal: sensitive,
    review: sensitive,
    repair: sensitive,
    listKey: plain,
    sortKey: plain,
  },
  entities: [
    { noun: 'provider', partitionPrefix: 'PROVIDER#', sortKey: 'PROVIDER', change: 'change', version: 'version' },
    { noun: 'creditEvent', partitionPrefix: 'CREDIT#', change: 'change', version: 'version' },
  ],
  personIndex: 'byOwner',
});
