import type { Runtime } from '../data/runtime.ts';
import type { MediaView } from '../http/media.ts';
import type { EpochMs } from '../kernel/time.ts';
import type { Media } from './media.ts';
import { mediaReader } from './reader.ts';

type OwnView = MediaView & Pick<Media, 'bytes' | 'declaredAt' | 'attachedTo'>;

/** A picture as its owner sees it. */
export const ownView = async (runtime: Runtime, media: Media, now: EpochMs): Promise<OwnView> => {
  const { bytes, declaredAt, attachedTo } = media;
  return { ...(await mediaReader(runtime).show(media, now)), bytes, declaredAt, attachedTo };
};
