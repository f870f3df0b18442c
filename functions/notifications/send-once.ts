import type { Runtime } from '../data/runtime.ts';
import { messageRepository } from './repository.ts';

/**
 * Sends a message unless that has been done before, as its event may come twice. Between the two a crash may repeat it: its id is its key with
 * whoever carries it.
 */
export const sendOnce = async (
  { database, now }: Pick<Runtime, 'database' | 'now'>,
  id: string,
  send: () => Promise<void>,
): Promise<void> => {
  const messages = messageRepository(database);
  if (await messages.wasHandedOver(id)) return;
  await send();
  await messages.handedOver(id, now());
};
