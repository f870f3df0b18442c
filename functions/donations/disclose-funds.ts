/**
 * A step of a disclosure: freezes the statements of a few hundred funds, and moves it on by one conditional write, whose event begins the next
 * step. What stands already stands; so whoever is told twice, late, or dies between any two calls, changes nothing.
 */
import type { EventBridgeEvent } from 'aws-lambda';
import { lambda } from '../data/lambda.ts';
import type { CloudEvent } from '../data/reaction.ts';
import type { Runtime } from '../data/runtime.ts';
import { withUses } from '../data/scope.ts';
import { fromInstant, monthOf, SECOND } from '../kernel/time.ts';
import type { StatementView } from './contract.ts';
import { afterStep, periodsOf, type Disclosure, type Step } from './disclosure.ts';
import { disclosureRepository } from './disclosure-repository.ts';
import type { Fund } from './fund.ts';
import { discloseFunds as declaration } from './reactions.ts';
import { closesMonths } from './post.ts';
import { foundationRepository } from './repository.ts';
import { isBefore } from './statement.ts';
import { statementOf } from './statements.ts';

const AT_ONCE = 16;
/** A step goes through whole pages until it has so many funds, or has lasted so many milliseconds. */
const BOUNDS = { page: 100, funds: 500, lasts: 20 * SECOND };

export const discloseFunds = (outer: Runtime, bounds = BOUNDS) => {
  const runtime = withUses(outer, declaration.uses, declaration.name);
  const { now } = runtime;
  const repository = foundationRepository(runtime.database);
  const disclosures = disclosureRepository(runtime.database);

  /** The statement as it stands: written now, or when this was begun before. */
  const disclosed = async (fund: Fund, period: string, { at }: Disclosure): Promise<StatementView> => {
    const statement = await statementOf(runtime, fund, period, fromInstant(at), at);
    const written = await repository.write([repository.putsStatement(fund.id, period, statement)]);
    return written.ok ? statement : ((await repository.statement<StatementView>(fund.id, period)) ?? statement);
  };

  const disclose = async (fund: Fund, disclosure: Disclosure): Promise<Pick<Step, 'disclosed' | 'flagged'>> => {
    const done = { disclosed: 0, flagged: 0 };
    const periods = periodsOf(disclosure).filter((period) => !isBefore(period, fund));
    // What is told late of them comes in after them.
    if (periods.length > 0) await closesMonths({ repository, fund }, monthOf(fromInstant(disclosure.at)));
    for (const period of periods) {
      const { late, warnings } = await disclosed(fund, period, disclosure);
      done.disclosed += 1;
      if (late.length + warnings.length === 0) continue;
      done.flagged += 1;
      runtime.log({ level: 'warn', code: 'statementFlagged', fund: fund.id, period, late: late.length, warnings: warnings.length });
    }
    return done;
  };

  const step = async (disclosure: Disclosure): Promise<Step> => {
    const began = now();
    const done = { after: disclosure.after, funds: 0, disclosed: 0, flagged: 0 };
    do {
      const page = await repository.listFunds('', bounds.page, done.after);
      for (let start = 0; start < page.items.length; start += AT_ONCE)
        for (const each of await Promise.all(page.items.slice(start, start + AT_ONCE).map((fund) => disclose(fund, disclosure)))) {
          done.disclosed += each.disclosed;
          done.flagged += each.flagged;
        }
      done.funds += page.items.length;
      done.after = page.after;
    } while (done.after !== undefined && done.funds < bounds.funds && now() - began < bounds.lasts);
    return done;
  };

  return async ({
    detail: {
      id,
      data: { version, item },
    },
  }: EventBridgeEvent<string, CloudEvent<Pick<Disclosure, 'quarter'>>>): Promise<void> => {
    const disclosure = await disclosures.read(item.quarter);
    // It has gone on since.
    if (disclosure === undefined || disclosure.version !== version || disclosure.change === 'done') return;
    const next = afterStep(disclosure, await step(disclosure), now());
    if (!(await disclosures.moves(next, disclosure, id))) return;
    const { quarter, change, funds, disclosed: statements, flagged } = next;
    runtime.log({ level: 'info', code: 'disclosureStep', quarter, change, funds, disclosed: statements, flagged });
  };
};

export const handler = lambda((runtime) => discloseFunds(runtime));
