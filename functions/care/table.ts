import { changeAttributes, table } from '../data/table.ts';
import { idempotencyAttributes } from '../http/idempotency.ts';

const plain = { personal: 'none', keptDays: 'entity' } as const;
const identity = { personal: 'identity', keptDays: 'entity' } as const;
const sensitive = { personal: 'sensitive', keptDays: 'entity' } as const;
/** Some 25 months: what was found at a visit is kept for so long after it, and all that is known of somebody for so long after their end. */
const KEPT_DAYS = 760;
const ofVisit = { personal: 'sensitive', keptDays: KEPT_DAYS } as const;
/** Of alerts, reminders and runs. */
const passing = { personal: 'none', keptDays: 90 } as const;

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
 * visits, whose ids sort by when they took place; `HELP#<request>` / `HELP`: that one has found that help is needed. `ALERTED#<county, city or province>` / `<division>#<alert>`: where an alert makes visits due.
 * `REMINDER#<community>` / `<day>`: what its desk was reminded of. `DUERUN#<moment>` / `<county>`: which counties a run of reminders has behind it, `all` when it has ended.
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
    // Of a person, events and logs may tell no more than an opaque id and a community: not even where in the lists of the active or ended they are.
    id: plain,
    community: plain,
    createdAt: sensitive,
    expiresAt: sensitive,
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
    keptFrom: sensitive,
    visited: sensitive,
    notFound: sensitive,
    lastVisitAt: sensitive,
    listKey: sensitive,
    listAt: sensitive,
    // Of visits.
    recipient: ofVisit,
    at: ofVisit,
    mode: ofVisit,
    outcome: ofVisit,
    note: ofVisit,
    visitor: { personal: 'identity', keptDays: KEPT_DAYS },
    visit: ofVisit,
    request: { personal: 'none', keptDays: KEPT_DAYS },
    // Of alerts and reminders.
    alert: passing,
    division: passing,
    since: passing,
    day: passing,
    open: passing,
    endingToday: passing,
    missed: passing,
    missedIn: passing,
    alerted: passing,
    withinHours: passing,
  },
  entities: [
    { noun: 'careRecipient', partitionPrefix: 'RECIPIENT#', sortKey: 'RECIPIENT', change: 'change', version: 'version' },
    { noun: 'careHelp', partitionPrefix: 'HELP#', sortKey: 'HELP', change: 'change', version: 'version' },
    { noun: 'careReminder', partitionPrefix: 'REMINDER#', change: 'change', version: 'version' },
  ],
});
