import { join } from 'node:path';
import * as z from 'zod/mini';
import { openJournal } from './journal.ts';

export const Message = z.readonly(
  z.object({
    /** The same for the same message, however often it is handed over. */
    id: z.string(),
    channel: z.string(),
    to: z.string(),
    subject: z.optional(z.string()),
    text: z.string(),
    about: z.string(),
    /** RFC 3339. */
    at: z.string(),
    // What only letters to people have.
    keys: z.optional(z.object({ p256dh: z.string(), auth: z.string() })),
    keptFor: z.optional(z.number()),
    urgency: z.optional(z.string()),
    topic: z.optional(z.string()),
    unsubscribe: z.optional(z.string()),
    data: z.optional(z.record(z.string(), z.unknown())),
  }),
);

/** A message that would have been sent. */
export type OutboxMessage = z.infer<typeof Message>;

export interface Outbox {
  /** Whether it is new: one with the same id is kept once. */
  add(message: OutboxMessage): boolean;
  /** All messages, or those to one address; newest first. */
  list(to?: string): readonly OutboxMessage[];
}

/** Messages in `<dataFolder>/outbox.jsonl`; in memory without a folder. */
export const openOutbox = ({ dataFolder }: { readonly dataFolder?: string | undefined } = {}): Outbox => {
  const journal = openJournal({
    path: dataFolder === undefined ? undefined : join(dataFolder, 'outbox.jsonl'),
    parse: (entry) => Message.parse(entry),
    durable: false,
  });
  const ids = new Set(journal.entries().map(({ id }) => id));
  return {
    add(message) {
      if (ids.has(message.id)) return false;
      journal.append(message);
      ids.add(message.id);
      return true;
    },
    list: (to) =>
      journal
        .entries()
        .filter((message) => to === undefined || message.to === to)
        .toReversed()
        .toSorted((one, other) => Date.parse(other.at) - Date.parse(one.at)),
  };
};
