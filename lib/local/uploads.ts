/** What somebody puts into the object store is an event, as S3 tells the bus of it. */
import { PutEventsCommand, type EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { OBJECTS_SOURCE, type CloudEvent, type ReactionDeclaration, type Uploaded } from '../../functions/data/reaction.ts';
import type { Log } from '../../functions/data/runtime.ts';
import { cause } from '../../functions/kernel/cause.ts';
import { toInstant, type Clock } from '../../functions/kernel/time.ts';

export interface Uploads {
  /** Beginnings of the keys that somebody waits for. */
  readonly prefixes: readonly string[];
  tell(key: string): void;
  /** Answers when every upload so far has gone through its reactions, or is parked. */
  settled(): Promise<void>;
  /** How many have. */
  handled(): number;
}

export interface UploadsOptions {
  readonly reactions: readonly ReactionDeclaration[];
  readonly client: Pick<EventBridgeClient, 'send'>;
  readonly bus: string;
  readonly now: Clock;
  readonly log: Log;
}

export const startUploads = ({ reactions, client, bus, now, log }: UploadsOptions): Uploads => {
  const underWay = new Set<Promise<void>>();
  let handled = 0;
  const types = reactions.flatMap(({ uploads, on }) => (uploads === undefined ? [] : on.map((type) => ({ prefix: uploads, type }))));

  const put = async (key: string): Promise<void> => {
    const time = toInstant(now());
    const item: Uploaded = { key };
    for (const { type } of types.filter(({ prefix }) => key.startsWith(prefix))) {
      const event: CloudEvent<Uploaded> = {
        specversion: '1.0',
        id: `${key}:${time}`,
        source: OBJECTS_SOURCE,
        type,
        subject: key,
        time,
        datacontenttype: 'application/json',
        data: { version: 1, changed: [], item },
      };
      await client.send(
        new PutEventsCommand({
          Entries: [{ EventBusName: bus, Source: event.source, DetailType: type, Detail: JSON.stringify(event), Time: new Date(time) }],
        }),
      );
    }
  };

  return {
    prefixes: [...new Set(types.map(({ prefix }) => prefix))],
    tell(key) {
      const told = put(key)
        // It lies there still, and is told of again at the next start.
        .catch((error: unknown) => log({ level: 'error', code: 'uploadNotTold', ...cause(error) }))
        .finally(() => {
          handled += 1;
          underWay.delete(told);
        });
      underWay.add(told);
    },
    async settled() {
      while (underWay.size > 0) await Promise.all(underWay);
    },
    handled: () => handled,
  };
};
