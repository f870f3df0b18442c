import type { Outcome, Repeatable, SignedInCall } from '../http/call.ts';
import { CONTENT_TYPES } from '../kernel/media-words.ts';
import { newId } from '../kernel/id.ts';
import { err, ok } from '../kernel/result.ts';
import { MINUTE, plus, toInstant } from '../kernel/time.ts';
import type { createMedia } from './contract.ts';
import { declared, uploadKey, type Media } from './media.ts';
import { mediaRepository } from './repository.ts';
import { ownView } from './view.ts';

/** Long enough for 10 MB over a poor connection. */
const UPLOAD_MS = 15 * MINUTE;

const answered = async ({ runtime, now }: SignedInCall<typeof createMedia>, media: Media): Promise<Outcome<typeof createMedia>> => {
  const { id, contentType, bytes, status } = media;
  const store = await runtime.objects();
  const upload =
    status === 'pending'
      ? await store.signUpload(uploadKey(id), { contentType, bytes, until: toInstant(plus(now, UPLOAD_MS)) })
      : undefined;
  return ok({
    status: 201,
    body: {
      ...(await ownView(runtime, media, now)),
      upload: upload === undefined ? undefined : { ...upload, headers: { ...upload.headers } },
    },
    version: media.version,
    location: `/v1/media/${id}`,
    transient: true,
  });
};

/** Takes the announcement of a picture: one write, and a link that nobody was asked for. */
export const create: Repeatable<typeof createMedia> = {
  run: async (call) => {
    const { runtime, body, caller, now, requestId } = call;
    const contentType = CONTENT_TYPES.find((each) => each === body.contentType.toLowerCase());
    if (contentType === undefined)
      return err({
        code: 'unsupportedMediaType',
        detail: { 'zh-CN': '只接受 JPEG、PNG 和 WebP 图片。', en: `Pictures only: ${CONTENT_TYPES.join(', ')}.` },
      });
    const media = declared(newId(runtime.random), caller.sub, contentType, body.bytes, now);
    const answer = await answered(call, media);
    const repository = mediaRepository(runtime.database);
    const written = await repository.write([repository.puts(media, undefined, requestId), ...call.once(201, media.id)]);
    return written.ok ? answer : err({ code: 'conflict' });
  },
  replay: async (call, id) => {
    const media = await mediaRepository(call.runtime.database).read(id);
    return media === undefined ? err({ code: 'notFound' }) : answered(call, media);
  },
};
