import { audit } from '../audit/writer.ts';
import type { Call, Outcome, Run } from '../http/call.ts';
import { err, ok } from '../kernel/result.ts';
import type { readRequest } from './contract.ts';
import { dependencies } from './dependencies.ts';
import type { Comment, ServiceRequest, Sight } from './service-request.ts';
import { sightOf } from './service-request.ts';
import { requestView } from './view.ts';

/** The answer that holds a request; every reading of a confidential one is written down before it leaves. */
export const answer = async (
  call: Call,
  request: ServiceRequest,
  comments: readonly Comment[],
  sight: Exclude<Sight, 'nothing'>,
): Promise<Outcome<typeof readRequest>> => {
  const { runtime, caller, now, requestId, operation } = call;
  if (request.visibility === 'confidential') {
    await audit(runtime.database, {
      resource: `requests/${request.id}`,
      community: request.community,
      action: operation.method === 'GET' ? 'read' : operation.id,
      caller,
      now,
      requestId,
    });
  }
  return ok({ status: 200, body: requestView(request, comments, sight, caller, now), version: request.version });
};

/** A request as far as the caller may see it; what they may not know of looks like what is not there. */
export const read: Run<typeof readRequest> = async (call) => {
  const found = await dependencies(call.runtime).requests.find(call.params.id);
  if (found === undefined) return err({ code: 'notFound' });
  const sight = sightOf(found.request, call.caller);
  return sight === 'nothing' ? err({ code: 'notFound' }) : answer(call, found.request, found.comments, sight);
};

/** Answers once more for a request that this caller has changed or made before. */
export const replay = async (call: Call, id: string): Promise<Outcome<typeof readRequest>> => {
  const found = await dependencies(call.runtime).requests.find(id);
  // Whoever holds the key has seen the whole answer once.
  return found === undefined ? err({ code: 'notFound' }) : answer(call, found.request, found.comments, 'whole');
};
