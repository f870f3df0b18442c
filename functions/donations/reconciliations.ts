import type { Run } from '../http/call.ts';
import { nextOf, positionOf } from '../http/page.ts';
import { limitOf } from '../http/schema.ts';
import type { Principal } from '../http/principal.ts';
import { covers, levelOf, type DivisionCode } from '../kernel/division.ts';
import { err, ok } from '../kernel/result.ts';
import type { listReconciliations as declaration } from './contract.ts';
import { UNKNOWN_CITY } from './reconcile.ts';
import { foundationRepository } from './repository.ts';

/** A city's, for who keeps or audits its books; what nobody knows whose it is, for who administers the country. */
const maySee = ({ roles, division }: Principal, city: DivisionCode | undefined): boolean =>
  city === undefined ? roles.has('admin') && division === undefined : levelOf(city) === 'city' && covers(division, city);

/** What a provider's bills of a city and our books came to, day by day. */
export const listReconciliations: Run<typeof declaration> = async (call) => {
  const { runtime, params, query, caller } = call;
  const position = positionOf<Record<string, unknown>>(call, query.cursor);
  if (!position.ok) return position;
  if (!maySee(caller, query.division)) return err({ code: 'forbidden' });
  const { items, after } = await foundationRepository(runtime.database).reconciliations(
    params.channel,
    query.division ?? UNKNOWN_CITY,
    limitOf(query.limit),
    position.value,
  );
  return ok({
    status: 200,
    body: {
      items: items.map(({ channel, day, report }) => ({ channel, day, ...report, differences: [...report.differences] })),
      next: nextOf(call, after),
    },
  });
};
