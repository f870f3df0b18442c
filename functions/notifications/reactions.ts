/** What this domain does when something happened elsewhere. */
import type { EventBridgeEvent } from 'aws-lambda';
import { reaction, type CloudEvent } from '../data/reaction.ts';
import type { Runtime } from '../data/runtime.ts';
import { lambda } from '../http/service.ts';
import { DAY, plus, toEpochSeconds, toInstant } from '../kernel/time.ts';
import { tellResponsible, type EscalatedRequest } from './tell-responsible.ts';
import { handOver, type Message } from './messenger.ts';
import { notificationsTable } from './table.ts';

/** Whoever a late request has been raised to is told, once a step, and so is who works on it. */
export const tellResponsibleReaction = reaction({
  name: 'tell-responsible',
  domain: 'notifications',
  on: ['serviceRequest.escalated'],
  needs: ['assignee'],
  uses: { notifications: 'write' },
});

/** Sends a message unless it has been handed over before. */
const sendOnce = async (runtime: Runtime, message: Message): Promise<void> => {
  const key = { pk: `MESSAGE#${message.id}`, sk: 'MESSAGE' };
  if ((await runtime.database.read(notificationsTable, key)) !== undefined) return;
  const sent = await handOver(runtime, message);
  if (!sent) runtime.log({ level: 'warn', code: 'noMessageGateway', message: message.id });
  const now = runtime.now();
  const item = {
    ...key,
    handedOverAt: toInstant(now),
    expiresAt: toEpochSeconds(plus(now, notificationsTable.attributes.expiresAt.keptDays * DAY)),
  };
  await runtime.database.write([{ table: notificationsTable, put: item }]);
};

export const tellResponsibleHandler =
  (runtime: Runtime) =>
  async (event: EventBridgeEvent<string, CloudEvent<EscalatedRequest>>): Promise<void> => {
    for (const message of tellResponsible(event.detail)) await sendOnce(runtime, message);
  };

export const handler = lambda(tellResponsibleHandler);
