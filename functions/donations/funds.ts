/** Opening funds, spreading them on more accounts, and reading them. */
import { divisionsReader } from '../divisions/reader.ts';
import { isMatch, type Repeatable, type Reply, type Run, type SignedInCall } from '../http/call.ts';
import type { AnswerOf } from '../http/operation.ts';
import { nextOf, positionOf } from '../http/page.ts';
import { wrongField, type FieldError } from '../http/problem.ts';
import { limitOf } from '../http/schema.ts';
import { newId } from '../kernel/id.ts';
import { err, ok } from '../kernel/result.ts';
import { toInstant } from '../kernel/time.ts';
import type * as contract from './contract.ts';
import { keepsBooksOf, newFund, purposeCodes, type Fund } from './fund.ts';
import { newAccount, type Account } from './ledger.ts';
import { GENERAL } from './names.ts';
import { foundationRepository } from './repository.ts';

/** Writes of one transaction. */
const AT_ONCE = 90;

type FundView = AnswerOf<typeof contract.readFund>;

const fundView = ({ id, name, division, purposes, accounts, createdAt }: Fund, of: readonly Account[]): FundView => {
  const byPurpose = new Map<string, number>(purposes.map(({ code }) => [code, 0]));
  byPurpose.set(GENERAL, 0);
  for (const { purpose, balance } of of) byPurpose.set(purpose, (byPurpose.get(purpose) ?? 0) + balance);
  return {
    id,
    name,
    division,
    purposes: [...purposes],
    currency: 'CNY',
    balance: { available: of.reduce((sum, { balance }) => sum + balance, 0), byPurpose: Object.fromEntries(byPurpose) },
    accounts,
    createdAt,
  };
};

/** Grows with each change of a fund or of what it has: every account counts what was posted to it. */
const versionOf = (fund: Fund, of: readonly Account[]): number => of.reduce((sum, { version }) => sum + version, fund.version);

const shown = (fund: Fund, of: readonly Account[], status: number): Reply<FundView> => ({
  status,
  body: fundView(fund, of),
  version: versionOf(fund, of),
  location: `/v1/funds/${fund.id}`,
});

const twice = (purposes: readonly { readonly code: string }[]): readonly FieldError[] =>
  purposes.flatMap(({ code }, index) =>
    purposes.findIndex((each) => each.code === code) === index
      ? []
      : [{ path: `purposes.${index}.code`, message: { 'zh-CN': '与前面的用途重复', en: 'is the code of a purpose before it' } }],
  );

export const createFund: Repeatable<typeof contract.createFund> = {
  run: async (call) => {
    const { runtime, body, caller, now, requestId } = call;
    if (!keepsBooksOf(caller, body)) return err({ code: 'forbidden' });
    const errors = [...twice(body.purposes)];
    if ((await divisionsReader(runtime.database).find(body.division)) === undefined)
      errors.push({ path: 'division', message: { 'zh-CN': '没有这个区划', en: 'is no division here' } });
    if (errors.length > 0) return err({ code: 'invalid', errors });
    const repository = foundationRepository(runtime.database);
    const fund = newFund({ ...body, id: newId(runtime.random) }, caller.sub, now);
    const accounts = purposeCodes(fund).map((purpose) => newAccount(fund.id, purpose, 0, now));
    const written = await repository.write([
      repository.putsFund(fund, undefined, requestId),
      ...accounts.map(repository.opensAccount),
      ...call.once(201, fund.id),
    ]);
    if (!written.ok) return err({ code: 'conflict' });
    return ok(shown(fund, accounts, 201));
  },
  replay: (call, id) => again(call, id, 201),
};

const again = async (
  call: SignedInCall<typeof contract.createFund> | SignedInCall<typeof contract.widenFund>,
  id: string,
  status: number,
) => {
  const repository = foundationRepository(call.runtime.database);
  const fund = await repository.readFund(id);
  return fund === undefined ? err({ code: 'notFound' as const }) : ok(shown(fund, await repository.accounts(fund), status));
};

/** The new accounts first, then the fund that gifts are spread on: a gift never lands on one that is not there. */
export const widenFund: Repeatable<typeof contract.widenFund> = {
  run: async (call) => {
    const { runtime, params, body, caller, now, requestId, ifMatch } = call;
    const repository = foundationRepository(runtime.database);
    const fund = await repository.readFund(params.id);
    if (fund === undefined) return err({ code: 'notFound' });
    if (!keepsBooksOf(caller, fund)) return err({ code: 'forbidden' });
    const wider: Fund = { ...fund, accounts: body.accounts };
    // Whoever was cut short has opened some of them.
    const open = await repository.accounts(wider);
    const known = open.filter(({ account }) => account < fund.accounts);
    if (!isMatch(ifMatch, versionOf(fund, known))) return err({ code: 'preconditionFailed' });
    if (body.accounts < fund.accounts)
      return err(
        wrongField('accounts', {
          'zh-CN': `不能少于现有的 ${fund.accounts} 个`,
          en: `cannot be lowered: there are ${fund.accounts}`,
        }),
      );
    const isOpen = new Set(open.map(({ purpose, account }) => `${purpose}/${account}`));
    const missing = purposeCodes(fund)
      .flatMap((purpose) => Array.from({ length: body.accounts }, (_, account) => newAccount(fund.id, purpose, account, now)))
      .filter(({ purpose, account }) => !isOpen.has(`${purpose}/${account}`));
    for (let from = 0; from < missing.length; from += AT_ONCE) {
      const opened = await repository.write(missing.slice(from, from + AT_ONCE).map(repository.opensAccount));
      if (!opened.ok) return err({ code: 'conflict' });
    }
    const next: Fund = { ...wider, version: fund.version + 1, change: 'widened', changedAt: toInstant(now) };
    const written = await repository.write([repository.putsFund(next, fund, requestId), ...call.once(200, fund.id)]);
    return written.ok ? ok(shown(next, await repository.accounts(next), 200)) : err({ code: 'conflict' });
  },
  replay: (call, id) => again(call, id, 200),
};

export const readFund: Run<typeof contract.readFund> = async ({ runtime, params }) => {
  const repository = foundationRepository(runtime.database);
  const fund = await repository.findFund(params.id);
  return fund === undefined ? err({ code: 'notFound' }) : ok(shown(fund, await repository.accounts(fund), 200));
};

export const listFunds: Run<typeof contract.listFunds> = async (call) => {
  const { runtime, query } = call;
  const position = positionOf<Record<string, unknown>>(call, query.cursor);
  if (!position.ok) return position;
  const repository = foundationRepository(runtime.database);
  const page = await repository.listFunds(query.division ?? '', limitOf(query.limit), position.value);
  const items = await Promise.all(
    page.items.map(async (fund) => fundView(fund, await repository.accounts(fund, purposeCodes(fund), false))),
  );
  return ok({ status: 200, body: { items, next: nextOf(call, page.after) } });
};
