import { changeAttributes, table } from '../data/table.ts';
import { idempotencyAttributes } from '../http/idempotency.ts';

const plain = { personal: 'none', keptDays: 'entity' } as const;
const identity = { personal: 'identity', keptDays: 'entity' } as const;
const sensitive = { personal: 'sensitive', keptDays: 'entity' } as const;

/** What lists and due lists show and judge, without reading the person. */
const LISTED = [
  'id',
  'name',
  'community',
  'categories',
  'tier',
  'birthYear',
  'needs',
  'spells',
  'trail',
  'createdAt',
  'visited',
  'notFound',
  'lastVisitAt',
] as const;

/**
 * `RECIPIENT#<id>` / `RECIPIENT`: somebody who is looked after, with the days on which they were visited. `VISITS#<recipient>` / `<visit>`: their
 * visits, whose ids sort by when they took place. `ALERTED#<county, city or province>` / `<division>#<alert>`: where an alert makes visits due.
 * `REMINDER#<community>` / `<day>`: what its desk was reminded of.
 */
export const careTable = table({
  name: 'care',
  indexes: {
    /** `<county>#active` or `<county>#ended`; by community, in each the last registered last. */
    byPlace: { partition: 'listKey', sort: 'listAt', project: LISTED },
  },
  ttl: 'expiresAt',
  attributes: {
    ...idempotencyAttributes,
    ...changeAttributes,
    // Of a person, events and logs may tell no more than an opaque id and a community.
    id: plain,
    community: plain,
    createdAt: plain,
    registeredBy: identity,
    name: identity,
    categories: sensitive,
    tier: sensitive,
    birthYear: sensitive,
    contact: { personal: 'contact', keptDays: 'entity' },
    needs: sensitive,
    volunteers: identity,
    spells: sensitive,
    endReason: sensitive,
    trail: sensitive,
    keptFrom: plain,
    visited: sensitive,
    notFound: sensitive,
    lastVisitAt: sensitive,
    listKey: plain,
    listAt: plain,
    // Of visits.
    recipient: plain,
    at: sensitive,
    mode: sensitive,
    outcome: sensitive,
    note: sensitive,
    visitor: identity,
    request: plain,
    // Of alerts and reminders.
    alert: plain,
    division: plain,
    since: plain,
    day: plain,
    open: plain,
    endingToday: plain,
    missed: plain,
    alerted: plain,
  },
  entities: [
    { noun: 'careRecipient', partitionPrefix: 'RECIPIENT#', sortKey: 'RECIPIENT', change: 'change', version: 'version' },
    { noun: 'careVisit', partitionPrefix: 'VISITS#', change: 'change', version: 'version' },
    { noun: 'careReminder', partitionPrefix: 'REMINDER#', change: 'change', version: 'version' },
  ],
});
