import type { Runtime } from '../data/runtime.ts';
import { handOver, type Message } from './messenger.ts';
import { sendOnce } from './send-once.ts';

/** Hands messages to desks and their people over, each once; a city that has no gateway yet is told so in the log. */
export const tellStaff = async (runtime: Runtime, messages: readonly Message[]): Promise<void> => {
  for (const message of messages)
    await sendOnce(runtime, message.id, async () => {
      const sent = await handOver(runtime, message);
      if (!sent) runtime.log({ level: 'warn', code: 'noMessageGateway', message: message.about });
    });
};
