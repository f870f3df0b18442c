import type { EventBridgeEvent } from 'aws-lambda';
import { readdirSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import type { CloudEvent } from '../../functions/data/reaction.ts';
import { DAY, fromInstant, toInstant, type Clock, type Instant } from '../../functions/kernel/time.ts';
import { openJournal, type Journal } from './journal.ts';

export type BusEvent = EventBridgeEvent<string, CloudEvent>;

export interface ParkedEvent {
  /** When it was parked. */
  readonly at: Instant;
  /** Why: the last error's name and message. */
  readonly error: string;
  /** The whole event, as the reaction got it. */
  readonly event: BusEvent;
}

/** The queues on which the events lie that a reaction could not handle. */
export interface Parked {
  /** Keeps the event; it is on the disk when this returns. One that lies there already is put at the end anew. */
  park(reaction: string, event: BusEvent, error: unknown): void;
  /** Oldest first. */
  list(reaction: string): readonly ParkedEvent[];
  /** Takes events away by their ids. */
  remove(reaction: string, eventIds: ReadonlySet<string>): void;
  /** How many events lie there, by reaction; reactions without any are left out. */
  counts(): Readonly<Record<string, number>>;
}

/** As long as SQS keeps a message at most. */
const KEPT_MS = 14 * DAY;
const EXTENSION = '.jsonl';

// The bus has written these lines itself, so only their outline is looked at.
const Line = z.looseObject({
  at: z.string(),
  error: z.string(),
  event: z.looseObject({ id: z.string(), 'detail-type': z.string(), detail: z.looseObject({}) }),
});
const isParkedEvent = (entry: unknown): entry is ParkedEvent => Line.safeParse(entry).success;

const parse = (entry: unknown): ParkedEvent => {
  if (!isParkedEvent(entry)) throw new Error('not a parked event');
  return entry;
};

/** Queues in `<dataFolder>/parked/<reaction>.jsonl`; in memory without a folder. Events that have lain there for 14 days are gone. */
export const openParked = ({ dataFolder, now }: { readonly dataFolder?: string | undefined; readonly now: Clock }): Parked => {
  const folder = dataFolder === undefined ? undefined : join(dataFolder, 'parked');
  const journals = new Map<string, Journal<ParkedEvent>>();

  const journalOf = (reaction: string): Journal<ParkedEvent> => {
    const known = journals.get(reaction);
    if (known !== undefined) return known;
    const opened = openJournal({ path: folder === undefined ? undefined : join(folder, `${reaction}${EXTENSION}`), parse, durable: true });
    journals.set(reaction, opened);
    return opened;
  };

  const list = (reaction: string): readonly ParkedEvent[] => {
    const journal = journalOf(reaction);
    const newest = new Map(journal.entries().map((parked) => [parked.event.id, parked]));
    const oldest = now() - KEPT_MS;
    const kept = journal.entries().filter((parked) => newest.get(parked.event.id) === parked && fromInstant(parked.at) > oldest);
    if (kept.length < journal.entries().length) journal.replace(kept);
    return kept;
  };

  return {
    park(reaction, event, error) {
      journalOf(reaction).append({
        at: toInstant(now()),
        error: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
        event,
      });
    },
    list,
    remove(reaction, eventIds) {
      journalOf(reaction).replace(list(reaction).filter(({ event }) => !eventIds.has(event.id)));
    },
    counts() {
      const stored = folder !== undefined && existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(EXTENSION)) : [];
      const reactions = new Set([...journals.keys(), ...stored.map((name) => name.slice(0, -EXTENSION.length))]);
      return Object.fromEntries(
        [...reactions].map((reaction): [string, number] => [reaction, list(reaction).length]).filter(([, count]) => count > 0),
      );
    },
  };
};
