/** Takes in the pictures that a client sent in the form of its report. Told twice, it leaves the same. */
import type { EventBridgeEvent } from 'aws-lambda';
import { lambda } from '../data/lambda.ts';
import type { CloudEvent } from '../data/reaction.ts';
import type { Runtime } from '../data/runtime.ts';
import { withUses } from '../data/scope.ts';
import { CLIENT_SUB } from '../http/principal.ts';
import { receivedKey } from '../kernel/media-words.ts';
import { imageKey, received, thumbnailKey, THUMBNAIL_TYPE } from './media.ts';
import { pictureFrom } from './picture.ts';
import { receiveMedia as declaration } from './reactions.ts';
import { mediaRepository } from './repository.ts';

interface RequestWithPictures {
  readonly id: string;
  readonly client?: string;
  readonly received?: readonly string[];
}

export const receiveMedia = (outer: Runtime) => {
  const runtime = withUses(outer, declaration.uses, declaration.name, declaration.objects);
  const repository = mediaRepository(runtime.database);

  const receive = async (id: string, request: string, owner: string, requestId: string): Promise<void> => {
    const store = await runtime.objects();
    const sent = await store.read(receivedKey(id));
    // It has been here, and what it left is kept.
    if (sent === undefined) return;
    const picture = await pictureFrom(sent);
    if (picture.ok) {
      const { contentType, image, thumbnail } = picture.value;
      await Promise.all([store.put(imageKey(id), image, contentType), store.put(thumbnailKey(id), thumbnail, THUMBNAIL_TYPE)]);
    }
    const outcome = picture.ok ? { contentType: picture.value.contentType } : { reason: picture.error };
    const media = received({ id, owner, bytes: sent.length, attachedTo: request }, outcome, runtime.now());
    // Whoever was here first has written the same.
    await repository.write([repository.puts(media, undefined, requestId)]);
    await store.remove([receivedKey(id)]);
    runtime.log({ level: 'info', code: 'mediaProcessed', media: id, bytes: sent.length, outcome: picture.ok ? 'ready' : picture.error });
  };

  return async ({ detail }: EventBridgeEvent<string, CloudEvent<RequestWithPictures>>): Promise<void> => {
    const { id: request, client = '', received: ids = [] } = detail.data.item;
    const failures: unknown[] = [];
    for (const id of ids) {
      try {
        await receive(id, request, `${CLIENT_SUB}${client}`, `${detail.id}#${id}`);
      } catch (error) {
        // It holds back no other, and is tried again with the event.
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new Error(`${failures.length} pictures could not be taken in`, { cause: failures[0] });
  };
};

export const handler = lambda(receiveMedia);
