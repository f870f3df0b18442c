import { auditWrite } from '../audit/writer.ts';
import { catalogueReader } from '../catalogue/reader.ts';
import { communityFault, divisionsReader } from '../divisions/reader.ts';
import { isMatch, type Run } from '../http/call.ts';
import { untilWritten } from '../http/until-written.ts';
import { mergePatch } from '../kernel/merge-patch.ts';
import { err, ok } from '../kernel/result.ts';
import { accountOf } from './account.ts';
import type { changeRecipient, RecipientPatch } from './contract.ts';
import { cares, changed, communityErrors, type Contact, type Recipient, type Said } from './recipient.ts';
import { careRepository } from './repository.ts';
import { recipientView } from './view.ts';

const contactAfter = (before: Contact | undefined, patch: RecipientPatch['contact']): Contact | undefined => {
  if (patch === undefined) return before;
  if (patch === null) return undefined;
  const contact = mergePatch(before ?? {}, patch);
  return Object.keys(contact).length === 0 ? undefined : contact;
};

const saidAfter = (before: Recipient, patch: RecipientPatch): Said => {
  const { name, community, categories, tier, needs, volunteers } = before;
  const { birthYear } = mergePatch({ birthYear: before.birthYear }, { birthYear: patch.birthYear });
  return {
    name: patch.name ?? name,
    community: patch.community ?? community,
    categories: patch.categories ?? categories,
    tier: patch.tier ?? tier,
    birthYear,
    contact: contactAfter(before.contact, patch.contact),
    needs: patch.needs ?? needs,
    volunteers: patch.volunteers ?? volunteers,
  };
};

/** Who moves somebody to another community is a worker of both. */
export const change: Run<typeof changeRecipient> = async (call) => {
  const { runtime, caller, params, body, ifMatch, now, requestId } = call;
  const repository = careRepository(runtime.database);
  const { active, activeFrom, endedOn, endReason } = body;
  return untilWritten(async () => {
    const before = await repository.read(params.id);
    if (before === undefined || !cares(caller, before)) return err({ code: 'notFound' });
    if (!isMatch(ifMatch, before.version)) return err({ code: 'preconditionFailed' });
    const said = saidAfter(before, body);
    const isMove = said.community !== before.community;
    if (isMove && !cares(caller, said)) return err({ code: 'forbidden' });
    const [fault, { veryOldFrom }] = await Promise.all([
      isMove ? divisionsReader(runtime.database).find(said.community).then(communityFault) : undefined,
      catalogueReader(runtime.database).setting('careVisits'),
    ]);
    const after = changed(before, said, { active, activeFrom, endedOn, endReason }, now);
    if (!after.ok || fault !== undefined)
      return err({ code: 'invalid', errors: [...communityErrors(fault), ...(after.ok ? [] : after.error)] });
    const written = await repository.write([
      repository.puts(after.value, before, requestId),
      // A move is told to who accounts for either.
      ...[...new Set([before.community, after.value.community])].map((community) =>
        auditWrite(accountOf(call, `recipients/${params.id}`, community, 'change')),
      ),
    ]);
    return written.ok ? ok({ status: 200, body: recipientView(after.value, { veryOldFrom, now }), version: after.value.version }) : 'lost';
  });
};
