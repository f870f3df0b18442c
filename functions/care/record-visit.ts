import { audit, auditWrite, type AuditEntry } from '../audit/writer.ts';
import type { Call, Outcome, Repeatable } from '../http/call.ts';
import { untilWritten } from '../http/until-written.ts';
import { newTimedId } from '../kernel/id.ts';
import { err, ok } from '../kernel/result.ts';
import { epochMs, toInstant } from '../kernel/time.ts';
import { freeRequestId } from '../service-requests/reader.ts';
import { accountOf } from './account.ts';
import type { recordVisit } from './contract.ts';
import { mayVisit, momentErrors, visited } from './recipient.ts';
import { careRepository } from './repository.ts';
import { visitView } from './view.ts';
import { helpCallOf, type Visit } from './visit.ts';

const made = (visit: Visit): Awaited<Outcome<typeof recordVisit>> =>
  ok({
    status: 201,
    body: visitView(visit),
    version: visit.version,
    location: `/v1/care/recipients/${visit.recipient}/visits/${visit.id}`,
  });

const accountOfVisit = (call: Pick<Call, 'caller' | 'now' | 'requestId'>, { recipient, id, community }: Visit): AuditEntry =>
  accountOf(call, `recipients/${recipient}/visits/${id}`, community, 'record');

/** The visit, what follows from it for who was visited, and who recorded it, in one transaction. */
export const record: Repeatable<typeof recordVisit> = {
  run: async (call) => {
    const { runtime, caller, params, body, now, requestId } = call;
    const repository = careRepository(runtime.database);
    const at = epochMs(Date.parse(body.at));
    let id: string | undefined;
    return untilWritten(async () => {
      const recipient = await repository.read(params.id);
      if (recipient === undefined || !mayVisit(caller, recipient)) return err({ code: 'notFound' });
      const errors = momentErrors(recipient, at, now);
      if (errors.length > 0) return err({ code: 'invalid', errors });
      id ??= newTimedId(at, runtime.random);
      const visit: Visit = {
        id,
        version: 1,
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
      const help = helpCallOf(visit);
      const written = await repository.write([
        repository.puts(visited(recipient, visit, now), recipient, requestId),
        repository.putsVisit(visit, requestId),
        ...(help === undefined ? [] : [repository.putsHelpCall(help, requestId)]),
        auditWrite(accountOfVisit(call, visit)),
        ...call.once(201, id),
      ]);
      if (written.ok) return made(visit);
      // Beyond the person only the key can have been used: the kit answers with what that made.
      return written.error.index === 0 ? 'lost' : err({ code: 'conflict' });
    });
  },
  replay: async (call, id) => {
    const { runtime, caller, params } = call;
    const repository = careRepository(runtime.database);
    const visit = await repository.findVisit(params.id, id);
    // Who recorded it is told of it again, whatever became of the person meanwhile: it shows what was recorded, once more.
    if (visit?.visitor !== caller.sub) return err({ code: 'notFound' });
    await audit(runtime.database, accountOfVisit(call, visit));
    return made(visit);
  },
};
