/** Looks at what somebody has put, and makes it fit to be seen. Told twice, late, or of what is no longer there, it leaves the same. */
import type { EventBridgeEvent } from 'aws-lambda';
import { lambda } from '../data/lambda.ts';
import type { CloudEvent, Uploaded } from '../data/reaction.ts';
import type { Runtime } from '../data/runtime.ts';
import { withUses } from '../data/scope.ts';
import { idOfUpload, imageKey, keysOf, readied, refused, thumbnailKey, THUMBNAIL_TYPE, uploadKey, type Media } from './media.ts';
import { contentTypeOf, pictureFrom, thumbnailOf, type Picture } from './picture.ts';
import { processMedia as declaration } from './reactions.ts';
import { mediaRepository } from './repository.ts';

const ATTEMPTS = 8;

export const processMedia = (outer: Runtime) => {
  const runtime = withUses(outer, declaration.uses, declaration.name, declaration.objects);
  const repository = mediaRepository(runtime.database);

  /** What has become of it: that, unless somebody has settled it meanwhile; `gone` where it was removed. */
  const settle = async (id: string, requestId: string, change: (media: Media) => Media): Promise<Media['status'] | 'gone'> => {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const media = await repository.read(id);
      if (media === undefined) return 'gone';
      if (media.status !== 'pending') return media.status;
      const next = change(media);
      const written = await repository.write([repository.puts(next, media, requestId)]);
      if (written.ok) return next.status;
    }
    throw new Error('a picture keeps changing while it is looked at');
  };

  /**
   * Lays the picture down where none lies. Where two were put at once the first that is drawn is the picture, and its thumbnail is made from what
   * lies there, so that whoever goes on from here leaves the same. Answers with what it is.
   */
  const lay = async (id: string, { contentType, image, thumbnail }: Picture): Promise<Media['contentType']> => {
    const store = await runtime.objects();
    const isFirst = await store.putFirst(imageKey(id), image, contentType);
    const lying = isFirst ? image : await store.read(imageKey(id));
    if (lying === undefined) throw new Error('a picture was taken away while it was looked at');
    await store.put(thumbnailKey(id), isFirst ? thumbnail : await thumbnailOf(lying), THUMBNAIL_TYPE);
    return contentTypeOf(Buffer.from(lying)) ?? contentType;
  };

  return async ({ detail }: EventBridgeEvent<string, CloudEvent<Uploaded>>): Promise<void> => {
    const id = idOfUpload(detail.data.item.key);
    const store = await runtime.objects();
    const media = await repository.read(id);
    const uploaded = media?.status === 'pending' ? await store.read(uploadKey(id)) : undefined;
    let status = media?.status ?? 'gone';
    if (uploaded !== undefined) {
      const picture = await pictureFrom(uploaded);
      const now = runtime.now();
      if (picture.ok) {
        const contentType = await lay(id, picture.value);
        status = await settle(id, detail.id, (before) => readied(before, contentType, now));
      } else status = await settle(id, detail.id, (before) => refused(before, picture.error, now));
      runtime.log({
        level: 'info',
        code: 'mediaProcessed',
        media: id,
        bytes: uploaded.length,
        outcome: picture.ok ? 'ready' : picture.error,
      });
    }
    // As it was put nobody sees it, ever; and what comes once it is settled is not looked at. Of what was refused, or removed meanwhile, nothing stays.
    await store.remove(status === 'refused' || status === 'gone' ? keysOf(id) : [uploadKey(id)]);
  };
};

export const handler = lambda(processMedia);
