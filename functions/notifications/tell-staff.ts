import type { Runtime } from '../data/runtime.ts';
import { handOver, type Message } from './messenger.ts';
import { sendOnce } from './send-once.ts';

/** Hands a message to a desk or one of its people over, once; a city that has no gateway yet is told so in the log. */
export const tellStaff = (runtime: Runtime, message: Message): Promise<void> =>
  sendOnce(runtime, message.id, async () => {
    const sent = await handOver(runtime, message);
    if (!sent) runtime.log({ level: 'warn', code: 'noMessageGateway', message: message.about });
  });
