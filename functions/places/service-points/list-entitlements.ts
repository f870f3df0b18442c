/** What the utilities are sent: whose accounts pay residential rates in a month; and what is still to be checked. */
import { audit } from '../../audit/writer.ts';
import { allOf } from '../../data/pages.ts';
import { divisionsReader } from '../../divisions/reader.ts';
import type { Run } from '../../http/call.ts';
import { csvOf } from '../../http/csv.ts';
import { covers, type DivisionCode } from '../../kernel/division.ts';
import { err, ok } from '../../kernel/result.ts';
import { addDays, addMonths, endOfMonth, monthOf, plus, toInstant, type Day } from '../../kernel/time.ts';
import { communityAt, type Facility } from '../facility.ts';
import { aboveCity, rangesOf } from '../list.ts';
import { placesRepository, type Range } from '../repository.ts';
import type { listEntitlements } from './contract.ts';
import { claimsIn, meets, spansOf, statusOf } from './entitlement.ts';

const COLUMNS = ['month', 'status', 'kind', 'account', 'servicePoint', 'name', 'community', 'communityName', 'validFrom', 'validUntil'];

/** A month that is over stays as it was: as all that happened by its end says, where the point stood then. */
export const list: Run<typeof listEntitlements> = async (call) => {
  const { runtime, caller, query, now, requestId } = call;
  const { division, month = monthOf(now), status: asked } = query;
  if (!covers(caller.division, division)) return err({ code: 'forbidden' });
  const above = aboveCity(division);
  if (above !== undefined) return err(above);
  const repository = placesRepository(runtime.database);

  const claimedIn = async (range: Range): Promise<readonly Facility[]> => {
    const ids = await allOf<string>((after) => repository.claimed(range, after));
    const found = await repository.readMany(ids);
    return ids.flatMap((id) => found.get(id) ?? []);
  };

  const end = endOfMonth(month);
  const [first, last] = [`${month}-01` as Day, addDays(`${addMonths(month, 1)}-01` as Day, -1)];
  const points = (await Promise.all((await rangesOf(call, division)).map(claimedIn))).flat();
  const holding = points.flatMap(({ entitlements = [], ...point }) => {
    const community = communityAt(point, plus(end, -1));
    if (!covers(division, community)) return [];
    const granted = entitlements.flatMap((each) =>
      spansOf(each, toInstant(end))
        .filter((span) => meets(span, first, last))
        .map((span) => ({ point, community, status: 'granted', ...each, ...span })),
    );
    const claimed = month === monthOf(now) ? claimsIn(entitlements).filter((each) => statusOf(each) === 'claimed') : [];
    return [...granted, ...claimed.map((each) => ({ point, community, status: 'claimed', ...each, from: undefined, until: undefined }))];
  });
  const communities = [...new Set(holding.map(({ community }) => community))];
  const names = new Map<DivisionCode, string>(
    (await divisionsReader(runtime.database).findMany(communities)).map(({ code, name }) => [code, name]),
  );
  const told = holding.filter(({ status }) => asked === undefined || status === asked);
  const lines = told.map(({ point: { id, name }, community, status, kind, account, from, until }) => [
    month,
    status,
    kind,
    account,
    id,
    name['zh-CN'],
    community,
    names.get(community),
    from,
    until,
  ]);
  if (lines.length > 0) {
    const resource = `entitlements.csv?division=${division}&month=${month}`;
    await audit(runtime.database, { resource, community: division, action: 'list', caller, now, requestId });
  }
  return ok({ status: 200, body: csvOf([COLUMNS, ...lines]) });
};
