import { audit } from '../audit/writer.ts';
import { catalogueReader } from '../catalogue/reader.ts';
import { justBelow, merge, type Merged } from '../data/merge.ts';
import type { Database } from '../data/database.ts';
import { divisionsReader } from '../divisions/reader.ts';
import type { Run } from '../http/call.ts';
import { nextOf, positionOf } from '../http/page.ts';
import { divisionAsked } from '../http/principal.ts';
import { limitOf } from '../http/schema.ts';
import { ancestorOf, levelOf, type DivisionCode } from '../kernel/division.ts';
import { err, ok } from '../kernel/result.ts';
import { accountOf } from './account.ts';
import type { listRecipients } from './contract.ts';
import { isVeryOld } from './recipient.ts';
import { careRepository, recipientList, type RecipientEntry, type RecipientList } from './repository.ts';
import { recipientLine } from './view.ts';

const MOST_READ = 200;

/** The counties in which everybody of a division is listed. */
export const countiesOf = async (database: Database, division: DivisionCode): Promise<readonly DivisionCode[]> =>
  ['province', 'city'].includes(levelOf(division))
    ? divisionsReader(database).within(division, 'county')
    : [ancestorOf(division, 'county')];

interface PageAsked {
  readonly division: DivisionCode;
  readonly counties: readonly DivisionCode[];
  /** Those who are looked after now, those who no longer are, or both. */
  readonly states: readonly boolean[];
  readonly fits: (entry: RecipientEntry) => boolean;
  readonly limit: number;
  readonly after: string | undefined;
}

/** A page of those who fit, by community, in each the last registered first. */
export const pageOf = (
  database: Database,
  { division, counties, states, fits, limit, after }: PageAsked,
): Promise<Merged<RecipientEntry>> =>
  merge<RecipientList, RecipientEntry>({
    sources: counties.flatMap((county) => states.map((active) => recipientList(county, active))),
    read: (source, size, to) => careRepository(database).entries(source, size, division, to),
    keyOf: ({ listAt }) => listAt,
    fits,
    limit,
    mostRead: MOST_READ,
    to: after === undefined ? undefined : justBelow(after),
  });

export const list: Run<typeof listRecipients> = async (call) => {
  const { runtime, caller, query, now } = call;
  const { tier, category, active } = query;
  const { database } = runtime;
  const division = divisionAsked(caller, query.division);
  if (division === undefined) return err({ code: 'forbidden' });
  const position = positionOf<string>(call, query.cursor);
  if (!position.ok) return position;
  const [counties, { veryOldFrom }] = await Promise.all([
    countiesOf(database, division),
    catalogueReader(database).setting('careVisits'),
    audit(database, accountOf(call, `recipients?division=${division}`, division, 'list')),
  ]);
  const { items, after } = await pageOf(database, {
    division,
    counties,
    states: active === undefined ? [true, false] : [active === 'true'],
    fits: (entry) =>
      (tier === undefined || entry.tier === tier) &&
      (category === undefined ||
        (category === 'veryOld' ? isVeryOld(entry.birthYear, veryOldFrom, now) : entry.categories.includes(category))),
    limit: limitOf(query.limit),
    after: position.value,
  });
  return ok({ status: 200, body: { items: items.map((entry) => recipientLine(entry, { veryOldFrom, now })), next: nextOf(call, after) } });
};
