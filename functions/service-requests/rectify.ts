import { audit, auditWrite, type AuditEntry } from '../audit/writer.ts';
import type { Write } from '../data/database.ts';
import { isMatch, type Call, type Outcome, type Repeatable, type Run, type SignedInCall } from '../http/call.ts';
import type { BodyOf, OperationSpec } from '../http/operation.ts';
import { untilWritten } from '../http/until-written.ts';
import { err, ok } from '../kernel/result.ts';
import { toInstant } from '../kernel/time.ts';
import * as contract from './contract.ts';
import { dependencies, type Dependencies } from './dependencies.ts';
import { rectify, seesRectification, type Rectification, type RectificationAction, type RectificationInputs } from './rectification.ts';
import type { Rating, ServiceRequest } from './service-request.ts';
import { rectificationView } from './view.ts';

/** What is written down of a confidential request's rectification being read or changed. */
const accountOf = ({ caller, now, requestId, operation }: Call, { id, community }: Rectification): AuditEntry => ({
  resource: `rectifications/${id}`,
  community,
  action: operation.method === 'GET' ? 'read' : operation.id,
  caller,
  now,
  requestId,
});

export const readOne: Run<typeof contract.readRectification> = async (call) => {
  const { runtime, caller, params } = call;
  const rectification = await dependencies(runtime).requests.findRectification(params.id);
  if (rectification === undefined || !seesRectification(rectification, caller)) return err({ code: 'notFound' });
  if (rectification.confidential) await audit(runtime.database, accountOf(call, rectification));
  return ok({ status: 200, body: rectificationView(rectification, caller), version: rectification.version });
};

const struck = (rating: Rating | undefined): Rating | undefined => (rating === undefined ? undefined : { ...rating, counts: false });

/** The request whose rating a review has struck: it no longer counts, and stays on record. */
const strike = (request: ServiceRequest, round: number, now: Call['now']): ServiceRequest => ({
  ...request,
  version: request.version + 1,
  change: 'ratingStruck',
  commentMedia: undefined,
  changedAt: toInstant(now),
  rating: request.round === round ? struck(request.rating) : request.rating,
  rounds: request.rounds.map((each) => (each.round === round ? { ...each, rating: struck(each.rating) } : each)),
});

/** A struck rating is struck on the request too, in the ruling's own transaction. */
const besides = async (
  { requests }: Dependencies,
  { status, request, round }: Rectification,
  { now, requestId }: Call,
): Promise<readonly Write[]> => {
  const rated = status === 'struck' ? await requests.read(request) : undefined;
  return rated === undefined ? [] : [requests.changes(strike(rated, round, now), rated.version, requestId)];
};

const step = <O extends OperationSpec & { readonly access: 'signedIn'; readonly method: 'POST' }, A extends RectificationAction>(
  _: O,
  action: A,
): Repeatable<O> => {
  const run = async (call: SignedInCall): Promise<Outcome<typeof contract.readRectification>> => {
    const { runtime, caller, now, ifMatch, requestId } = call;
    const { id } = call.params as { id: string };
    const deps = dependencies(runtime);
    const limits = await deps.catalogue.setting('rectifications');
    return untilWritten<typeof contract.readRectification>(async () => {
      const rectification = await deps.requests.readRectification(id);
      if (rectification === undefined || !seesRectification(rectification, caller)) return err({ code: 'notFound' });
      if (!isMatch(ifMatch, rectification.version)) return err({ code: 'preconditionFailed' });
      const next = rectify(action, rectification, call.body as BodyOf<O> & RectificationInputs[A], caller, now, limits);
      if (!next.ok) return next;
      const written = await deps.requests.write([
        deps.requests.putsRectification(next.value, rectification.version, requestId),
        ...(await besides(deps, next.value, call)),
        ...(next.value.confidential ? [auditWrite(accountOf(call, next.value))] : []),
        ...call.once(200, id),
      ]);
      if (written.ok) return ok({ status: 200, body: rectificationView(next.value, caller), version: next.value.version });
      return written.error.index !== 0 && next.value.status !== 'struck' ? err({ code: 'conflict' }) : 'lost';
    });
  };
  const replay = async (call: SignedInCall, id: string): Promise<Outcome<typeof contract.readRectification>> => {
    // As it is now: an answer that is made again must not be from before the effect.
    const rectification = await dependencies(call.runtime).requests.readRectification(id);
    if (rectification === undefined) return err({ code: 'notFound' });
    if (rectification.confidential) await audit(call.runtime.database, accountOf(call, rectification));
    return ok({ status: 200, body: rectificationView(rectification, call.caller), version: rectification.version });
  };
  return { run, replay } as unknown as Repeatable<O>;
};

export const rectificationActions = {
  callbackRectification: step(contract.callbackRectification, 'callback'),
  fixRectification: step(contract.fixRectification, 'fix'),
  appealRectification: step(contract.appealRectification, 'appeal'),
  reviewRectification: step(contract.reviewRectification, 'review'),
};
