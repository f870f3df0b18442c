import { isMatch, type Outcome, type Repeatable, type SignedInCall } from '../http/call.ts';
import type { BodyOf, OperationSpec } from '../http/operation.ts';
import { isStaffOf, type Principal } from '../http/principal.ts';
import { wrongField, type Failure } from '../http/problem.ts';
import { untilWritten } from '../http/until-written.ts';
import { auditWrite } from '../audit/writer.ts';
import type { Write } from '../data/database.ts';
import { OFFLINE_CHANNELS } from '../kernel/channel.ts';
import { covers } from '../kernel/division.ts';
import { newId } from '../kernel/id.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import { toInstant, type EpochMs } from '../kernel/time.ts';
import { ALREADY_ATTACHED, mediaErrors } from '../media/reader.ts';
import { NO_PROVIDER } from '../providers/reader.ts';
import * as contract from './contract.ts';
import { dependencies, registered, termsOf, type Dependencies } from './dependencies.ts';
import { accountOf, replay, shown } from './read.ts';
import { isBad, openRectification } from './rectification.ts';
import { MAX_COMMENT_MEDIA, sightOf, type ActionName, type Assignee, type Comment, type ServiceRequest } from './service-request.ts';
import { perform, refusalOf, type Inputs } from './transitions.ts';

const TOO_MANY_MEDIA = wrongField('media', {
  'zh-CN': `一件诉求的评论合计最多 ${MAX_COMMENT_MEDIA} 张图片`,
  en: `is too many: the comments of a request may have ${MAX_COMMENT_MEDIA} pictures in all`,
});

/** What has to be looked up before the rule can speak: places, services and requests that the body names. */
type Prepare<N extends ActionName, Body> = (given: {
  body: Body;
  request: ServiceRequest;
  caller: Principal;
  now: EpochMs;
  dependencies: Dependencies;
}) => Promise<Result<Inputs[N], Failure>>;

/** What is written beside the request, in the same transaction, the claims of pictures first; a comment of it is shown as well. */
type Beside = (given: { request: ServiceRequest; body: never; input: never; call: SignedInCall; dependencies: Dependencies }) => Promise<{
  readonly writes: readonly Write[];
  readonly claims?: readonly Write[];
  readonly comment?: Comment;
}>;

interface ActionOperation extends OperationSpec {
  readonly access: 'signedIn';
  readonly method: 'POST';
}

/** A dispatcher of the other place may take over what they do not see, as long as it is not confidential. */
const mayPull = (name: ActionName, request: ServiceRequest, caller: Principal): boolean =>
  name === 'transfer' && request.visibility !== 'confidential' && caller.roles.has('dispatcher');

/** As they are stored: by moment, then by id. */
const inOrder = (comments: readonly Comment[]): readonly Comment[] =>
  comments.toSorted((one, other) => (`${one.at}#${one.id}` < `${other.at}#${other.id}` ? -1 : 1));

const actOn =
  <N extends ActionName>(name: N, prepare: Prepare<N, never>, beside: Beside | undefined) =>
  async (asked: SignedInCall): Promise<Outcome<typeof contract.readRequest>> => {
    const { runtime, now, ifMatch, requestId } = asked;
    const id = (asked.params as { id: string }).id;
    const deps = dependencies(runtime);
    return untilWritten<typeof contract.readRequest>(async () => {
      const call = await registered(asked);
      const { caller } = call;
      const request = await deps.requests.read(id);
      if (request === undefined) return err({ code: 'notFound' });
      const sight = sightOf(request, caller);
      const hidden = sight === 'nothing';
      if (hidden && !mayPull(name, request, caller)) return err({ code: 'notFound' });
      if (name === 'comments' && sight !== 'whole') return err({ code: 'forbidden' });
      // Of what the caller may not know, they learn no version either.
      if (!isMatch(ifMatch, request.version)) return err({ code: hidden ? 'notFound' : 'preconditionFailed' });

      const body = call.body as never;
      const [input, terms] = await Promise.all([prepare({ body, request, caller, now, dependencies: deps }), termsOf(deps, request)]);
      if (!input.ok) return hidden ? err({ code: 'notFound' }) : input;
      const next = perform(name, request, input.value, { caller, now, terms });
      if (!next.ok) return hidden ? err({ code: 'notFound' }) : next;

      const {
        writes,
        claims = [],
        comment,
      } = (await beside?.({
        request: next.value,
        body,
        input: input.value as never,
        call,
        dependencies: deps,
      })) ?? { writes: [] };
      // Read before the write, which holds for this version only: a database that is busy after it would say that nothing was written.
      const before = request.comments === 0 ? [] : await deps.requests.comments(id);
      const comments = comment === undefined ? before : inOrder([...before, comment]);
      if (comment?.media !== undefined && comments.flatMap(({ media }) => media ?? []).length > MAX_COMMENT_MEDIA)
        return err(TOO_MANY_MEDIA);
      const answer = await shown(call, next.value, comments, 'whole');
      const account = accountOf(call, next.value);
      const effect = [
        deps.requests.changes(next.value, request.version, requestId),
        ...claims,
        ...writes,
        ...(account === undefined ? [] : [auditWrite(account)]),
      ];
      const written = await deps.requests.write([...effect, ...call.once(200, id)]);
      if (written.ok) return answer;
      const { index } = written.error;
      if (index > 0 && index <= claims.length) return err(wrongField(`media.${index - 1}`, ALREADY_ATTACHED));
      return index >= effect.length ? err({ code: 'conflict' }) : 'lost';
    });
  };

/** The use case of one action on a request: look, ask the rule, write all of it or nothing. */
const act = <O extends ActionOperation, N extends ActionName>(
  _: O,
  name: N,
  prepare?: Prepare<N, BodyOf<O>>,
  beside?: Beside,
): Repeatable<O> => {
  // Which body belongs to which action is settled where `act` is called; from here on every action is alike.
  const run = actOn(name, (prepare ?? (({ body }) => Promise.resolve(ok(body)))) as Prepare<N, never>, beside);
  return { run, replay } as unknown as Repeatable<O>;
};

/** The newest version of another service, for somebody who files a request under it. */
const prepareAccept: Prepare<'accept', { service?: string | undefined; priority?: Inputs['accept']['priority'] }> = async ({
  body,
  request,
  dependencies: { catalogue },
}) => {
  // As what it is already, it keeps its version and its clocks.
  if (body.service === undefined || body.service === request.service) return ok({ priority: body.priority });
  const terms = await catalogue.offered(body.service, request.community);
  return terms === undefined
    ? err(wrongField('service', { 'zh-CN': '此处没有这项服务，请见 GET /v1/services', en: 'is not offered there: see GET /v1/services' }))
    : ok({ terms, priority: body.priority });
};

const prepareDuplicate: Prepare<'duplicate', { of: string }> = async ({ body, request, caller, dependencies: { requests } }) => {
  const other = body.of === request.id ? undefined : await requests.read(body.of);
  // Whoever reads a request is pointed to no confidential one.
  const hidden =
    other === undefined ||
    sightOf(other, caller) === 'nothing' ||
    (other.visibility === 'confidential' && request.visibility !== 'confidential');
  if (hidden) return err(wrongField('of', { 'zh-CN': '没有这个诉求，或就是它自己', en: 'is no other request' }));
  if (other.status === 'duplicate')
    return err(
      wrongField('of', {
        'zh-CN': '该诉求本身已是重复，请指明原来的诉求',
        en: 'is itself a duplicate: name the first one',
      }),
    );
  return ok({ of: body.of, version: other.version });
};

/** The other one stands as it was looked at: two requests cannot become duplicates of each other. */
const duplicateBeside: Beside = ({ input, dependencies: { requests } }) => {
  const { of, version }: Inputs['duplicate'] = input;
  return Promise.resolve({ writes: [requests.stands(of, version)] });
};

const prepareTransfer: Prepare<'transfer', Inputs['transfer']> = async ({ body, request, caller, dependencies: { divisions } }) => {
  if (!covers(caller.division, request.community) && !covers(caller.division, body.community)) return err({ code: 'forbidden' });
  if (body.community === request.community) return err(wrongField('community', { 'zh-CN': '已在该社区', en: 'is where it is already' }));
  const community = await divisions.find(body.community);
  return community?.active === true
    ? ok(body)
    : err(wrongField('community', { 'zh-CN': '没有这个社区，或已停用', en: 'is no community in use' }));
};

/** A provider gets what it is admitted for, there and now. Who may not assign it learns nothing of the register. */
const prepareAssign: Prepare<'assign', { to: Assignee }> = async ({ body, request, caller, now, dependencies: { providers } }) => {
  const { to } = body;
  const refused = refusalOf('assign', request, body, { caller, now });
  if (refused !== undefined) return err(refused);
  if (to.kind !== 'provider') return ok({ to });
  const provider = await providers.read(to.id);
  const fault = provider === undefined ? NO_PROVIDER : provider.assignmentFault(request, now);
  return fault === undefined ? ok({ to, provider }) : err(wrongField('to.id', fault));
};

/** The register stands as it was looked at: nobody is suspended in the moment in which they are given work. */
const assignBeside: Beside = ({ input, dependencies: { providers } }) => {
  const { provider }: Inputs['assign'] = input;
  return Promise.resolve({ writes: provider === undefined ? [] : [providers.stands(provider)] });
};

/** Who acts for somebody, or takes it in by phone, at a counter or at a visit, is staff there; both whom for and how are recorded. */
const forSomebodyOnlyByStaff =
  <N extends 'cancel' | 'reopen' | 'comments' | 'rating'>(): Prepare<N, Inputs[N]> =>
  ({ body, request, caller }) => {
    const { onBehalfOf, channel } = body;
    const byStaff = onBehalfOf !== undefined || (channel !== undefined && OFFLINE_CHANNELS.has(channel));
    return Promise.resolve(byStaff && !isStaffOf(caller, request.community) ? err({ code: 'forbidden' }) : ok(body));
  };

const prepareComment: Prepare<'comments', Inputs['comments']> = async (given) => {
  const allowed = await forSomebodyOnlyByStaff<'comments'>()(given);
  if (!allowed.ok) return allowed;
  const { media: ids = [] } = given.body;
  const errors = mediaErrors(ids, await given.dependencies.media.readAll(ids), given.caller.sub, given.now);
  return errors.length === 0 ? allowed : err({ code: 'invalid', errors });
};

const commentBeside: Beside = ({ request, body, call, dependencies: { requests } }) => {
  const { text, internal = false, onBehalfOf, channel } = body as Inputs['comments'];
  const comment: Comment = {
    id: newId(call.runtime.random),
    at: toInstant(call.now),
    by: call.caller.sub,
    text,
    internal,
    media: request.commentMedia,
    onBehalfOf,
    channel,
  };
  const claims = requests.claimsMedia({ id: request.id, media: comment.media });
  return Promise.resolve({ writes: [requests.addsComment(request, comment)], claims, comment });
};

/** A bad rating opens one rectification, in the rating's own transaction. */
const rectificationBeside: Beside = async ({ request, call, dependencies: { requests, catalogue } }) => {
  const level = request.rating?.level;
  if (level === undefined || !isBad(level)) return { writes: [] };
  const rectification = openRectification(newId(call.runtime.random), request, level, await catalogue.setting('rectifications'), call.now);
  return { writes: [requests.putsRectification(rectification, undefined, call.requestId)] };
};

export const actions = {
  acceptRequest: act(contract.acceptRequest, 'accept', prepareAccept),
  rejectRequest: act(contract.rejectRequest, 'reject'),
  cancelRequest: act(contract.cancelRequest, 'cancel', forSomebodyOnlyByStaff<'cancel'>()),
  duplicateRequest: act(contract.duplicateRequest, 'duplicate', prepareDuplicate, duplicateBeside),
  transferRequest: act(contract.transferRequest, 'transfer', prepareTransfer),
  assignRequest: act(contract.assignRequest, 'assign', prepareAssign, assignBeside),
  startRequest: act(contract.startRequest, 'start'),
  resolveRequest: act(contract.resolveRequest, 'resolve'),
  extendRequest: act(contract.extendRequest, 'extend'),
  pauseRequest: act(contract.pauseRequest, 'pause'),
  resumeRequest: act(contract.resumeRequest, 'resume'),
  closeRequest: act(contract.closeRequest, 'close'),
  reopenRequest: act(contract.reopenRequest, 'reopen', forSomebodyOnlyByStaff<'reopen'>()),
  commentRequest: act(contract.commentRequest, 'comments', prepareComment, commentBeside),
  rateRequest: act(contract.rateRequest, 'rating', forSomebodyOnlyByStaff<'rating'>(), rectificationBeside),
};
