import type { Runtime } from '../data/runtime.ts';
import { handOver, type Message } from './messenger.ts';
import { sendOnce } from './send-once.ts';

/** Hands messages to staff over, each once; where no gateway is set, the log says so. */
export const tellStaff = async (runtime: Runtime, messages: readonly Message[]): Promise<void> => {
  for (const message of messages)
    await sendOnce(runtime, message.id, async () => {
      const sent = await handOver(runtime, message);
      if (!sent) runtime.log({ level: 'warn', code: 'noMessageGateway', message: message.about });
    });
};
