import { changeAttributes, table } from '../data/table.ts';

const plain = { personal: 'none', keptDays: 'entity' } as const;
const sensitive = { personal: 'sensitive', keptDays: 'entity' } as const;
/** Runs and their pieces are looked at while they last and for some weeks after. */
export const RUN_KEPT_DAYS = 90;
const ofRun = { personal: 'none', keptDays: RUN_KEPT_DAYS } as const;

/**
 * `FACT#<community>#<month>` / `<kind>#<id>`: what happened to one thing there and then. `SUBJECT#<kind>#<id>` / `SUBJECT`: where the facts of
 * one thing lie, and of which version they are. `STATE#<community>#<month>` / `<part>`: what was alive when a month ended.
 * `LEAVES#<county>` / `<community>`: how far a community has been counted; / `<community>#<month>`: what is to be counted again there.
 * In the place of a community these name a street, a county, a city or a province for what lies in it itself; the last two have partitions
 * `LEAVES#<division>` of their own, and `RUNS` / `ABOVE#<division>` says that there is one.
 * `FIGURES#<parent>#<month>` / `<division>`: what was counted, newest revision; `REVISIONS#<division>#<month>` / `<revision>`: the ones before.
 * `FIGURES#<division>#<month>` / `<division>`: its own share, which its figure is summed from beside its children's.
 * `CLOSINGS` / `THROUGH`, `<month>`: which months are final. `RUNS` / `CURRENT`, `RUN#…`: runs; `PIECES#<run>` / `<level>#<division>`: their pieces.
 * `UNJUDGED#<province>` / `UNJUDGED`: months of which it is still to be said what is hidden from the public.
 */
export const metricsTable = table({
  name: 'metrics',
  indexes: {},
  ttl: 'expiresAt',
  attributes: {
    ...changeAttributes,
    expiresAt: ofRun,
    kind: plain,
    id: plain,
    confidential: plain,
    // Dates, places and levels of ratings, by the opaque ids of records.
    before: sensitive,
    moments: sensitive,
    absent: plain,
    places: plain,
    carried: sensitive,
    parts: plain,
    first: plain,
    through: plain,
    countedAt: plain,
    due: plain,
    division: plain,
    month: plain,
    months: plain,
    revision: plain,
    computedAt: plain,
    publicAt: plain,
    sums: plain,
    hidden: plain,
    hides: plain,
    below: plain,
    judged: plain,
    closedAt: plain,
    run: ofRun,
    waiting: ofRun,
    level: ofRun,
    own: ofRun,
  },
  entities: [{ noun: 'metricsPiece', partitionPrefix: 'PIECES#', change: 'change', version: 'version' }],
});
