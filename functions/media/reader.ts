/** What other domains may know of pictures: whether somebody may attach them, and the links that show them. */
import type { Runtime } from '../data/runtime.ts';
import type { MediaView } from '../http/media.ts';
import type { FieldError } from '../http/problem.ts';
import type { Texts } from '../kernel/texts.ts';
import { MINUTE, plus, toInstant, type EpochMs } from '../kernel/time.ts';
import { imageKey, isAttachableAt, THUMBNAIL_TYPE, thumbnailKey, type Media } from './media.ts';
import { mediaRepository } from './repository.ts';

export type { MediaView } from '../http/media.ts';
export type { Media } from './media.ts';

/** Long enough to look at it, too short to be passed on. */
const LINK_MS = 15 * MINUTE;

/** Why a picture cannot be attached by that caller now; undefined where it can. What is another's is not there. */
const whyNotAttachable = (media: Media | undefined, sub: string, now: EpochMs): Texts | undefined => {
  if (media === undefined || media.owner !== sub) return { 'zh-CN': '您没有上传过这个文件', en: 'is nothing that you have uploaded' };
  if (media.attachedTo !== undefined) return ALREADY_ATTACHED;
  if (media.status === 'refused')
    return { 'zh-CN': '该文件未通过检查，请重新上传', en: 'was refused: see GET /v1/media/{id}, and upload another' };
  if (!isAttachableAt(media, now))
    return { 'zh-CN': '该文件上传已超过 24 小时，请重新上传', en: 'was uploaded more than 24 hours ago: upload it again' };
  return undefined;
};

export const ALREADY_ATTACHED: Texts = { 'zh-CN': '该文件已用于其他事项', en: 'is attached to something already' };

const NAMED_TWICE: Texts = { 'zh-CN': '重复出现', en: 'is named twice' };

/** What is wrong with each picture that somebody wants to attach, by its place in the list. */
export const mediaErrors = (
  ids: readonly string[],
  found: readonly (Media | undefined)[],
  sub: string,
  now: EpochMs,
): readonly FieldError[] =>
  ids.flatMap((id, index) => {
    const message = ids.indexOf(id) < index ? NAMED_TWICE : whyNotAttachable(found[index], sub, now);
    return message === undefined ? [] : [{ path: `media.${index}`, message }];
  });

export const mediaReader = ({ database, objects }: Pick<Runtime, 'database' | 'objects'>) => {
  const repository = mediaRepository(database);

  const show = async (media: Media, now: EpochMs): Promise<MediaView> => {
    const { contentType, status, reason } = media;
    if (status !== 'ready') return { id: media.id, contentType, status, reason };
    const until = toInstant(plus(now, LINK_MS));
    const store = await objects();
    const [url, thumbnailUrl] = await Promise.all([
      store.signDownload(imageKey(media.id), { contentType, until }),
      store.signDownload(thumbnailKey(media.id), { contentType: THUMBNAIL_TYPE, until }),
    ]);
    return { id: media.id, contentType, status, url, thumbnailUrl, urlExpires: until };
  };

  /** Each in its place; undefined where there is none. Nothing is asked of the database for none. */
  const readAll = async (ids: readonly string[]): Promise<readonly (Media | undefined)[]> => {
    const found = new Map((await repository.readMany(ids)).map((media) => [media.id, media]));
    return ids.map((each) => found.get(each));
  };

  const showAll = (all: readonly (Media | undefined)[], now: EpochMs): Promise<readonly MediaView[]> =>
    Promise.all(all.flatMap((media) => (media === undefined ? [] : [show(media, now)])));

  /** Links to those that can be seen, by id; of pictures that were made ready a moment ago, perhaps none yet. */
  const linksTo = async (ids: readonly string[], now: EpochMs): Promise<ReadonlyMap<string, string>> => {
    const ready = (await repository.readMany(ids, false)).filter(({ status }) => status === 'ready');
    if (ready.length === 0) return new Map();
    const store = await objects();
    const until = toInstant(plus(now, LINK_MS));
    return new Map(
      await Promise.all(
        ready.map(async ({ id, contentType }) => [id, await store.signDownload(imageKey(id), { contentType, until })] as const),
      ),
    );
  };

  return { show, readAll, showAll, linksTo };
};

export type MediaReader = ReturnType<typeof mediaReader>;
