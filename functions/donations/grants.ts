/** Money paid out: proposed by one treasurer, approved by another, paid, and reported on to everybody. */
import { catalogueReader } from '../catalogue/reader.ts';
import type { Runtime } from '../data/runtime.ts';
import { isMatch, type Outcome, type Repeatable, type Reply, type Run, type SignedInCall } from '../http/call.ts';
import type { AnswerOf, BodyOf } from '../http/operation.ts';
import { nextOf, positionOf } from '../http/page.ts';
import type { Principal } from '../http/principal.ts';
import { wrongField, type FieldError } from '../http/problem.ts';
import { limitOf } from '../http/schema.ts';
import { newId } from '../kernel/id.ts';
import { fen } from '../kernel/money.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import { dayOf, toInstant, type EpochMs } from '../kernel/time.ts';
import { ALREADY_ATTACHED, mediaErrors, mediaReader } from '../media/reader.ts';
import type { Failure } from '../http/problem.ts';
import { booksOf } from './books.ts';
import type * as contract from './contract.ts';
import { keepsBooksOf, purposeCodes, seesBooksOf, type Fund } from './fund.ts';
import { actionsOf, afterAction, newGrant, newTrace, type Grant, type GrantAction } from './grant.ts';
import { journals } from './ledger.ts';
import { GENERAL } from './names.ts';
import { post, type Posting } from './post.ts';
import { foundationRepository } from './repository.ts';
import { share, total } from './statement.ts';
import { sumsIn } from './sums.ts';

type GrantView = AnswerOf<typeof contract.readGrant>;
type ListedGrant = AnswerOf<typeof contract.listGrants>['items'][number];

/** What the reason of a grant to a person says may say who it is: it is for those who keep the books, as the name is. */
const isOpen = (grant: Grant): boolean => grant.recipientKind === 'organisation';

const listedGrant = (grant: Grant): ListedGrant => ({
  id: grant.id,
  fund: grant.fund,
  purpose: grant.purpose,
  amount: grant.amount,
  currency: 'CNY',
  recipient: { kind: grant.recipientKind, name: isOpen(grant) ? grant.recipientName : undefined },
  reason: isOpen(grant) ? grant.reason : undefined,
  administrative: grant.administrative,
  status: grant.status,
  proposedAt: grant.proposedAt,
  decidedAt: grant.decidedAt,
  paidAt: grant.paidAt,
  report: reportOf(grant),
  actions: [...actionsOf(grant)],
});

const reportOf = ({ reportText, reportedAt }: Grant) =>
  reportText === undefined || reportedAt === undefined ? undefined : { text: reportText, at: reportedAt };

/** Beyond what the foundation may spend on itself in a year, were this paid too. */
const warningsOf = async (runtime: Runtime, grant: Grant, now: EpochMs): Promise<GrantView['warnings']> => {
  if (!grant.administrative || grant.status === 'rejected') return undefined;
  const repository = foundationRepository(runtime.database);
  const [{ administrativeCap }, fund] = await Promise.all([
    catalogueReader(runtime.database).setting('foundation'),
    repository.findFund(grant.fund),
  ]);
  if (fund === undefined) return undefined;
  const year = dayOf(now).slice(0, 4);
  const sums = total((await sumsIn(repository, fund, year)).values());
  const planned = grant.status === 'paid' ? 0 : grant.amount;
  const part = share(sums.administrative + planned, sums.grants + planned);
  return part !== null && part > administrativeCap ? [{ code: 'administrativeCap', share: part, limit: administrativeCap }] : undefined;
};

const grantView = async (runtime: Runtime, grant: Grant, caller: Principal | undefined, now: EpochMs): Promise<GrantView> => {
  const report = reportOf(grant);
  const media = mediaReader(runtime);
  const pictures = grant.media === undefined ? [] : await media.readAll(grant.media);
  // Attached to something else by whoever was quicker, it is not this report's.
  const own = pictures.filter((each) => each?.attachedTo === undefined || each.attachedTo === grant.id);
  const shown = {
    ...listedGrant(grant),
    report: report === undefined ? undefined : { ...report, media: [...(await media.showAll(own, now))] },
  };
  if (!seesBooksOf(caller, grant)) return shown;
  return {
    ...shown,
    recipient: { kind: grant.recipientKind, name: grant.recipientName },
    reason: grant.reason,
    proposedBy: grant.proposedBy,
    decidedBy: grant.decidedBy,
    paidBy: grant.paidBy,
    note: grant.note,
    warnings: await warningsOf(runtime, grant, now),
  };
};

const reply = async (
  { runtime, caller, now }: Pick<SignedInCall, 'runtime' | 'now'> & { readonly caller: Principal | undefined },
  grant: Grant,
  status: number,
): Promise<Reply<GrantView>> => ({
  status,
  body: await grantView(runtime, grant, caller, now),
  version: grant.version,
  ...(seesBooksOf(caller, grant) ? { view: 'whole' } : {}),
  location: `/v1/grants/${grant.id}`,
  // Links to its pictures end.
  ...(grant.media === undefined ? {} : { transient: true as const }),
});

const again = async (call: SignedInCall, id: string, status: number): Promise<Outcome<typeof contract.readGrant>> => {
  const grant = await foundationRepository(call.runtime.database).readGrant(id);
  return grant === undefined ? err({ code: 'notFound' }) : ok(await reply(call, grant, status));
};

export const createGrant: Repeatable<typeof contract.createGrant> = {
  run: async (call) => {
    const { runtime, body, caller, now, requestId } = call;
    const repository = foundationRepository(runtime.database);
    const fund = await repository.findFund(body.fund);
    if (fund === undefined) return err(wrongField('fund', { 'zh-CN': '没有这个基金', en: 'is no fund here' }));
    if (!keepsBooksOf(caller, fund)) return err({ code: 'forbidden' });
    const purpose = body.purpose ?? GENERAL;
    if (!purposeCodes(fund).includes(purpose))
      return err(wrongField('purpose', { 'zh-CN': '该基金没有这个用途', en: 'is no purpose of this fund' }));
    const grant = newGrant(
      {
        id: newId(runtime.random),
        fund: fund.id,
        division: fund.division,
        purpose,
        amount: fen(body.amount),
        recipientKind: body.recipient.kind,
        recipientName: body.recipient.name,
        reason: body.reason,
        administrative: body.administrative === true,
      },
      caller.sub,
      now,
    );
    const written = await repository.write([repository.putsGrant(grant, undefined, requestId), ...call.once(201, grant.id)]);
    return written.ok ? ok(await reply(call, grant, 201)) : err({ code: 'conflict' });
  },
  replay: (call, id) => again(call, id, 201),
};

type ActionOperation = typeof contract.approveGrant | typeof contract.rejectGrant | typeof contract.payGrant | typeof contract.reportGrant;

/** What an action makes of a grant, and what is written with it. */
type Doing = (given: {
  readonly call: SignedInCall;
  readonly grant: Grant;
  readonly fund: Fund;
}) => Promise<Result<(at: EpochMs) => { readonly next: Grant; readonly beside?: Partial<Posting> }, Failure>>;

/** Nobody decides on what they proposed themselves. */
const BY_ANOTHER: ReadonlySet<GrantAction> = new Set(['approve', 'reject']);

const act = <O extends ActionOperation>(action: GrantAction, doing: Doing): Repeatable<O> => {
  const run = async (call: SignedInCall<ActionOperation>): Promise<Outcome<typeof contract.readGrant>> => {
    const { runtime, params, caller, now, requestId, ifMatch } = call;
    const repository = foundationRepository(runtime.database);
    const grant = await repository.readGrant(params.id);
    if (grant === undefined) return err({ code: 'notFound' });
    if (!keepsBooksOf(caller, grant) || (BY_ANOTHER.has(action) && grant.proposedBy === caller.sub)) return err({ code: 'forbidden' });
    if (!isMatch(ifMatch, grant.version)) return err({ code: 'preconditionFailed' });
    const actions = actionsOf(grant);
    if (!actions.includes(action)) return err({ code: 'wrongState', actions });
    const books = await booksOf(runtime, grant.fund, requestId);
    const done = await doing({ call, grant, fund: books.fund });
    if (!done.ok) return done;
    let next = grant;
    // Pictures are claimed after the grant itself is written.
    const claims = done.value(now).beside?.writes?.length ?? 0;
    const posted = await post(books, now, (at) => {
      const { next: changed, beside } = done.value(at);
      next = changed;
      return {
        writes: [repository.putsGrant(changed, grant, requestId), ...(beside?.writes ?? [])],
        journals: beside?.journals ?? [],
        after: call.once(200, grant.id),
      };
    });
    if (posted.ok) return ok(await reply(call, next, 200));
    if (posted.error.code === 'notThere') return err({ code: 'notEnoughMoney' });
    const { index } = posted.error;
    if (action === 'report' && index > 0 && index <= claims) return err(wrongField(`media.${index - 1}`, ALREADY_ATTACHED));
    return err({ code: ifMatch !== undefined && index === 0 ? 'preconditionFailed' : 'conflict' });
  };
  // Each operation's own types are settled where `act` is called; from here on all four are alike.
  return { run, replay: (call: SignedInCall, id: string) => again(call, id, 200) } as unknown as Repeatable<O>;
};

const approveGrant = act<typeof contract.approveGrant>('approve', ({ call, grant }) =>
  Promise.resolve(ok((at) => ({ next: afterAction.approve(grant, call.caller.sub, at) }))),
);

const rejectGrant = act<typeof contract.rejectGrant>('reject', ({ call, grant }) => {
  const { reason } = call.body as BodyOf<typeof contract.rejectGrant>;
  return Promise.resolve(ok((at) => ({ next: afterAction.reject(grant, call.caller.sub, at, reason) })));
});

const payGrant = act<typeof contract.payGrant>('pay', ({ call: { caller, runtime }, grant }) =>
  Promise.resolve(
    ok((at) => ({
      next: afterAction.pay(grant, caller.sub, at),
      beside: {
        writes: [foundationRepository(runtime.database).putsTrace(newTrace(grant, toInstant(at)), undefined)],
        journals: [
          journals.grant(
            grant,
            { id: newId(runtime.random), at, amount: grant.amount },
            { grant: grant.id, by: caller.sub, ...(grant.administrative ? { administrative: true as const } : {}) },
          ),
        ],
      },
    })),
  ),
);

/** Everybody reads a report: who has received as a person is not named in it. */
const namingErrors = ({ recipientKind, recipientName }: Grant, text: string): readonly FieldError[] =>
  recipientKind === 'person' && text.includes(recipientName)
    ? [
        {
          path: 'text',
          message: { 'zh-CN': '报告公开，请不要写出受助人的姓名', en: 'is public: do not name the person who has received the money' },
        },
      ]
    : [];

const reportGrant = act<typeof contract.reportGrant>('report', async ({ call, grant }) => {
  const { text, media = [] } = call.body as BodyOf<typeof contract.reportGrant>;
  const errors = [
    ...namingErrors(grant, text),
    ...mediaErrors(media, await mediaReader(call.runtime).readAll(media), call.caller.sub, call.now),
  ];
  if (errors.length > 0) return err({ code: 'invalid', errors });
  return ok((at) => ({
    next: afterAction.report(grant, call.caller.sub, at, text, media),
    beside: { writes: foundationRepository(call.runtime.database).claimsMedia(grant, media) },
  }));
});

export const grantActions = { approveGrant, rejectGrant, payGrant, reportGrant };

export const readGrant: Run<typeof contract.readGrant> = async (call) => {
  const grant = await foundationRepository(call.runtime.database).readGrant(call.params.id);
  return grant === undefined ? err({ code: 'notFound' }) : ok(await reply(call, grant, 200));
};

export const listGrants: Run<typeof contract.listGrants> = async (call) => {
  const { runtime, query } = call;
  const position = positionOf<Record<string, unknown>>(call, query.cursor);
  if (!position.ok) return position;
  const repository = foundationRepository(runtime.database);
  const fund = await repository.findFund(query.fund);
  if (fund === undefined) return err({ code: 'notFound' });
  const page = await repository.list<Grant>('GRANTS', fund.id, limitOf(query.limit), position.value);
  const items = page.items.filter(({ status }) => query.status === undefined || status === query.status).map(listedGrant);
  return ok({ status: 200, body: { items, next: nextOf(call, page.after) } });
};
