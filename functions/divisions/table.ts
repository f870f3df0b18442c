import { changeAttributes, table } from '../data/table.ts';
import { idempotencyAttributes } from '../http/idempotency.ts';

const plain = { personal: 'none', keptDays: 'entity' } as const;

/**
 * `CHILDREN#<parent code>` / `<code>`: one item a division, under its parent, so that one key serves both reading it and listing a parent's
 * children in order of code. The parent is the code's own prefix. Active communities that have a location lie in `byPlace`, too.
 */
export const divisionsTable = table({
  name: 'divisions',
  indexes: {
    byPlace: { partition: 'cell', sort: 'place', project: ['location', 'radiusKm'] },
  },
  ttl: 'expiresAt',
  attributes: {
    ...idempotencyAttributes,
    ...changeAttributes,
    code: plain,
    name: plain,
    location: plain,
    radiusKm: plain,
    population: plain,
    households: plain,
    largeCity: plain,
    active: plain,
    mergedInto: plain,
    madeAt: plain,
    trail: plain,
    cell: plain,
    place: plain,
  },
  entities: [{ noun: 'division', partitionPrefix: 'CHILDREN#', change: 'change', version: 'version' }],
});
