/** Tells whoever is responsible that a request is late. */
import type { EventBridgeEvent } from 'aws-lambda';
import type { CloudEvent } from '../data/reaction.ts';
import type { Runtime } from '../data/runtime.ts';
import { withUses } from '../data/scope.ts';
import { lambda } from '../data/lambda.ts';
import { DAY, plus, toEpochSeconds, toInstant } from '../kernel/time.ts';
import { lateMessages, type EscalatedRequest } from './late-message.ts';
import { tellResponsible as declaration } from './reactions.ts';
import { handOver, type Message } from './messenger.ts';
import { notificationsTable } from './table.ts';

/** Hands a message over unless that has been done before. Between the two a crash may repeat it: its id is its key at the gateway. */
const sendOnce = async (runtime: Runtime, message: Message): Promise<void> => {
  const key = { pk: `MESSAGE#${message.id}`, sk: 'MESSAGE' };
  if ((await runtime.database.read(notificationsTable, key)) !== undefined) return;
  const sent = await handOver(runtime, message);
  if (!sent) runtime.log({ level: 'warn', code: 'noMessageGateway', message: message.about });
  const now = runtime.now();
  const item = {
    ...key,
    handedOverAt: toInstant(now),
    expiresAt: toEpochSeconds(plus(now, notificationsTable.attributes.handedOverAt.keptDays * DAY)),
  };
  await runtime.database.write([{ table: notificationsTable, put: item }]);
};

export const tellResponsible = (outer: Runtime) => {
  const runtime = withUses(outer, declaration.uses, declaration.name);
  return async (event: EventBridgeEvent<string, CloudEvent<EscalatedRequest>>): Promise<void> => {
    for (const message of lateMessages(event.detail)) await sendOnce(runtime, message);
  };
};

export const handler = lambda(tellResponsible);
