import { changeAttributes, table } from '../data/table.ts';
import { idempotencyAttributes } from '../http/idempotency.ts';

const plain = { personal: 'none', keptDays: 'entity' } as const;
const identity = { personal: 'identity', keptDays: 'entity' } as const;

/**
 * `FACILITY#<id>` / `FACILITY`: meal points and service points are facilities, with more to say. One that has a location lies in two indexes by its
 * geohash: among all, and among those of its kind. `MEALS#<point>` / `<day>`: what was given out. `CHILDCARE#<id>` / `CHILDCARE`.
 *
 * `byDivision` has meal points, service points and childcare by city, in order of community, and days of meals by community; `byClaim` the service
 * points that have claimed residential rates.
 */
export const placesTable = table({
  name: 'places',
  indexes: {
    byPlace: { partition: 'cell', sort: 'place', project: ['location'] },
    byKind: { partition: 'kindCell', sort: 'place', project: ['location'] },
    byDivision: { partition: 'listed', sort: 'listedAs', project: ['offered', 'taken', 'waiting'] },
    byClaim: { partition: 'claimedIn', sort: 'listedAs', project: 'keys' },
  },
  ttl: 'expiresAt',
  attributes: {
    ...idempotencyAttributes,
    ...changeAttributes,
    id: plain,
    kind: plain,
    name: plain,
    community: plain,
    location: plain,
    capacity: plain,
    openingHours: plain,
    barrierFree: plain,
    phone: plain,
    createdAt: plain,
    createdBy: identity,
    trail: plain,
    cell: plain,
    kindCell: plain,
    place: plain,
    listed: plain,
    listedAs: plain,
    claimedIn: plain,
    subsidised: plain,
    provider: plain,
    /** A point may be supplied under somebody's own account. */
    entitlements: { personal: 'sensitive', keptDays: 'entity' },
    point: plain,
    date: plain,
    served: plain,
    delivered: plain,
    enteredBy: identity,
    offered: plain,
    taken: plain,
    waiting: plain,
  },
  entities: [
    { noun: 'facility', partitionPrefix: 'FACILITY#', change: 'change', version: 'version' },
    { noun: 'mealDay', partitionPrefix: 'MEALS#', change: 'change', version: 'version' },
    { noun: 'childcare', partitionPrefix: 'CHILDCARE#', change: 'change', version: 'version' },
  ],
});
