import type { Run } from '../http/call.ts';
import { nextOf, positionOf } from '../http/page.ts';
import { limitOf } from '../http/schema.ts';
import { covers, levelOf } from '../kernel/division.ts';
import { err, ok } from '../kernel/result.ts';
import type { listReconciliations as declaration } from './contract.ts';
import { foundationRepository } from './repository.ts';

/** What a provider's bills of a city and our books came to, day by day. */
export const listReconciliations: Run<typeof declaration> = async (call) => {
  const { runtime, params, query, caller } = call;
  const position = positionOf<Record<string, unknown>>(call, query.cursor);
  if (!position.ok) return position;
  if (levelOf(query.division) !== 'city' || !covers(caller.division, query.division)) return err({ code: 'forbidden' });
  const { items, after } = await foundationRepository(runtime.database).reconciliations(
    params.channel,
    query.division,
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
