/** `foundationDisclosure`: freezes each quarter, and the year that ended with it, as they are on the day that they are disclosed. */
import { lambda } from '../data/lambda.ts';
import type { Runtime } from '../data/runtime.ts';
import { scheduledInstant, type ScheduledEvent } from '../data/schedule.ts';
import { withUses } from '../data/scope.ts';
import { fromInstant, monthOf, toInstant } from '../kernel/time.ts';
import type { Fund } from './fund.ts';
import { closesMonths } from './post.ts';
import { foundationRepository } from './repository.ts';
import { foundationDisclosure as declaration } from './schedules.ts';
import { justOver } from './statement.ts';
import { statementOf } from './statements.ts';

const PAGE = 50;
const AT_ONCE = 8;

export interface DisclosureDone {
  readonly periods: readonly string[];
  readonly disclosed: number;
  /** Funds whose statement tells of something late or beyond a cap. */
  readonly flagged: number;
}

export const foundationDisclosure = (outer: Runtime) => {
  const runtime = withUses(outer, declaration.uses, declaration.name);
  const repository = foundationRepository(runtime.database);

  return async ({ scheduledTime }: ScheduledEvent): Promise<DisclosureDone> => {
    const at = fromInstant(scheduledInstant({ scheduledTime }));
    const periods = justOver(at);
    let [disclosed, flagged, seen] = [0, 0, 0];
    /** What stands already stands: a run that comes again changes nothing. */
    const disclose = async (fund: Fund): Promise<void> => {
      for (const period of periods) {
        if ((await repository.statement(fund.id, period)) !== undefined) continue;
        // What is told late of that period comes in after it.
        await closesMonths({ repository, fund }, monthOf(at));
        const statement = await statementOf(runtime, fund, period, at, toInstant(at));
        const written = await repository.write([repository.putsStatement(fund.id, period, statement)]);
        if (!written.ok) continue;
        disclosed += 1;
        if (statement.late.length + statement.warnings.length === 0) continue;
        flagged += 1;
        runtime.log({
          level: 'warn',
          code: 'statementFlagged',
          fund: fund.id,
          period,
          late: statement.late.length,
          warnings: statement.warnings.length,
        });
      }
    };
    let after: Record<string, unknown> | undefined;
    do {
      const page = await repository.listFunds('', PAGE, after);
      for (let start = 0; start < page.items.length; start += AT_ONCE)
        await Promise.all(page.items.slice(start, start + AT_ONCE).map(disclose));
      seen += page.items.length;
      after = page.after;
      runtime.log({ level: 'info', code: 'disclosureProgress', periods, funds: seen, disclosed });
    } while (after !== undefined);
    return { periods, disclosed, flagged };
  };
};

export const handler = lambda(foundationDisclosure);
