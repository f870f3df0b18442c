import { changeAttributes, table } from '../data/table.ts';

const plain = { personal: 'none', keptDays: 'entity' } as const;

/** `FACILITY#<id>` / `FACILITY`. Each lies in both indexes by its geohash: among all, and among those of its kind. */
export const placesTable = table({
  name: 'places',
  indexes: {
    byPlace: { partition: 'cell', sort: 'place', project: ['location'] },
    byKind: { partition: 'kindCell', sort: 'place', project: ['location'] },
  },
  attributes: {
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
    createdBy: { personal: 'identity', keptDays: 'entity' },
    cell: plain,
    kindCell: plain,
    place: plain,
  },
  entities: [{ noun: 'facility', partitionPrefix: 'FACILITY#', change: 'change', version: 'version' }],
});
