import { audit } from '../audit/writer.ts';
import { catalogueReader } from '../catalogue/reader.ts';
import type { Call, Run } from '../http/call.ts';
import { err, ok } from '../kernel/result.ts';
import { accountOf } from './account.ts';
import type { readRecipient } from './contract.ts';
import { cares, type Recipient } from './recipient.ts';
import { careRepository } from './repository.ts';
import { recipientView, type AgeAsked } from './view.ts';

/** Somebody as the caller may see them, which is written down; nobody is there for who may not. */
export const readAs = async (
  call: Pick<Call, 'runtime' | 'caller' | 'now' | 'requestId'>,
  id: string,
  action: 'read' | 'register' = 'read',
): Promise<{ readonly recipient: Recipient; readonly asked: AgeAsked } | undefined> => {
  const { database } = call.runtime;
  const recipient = await careRepository(database).find(id);
  if (recipient === undefined || !cares(call.caller, recipient)) return undefined;
  const [{ veryOldFrom }] = await Promise.all([
    catalogueReader(database).setting('careVisits'),
    audit(database, accountOf(call, `recipients/${id}`, recipient.community, action)),
  ]);
  return { recipient, asked: { veryOldFrom, now: call.now } };
};

export const read: Run<typeof readRecipient> = async (call) => {
  const found = await readAs(call, call.params.id);
  if (found === undefined) return err({ code: 'notFound' });
  const { recipient, asked } = found;
  return ok({ status: 200, body: recipientView(recipient, asked), version: recipient.version });
};
