import { audit, type AuditEntry } from '../audit/writer.ts';
import type { Call, Outcome, Run } from '../http/call.ts';
import { err, ok } from '../kernel/result.ts';
import type { readRequest } from './contract.ts';
import { dependencies, registered } from './dependencies.ts';
import { picturesById, type Pictures } from './pictures.ts';
import type { Comment, ServiceRequest, Sight } from './service-request.ts';
import { sightOf } from './service-request.ts';
import { requestView, commentsSeenBy } from './view.ts';

/** What is written down of a confidential request being read or changed; nothing of any other. */
export const accountOf = ({ caller, now, requestId, operation }: Call, request: ServiceRequest): AuditEntry | undefined =>
  request.visibility !== 'confidential'
    ? undefined
    : {
        resource: `requests/${request.id}`,
        community: request.community,
        action: operation.method === 'GET' ? 'read' : operation.id,
        caller,
        now,
        requestId,
      };

/** Its pictures, and those of the comments that this caller sees, with links that end soon; nothing is asked for where there are none. */
const picturesOf = async (
  { runtime, caller, now }: Call,
  request: ServiceRequest,
  comments: readonly Comment[],
  sight: Exclude<Sight, 'nothing'>,
): Promise<Pictures | undefined> => {
  const ids = [request, ...commentsSeenBy(request, comments, sight, caller)].flatMap(({ media }) => media ?? []);
  if (ids.length === 0) return undefined;
  const { media } = dependencies(runtime);
  return picturesById(await media.showAll(await media.readAll(ids), now));
};

/** The answer that holds a request. */
export const shown = async (
  call: Call,
  request: ServiceRequest,
  comments: readonly Comment[],
  sight: Exclude<Sight, 'nothing'>,
): Promise<Outcome<typeof readRequest>> => {
  const pictures = await picturesOf(call, request, comments, sight);
  return ok({
    status: 200,
    body: requestView(request, comments, sight, call.caller, call.now, pictures),
    version: request.version,
    ...(sight === 'whole' ? { view: 'whole' } : {}),
    ...(pictures === undefined ? {} : { transient: true }),
  });
};

const accountFor = async (call: Call, request: ServiceRequest): Promise<void> => {
  const entry = accountOf(call, request);
  if (entry !== undefined) await audit(call.runtime.database, entry);
};

/** A request as far as the caller may see it; what they may not know of looks like what is not there. */
export const read: Run<typeof readRequest> = async (asked) => {
  const call = await registered(asked);
  const found = await dependencies(call.runtime).requests.find(call.params.id);
  if (found === undefined) return err({ code: 'notFound' });
  const { request, comments } = found;
  const sight = sightOf(request, call.caller);
  if (sight === 'nothing') return err({ code: 'notFound' });
  await accountFor(call, request);
  return shown(call, request, comments, sight);
};

/** Answers once more for a request that this caller has changed or made before, with that effect in it. */
export const replay = async (asked: Call, id: string): Promise<Outcome<typeof readRequest>> => {
  const call = await registered(asked);
  const { requests } = dependencies(call.runtime);
  const request = await requests.read(id);
  if (request === undefined) return err({ code: 'notFound' });
  const comments = request.comments === 0 ? [] : await requests.comments(id);
  await accountFor(call, request);
  // Whoever handed it over and sees it no longer learns that it went well, and nothing that came after.
  return shown(call, request, comments, sightOf(request, call.caller) === 'whole' ? 'whole' : 'public');
};
