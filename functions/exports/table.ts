import { changeAttributes, table } from '../data/table.ts';

/** A file is fetched within days, and holds what people wrote: it goes soon. The bucket's lifecycle takes the objects a day later. */
const KEPT_DAYS = 7;
const plain = { personal: 'none', keptDays: KEPT_DAYS } as const;
const identity = { personal: 'identity', keptDays: KEPT_DAYS } as const;

/** `JOB#<id>` / `JOB`: a job. `ASKED#<hash>` / `ASKED`: which job a caller was given last for one thing. */
export const exportsTable = table({
  name: 'exports',
  indexes: {},
  ttl: 'expiresAt',
  attributes: {
    ...changeAttributes,
    expiresAt: plain,
    count: { personal: 'none', keptDays: 1 },
    id: plain,
    division: plain,
    month: plain,
    caller: identity,
    askedAt: plain,
    askedIn: plain,
    step: plain,
    phase: plain,
    after: plain,
    pieces: plain,
    bytes: plain,
    lines: plain,
    upload: plain,
    used: plain,
    tags: plain,
    progress: plain,
    failures: plain,
    job: plain,
  },
  entities: [{ noun: 'job', partitionPrefix: 'JOB#', sortKey: 'JOB', change: 'change', version: 'version' }],
});
