import type { Outcome, Repeatable } from '../http/call.ts';
import { newTimedId } from '../kernel/id.ts';
import { err, ok } from '../kernel/result.ts';
import { epochMs, toInstant } from '../kernel/time.ts';
import { freeRequestId } from '../service-requests/reader.ts';
import type { recordVisit } from './contract.ts';
import { mayVisit, momentErrors, visited } from './recipient.ts';
import { careRepository } from './repository.ts';
import { visitView } from './view.ts';
import type { Visit } from './visit.ts';

/** Whoever loses a race with another visit or a change looks again. */
const ATTEMPTS = 8;

const made = (visit: Visit): Awaited<Outcome<typeof recordVisit>> =>
  ok({
    status: 201,
    body: visitView(visit),
    version: visit.version,
    location: `/v1/care/recipients/${visit.recipient}/visits/${visit.id}`,
  });

/** The visit, and what follows from it for who was visited, in one transaction. */
export const record: Repeatable<typeof recordVisit> = {
  run: async (call) => {
    const { runtime, caller, params, body, now, requestId } = call;
    const repository = careRepository(runtime.database);
    const at = epochMs(Date.parse(body.at));
    let id: string | undefined;
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const recipient = await repository.read(params.id);
      if (recipient === undefined || !mayVisit(caller, recipient)) return err({ code: 'notFound' });
      const errors = momentErrors(recipient, at, now);
      if (errors.length > 0) return err({ code: 'invalid', errors });
      id ??= newTimedId(at, runtime.random);
      const visit: Visit = {
        id,
        version: 1,
        change: body.outcome,
        changedAt: toInstant(now),
        recipient: recipient.id,
        community: recipient.community,
        at: toInstant(at),
        mode: body.mode,
        outcome: body.outcome,
        note: body.note,
        visitor: caller.sub,
        request: body.outcome === 'needsHelp' ? await freeRequestId(runtime.database, id) : undefined,
      };
      const written = await repository.write([
        repository.puts(visited(recipient, visit, now), recipient, requestId),
        repository.putsVisit(visit, requestId),
        ...call.once(201, id),
      ]);
      if (written.ok) return made(visit);
      // The key was used: the kit answers with what that made.
      if (written.error.index > 0) break;
    }
    return err({ code: 'conflict' });
  },
  replay: async ({ runtime, caller, params }, id) => {
    const repository = careRepository(runtime.database);
    const [recipient, visit] = await Promise.all([repository.find(params.id), repository.findVisit(params.id, id)]);
    return recipient === undefined || visit === undefined || !mayVisit(caller, recipient) ? err({ code: 'notFound' }) : made(visit);
  },
};
