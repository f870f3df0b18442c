/** What the utilities are sent: whose accounts pay residential rates in a month. */
import { audit } from '../../audit/writer.ts';
import { divisionsReader } from '../../divisions/reader.ts';
import type { Run } from '../../http/call.ts';
import { csvOf } from '../../http/csv.ts';
import { wrongField } from '../../http/problem.ts';
import { covers, levelOf, type DivisionCode } from '../../kernel/division.ts';
import { err, ok } from '../../kernel/result.ts';
import { addMonths, addDays, monthOf, type Day } from '../../kernel/time.ts';
import type { Facility } from '../facility.ts';
import { rangesOf } from '../list.ts';
import { placesRepository, type Range } from '../repository.ts';
import type { listEntitlements } from './contract.ts';
import { holdsWithin, validity } from './entitlement.ts';

const COLUMNS = ['month', 'kind', 'account', 'servicePoint', 'name', 'community', 'communityName', 'validFrom', 'validUntil'];

export const list: Run<typeof listEntitlements> = async (call) => {
  const { runtime, caller, query, now, requestId } = call;
  const { division, month = monthOf(now) } = query;
  if (!covers(caller.division, division)) return err({ code: 'forbidden' });
  if (levelOf(division) === 'province')
    return err(wrongField('division', { 'zh-CN': '请按市或更低一级查询', en: 'must be a city, or below it' }));
  const repository = placesRepository(runtime.database);

  const grantedIn = async (range: Range): Promise<readonly Facility[]> => {
    const points: Facility[] = [];
    let after: Record<string, unknown> | undefined;
    do {
      const page = await repository.granted(range, after);
      const found = await repository.readMany(page.items);
      points.push(...page.items.flatMap((id) => found.get(id) ?? []));
      after = page.after;
    } while (after !== undefined);
    return points;
  };

  const [first, last] = [`${month}-01` as Day, addDays(`${addMonths(month, 1)}-01` as Day, -1)];
  const points = (await Promise.all((await rangesOf(call, division)).map(grantedIn)))
    .flat()
    .filter(({ community }) => covers(division, community));
  const holding = points.flatMap((point) =>
    (point.entitlements ?? []).filter((each) => holdsWithin(each, first, last)).map((entitlement) => ({ point, entitlement })),
  );
  const communities = [...new Set(holding.map(({ point }) => point.community))];
  const names = new Map<DivisionCode, string>(
    (await divisionsReader(runtime.database).findMany(communities)).map(({ code, name }) => [code, name]),
  );
  const lines = holding.map(({ point, entitlement }) => {
    const valid = validity(entitlement);
    const { kind, account } = entitlement;
    const { id, name, community } = point;
    return [month, kind, account, id, name['zh-CN'], community, names.get(community), valid?.from, valid?.until];
  });
  if (lines.length > 0)
    await audit(runtime.database, { resource: 'entitlements.csv', community: division, action: 'read', caller, now, requestId });
  return ok({ status: 200, body: csvOf([COLUMNS, ...lines]) });
};
