import { auditWrite } from '../audit/writer.ts';
import { catalogueReader } from '../catalogue/reader.ts';
import { communityFault, divisionsReader } from '../divisions/reader.ts';
import type { Outcome, Repeatable } from '../http/call.ts';
import { newId } from '../kernel/id.ts';
import { err, ok } from '../kernel/result.ts';
import { accountOf } from './account.ts';
import type { registerRecipient } from './contract.ts';
import { readAs } from './read.ts';
import { cares, communityErrors, registered, type Recipient } from './recipient.ts';
import { careRepository } from './repository.ts';
import { recipientView, type AgeAsked } from './view.ts';

const made = (recipient: Recipient, asked: AgeAsked): Awaited<Outcome<typeof registerRecipient>> =>
  ok({
    status: 201,
    body: recipientView(recipient, asked),
    version: recipient.version,
    location: `/v1/care/recipients/${recipient.id}`,
  });

export const register: Repeatable<typeof registerRecipient> = {
  run: async (call) => {
    const { runtime, caller, body, now, requestId } = call;
    const { active, activeFrom, categories = [], needs = [], volunteers = [], ...facts } = body;
    if (!cares(caller, body)) return err({ code: 'forbidden' });
    const [community, { veryOldFrom }] = await Promise.all([
      divisionsReader(runtime.database).find(body.community),
      catalogueReader(runtime.database).setting('careVisits'),
    ]);
    const fault = communityFault(community);
    const said = { ...facts, categories, needs, volunteers };
    const recipient = registered(newId(runtime.random), said, { active, activeFrom }, caller.sub, now);
    if (!recipient.ok || fault !== undefined)
      return err({ code: 'invalid', errors: [...communityErrors(fault), ...(recipient.ok ? [] : recipient.error)] });
    const { id } = recipient.value;
    const repository = careRepository(runtime.database);
    const written = await repository.write([
      repository.puts(recipient.value, undefined, requestId),
      auditWrite(accountOf(call, `recipients/${id}`, body.community, 'register')),
      ...call.once(201, id),
    ]);
    return written.ok ? made(recipient.value, { veryOldFrom, now }) : err({ code: 'conflict' });
  },
  replay: async (call, id) => {
    // It shows what was registered, once more, as it is by now.
    const found = await readAs(call, id, 'register');
    return found === undefined ? err({ code: 'notFound' }) : made(found.recipient, found.asked);
  },
};
