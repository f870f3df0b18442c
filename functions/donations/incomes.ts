/** Public and collective money: entered by one treasurer, counted once another has approved it. */
import { isMatch, type Outcome, type Repeatable, type Reply, type Run } from '../http/call.ts';
import type { AnswerOf } from '../http/operation.ts';
import { nextOf, positionOf } from '../http/page.ts';
import { wrongField } from '../http/problem.ts';
import { limitOf } from '../http/schema.ts';
import { newId } from '../kernel/id.ts';
import { fen } from '../kernel/money.ts';
import { err, ok } from '../kernel/result.ts';
import { booksOf } from './books.ts';
import type * as contract from './contract.ts';
import { keepsBooksOf, purposeCodes, seesBooksOf } from './fund.ts';
import { actionsOf, approved, newIncome, type Income } from './income.ts';
import { journals } from './ledger.ts';
import { GENERAL } from './names.ts';
import { post } from './post.ts';
import { foundationRepository, type FoundationRepository } from './repository.ts';

type IncomeView = AnswerOf<typeof contract.readIncome>;

const incomeView = (income: Income): IncomeView => {
  const { id, fund, purpose, source, amount, reference, status, proposedAt, proposedBy, approvedAt, approvedBy } = income;
  const actions = [...actionsOf(income)];
  return { id, fund, purpose, source, amount, currency: 'CNY', reference, status, proposedAt, proposedBy, approvedAt, approvedBy, actions };
};

const reply = (income: Income, status: number): Reply<IncomeView> => ({
  status,
  body: incomeView(income),
  version: income.version,
  location: `/v1/funds/${income.fund}/income/${income.id}`,
});

const again = async (repository: FoundationRepository, id: string, status: number): Promise<Outcome<typeof contract.readIncome>> => {
  const income = await repository.readIncome(id);
  return income === undefined ? err({ code: 'notFound' }) : ok(reply(income, status));
};

export const createIncome: Repeatable<typeof contract.createIncome> = {
  run: async (call) => {
    const { runtime, params, body, caller, now, requestId } = call;
    const repository = foundationRepository(runtime.database);
    const fund = await repository.findFund(params.id);
    if (fund === undefined) return err({ code: 'notFound' });
    if (!keepsBooksOf(caller, fund)) return err({ code: 'forbidden' });
    const purpose = body.purpose ?? GENERAL;
    if (!purposeCodes(fund).includes(purpose))
      return err(wrongField('purpose', { 'zh-CN': '该基金没有这个用途', en: 'is no purpose of this fund' }));
    const { source, reference } = body;
    const income = newIncome(
      { id: newId(runtime.random), fund: fund.id, division: fund.division, purpose, source, reference, amount: fen(body.amount) },
      caller.sub,
      now,
    );
    const written = await repository.write([repository.putsIncome(income, undefined, requestId), ...call.once(201, income.id)]);
    return written.ok ? ok(reply(income, 201)) : err({ code: 'conflict' });
  },
  replay: ({ runtime }, id) => again(foundationRepository(runtime.database), id, 201),
};

export const approveIncome: Repeatable<typeof contract.approveIncome> = {
  run: async (call) => {
    const { runtime, params, caller, now, requestId, ifMatch } = call;
    const repository = foundationRepository(runtime.database);
    const income = await repository.readIncome(params.income);
    if (income === undefined || income.fund !== params.id) return err({ code: 'notFound' });
    // Nobody approves what they entered themselves.
    if (!keepsBooksOf(caller, income) || income.proposedBy === caller.sub) return err({ code: 'forbidden' });
    if (!isMatch(ifMatch, income.version)) return err({ code: 'preconditionFailed' });
    const actions = actionsOf(income);
    if (!actions.includes('approve')) return err({ code: 'wrongState', actions });
    const books = await booksOf(runtime, income.fund, requestId);
    let next = income;
    const posted = await post(books, now, (at) => {
      next = approved(income, caller.sub, at);
      return {
        writes: [repository.putsIncome(next, income, requestId)],
        journals: [
          journals.income(income, { id: newId(runtime.random), at, amount: income.amount }, { income: income.id, by: caller.sub }),
        ],
        after: call.once(200, income.id),
      };
    });
    if (posted.ok) return ok(reply(next, 200));
    return err({ code: ifMatch === undefined ? 'conflict' : 'preconditionFailed' });
  },
  replay: ({ runtime }, id) => again(foundationRepository(runtime.database), id, 200),
};

export const readIncome: Run<typeof contract.readIncome> = async ({ runtime, params, caller }) => {
  const income = await foundationRepository(runtime.database).readIncome(params.income);
  return income?.fund !== params.id || !seesBooksOf(caller, income) ? err({ code: 'notFound' }) : ok(reply(income, 200));
};

export const listIncome: Run<typeof contract.listIncome> = async (call) => {
  const { runtime, params, query, caller } = call;
  const position = positionOf<Record<string, unknown>>(call, query.cursor);
  if (!position.ok) return position;
  const repository = foundationRepository(runtime.database);
  const fund = await repository.findFund(params.id);
  if (fund === undefined || !seesBooksOf(caller, fund)) return err({ code: 'notFound' });
  const page = await repository.list<Income>('INCOMES', fund.id, limitOf(query.limit), position.value);
  const items = page.items.filter(({ status }) => query.status === undefined || status === query.status).map(incomeView);
  return ok({ status: 200, body: { items, next: nextOf(call, page.after) } });
};
