/** A picture that somebody uploads: what it may be, and what becomes of it. */
import type { CONTENT_TYPES, MEDIA_STATUSES, REFUSALS } from '../kernel/media-words.ts';
import { DAY, HOUR, plus, fromInstant, toInstant, type EpochMs, type Instant } from '../kernel/time.ts';

/** Of every small picture: it is small, and keeps what shines through. */
export const THUMBNAIL_TYPE = 'image/webp';
export type ContentType = (typeof CONTENT_TYPES)[number];
export type Refusal = (typeof REFUSALS)[number];

/** 10 MB, as people count them who are not told that their picture is 5 % too large. */
export const MOST_BYTES = 10 * 1024 * 1024;
/** More than any telephone's camera makes in one go. Above it a few kilobytes could unfold to gigabytes. */
export const MOST_PIXELS = 50_000_000;

export interface Media {
  readonly id: string;
  readonly version: number;
  readonly owner: string;
  /** As it was declared; once it is ready, what it is. */
  readonly contentType: ContentType;
  /** As it was declared. */
  readonly bytes: number;
  readonly status: (typeof MEDIA_STATUSES)[number];
  readonly reason?: Refusal | undefined;
  readonly declaredAt: Instant;
  readonly changedAt: Instant;
  /** What it belongs to: a service request's id. */
  readonly attachedTo?: string | undefined;
}

/** Until when it may be attached; what is not by then is removed. */
const ATTACHABLE_MS = DAY;
/** Whoever attaches it in the last moment is done by then, whatever has to be tried again meanwhile. */
const MARGIN_MS = 2 * HOUR;

export const isAttachableAt = ({ declaredAt }: Pick<Media, 'declaredAt'>, now: EpochMs): boolean =>
  now < plus(fromInstant(declaredAt), ATTACHABLE_MS);

/** When somebody must look at it again: what nobody attached is removed, what was never put is given up. */
export const dueAt = ({ declaredAt, attachedTo, status }: Media): Instant | undefined =>
  attachedTo !== undefined && status !== 'pending' ? undefined : toInstant(plus(fromInstant(declaredAt), ATTACHABLE_MS + MARGIN_MS));

export const declared = (id: string, owner: string, contentType: ContentType, bytes: number, now: EpochMs): Media => ({
  id,
  version: 1,
  owner,
  contentType,
  bytes,
  status: 'pending',
  declaredAt: toInstant(now),
  changedAt: toInstant(now),
});

/** One that came in a form with what it belongs to, and was looked at before anything was known of it. */
export const received = (
  given: { readonly id: string; readonly owner: string; readonly bytes: number; readonly attachedTo: string },
  outcome: { readonly contentType: ContentType } | { readonly reason: Refusal },
  now: EpochMs,
): Media => ({
  ...declared(given.id, given.owner, 'contentType' in outcome ? outcome.contentType : 'image/jpeg', given.bytes, now),
  attachedTo: given.attachedTo,
  ...('reason' in outcome ? { status: 'refused', reason: outcome.reason } : { status: 'ready' }),
});

const changed = (media: Media, now: EpochMs, change: Partial<Media>): Media => ({
  ...media,
  ...change,
  version: media.version + 1,
  changedAt: toInstant(now),
});

export const readied = (media: Media, contentType: ContentType, now: EpochMs): Media =>
  changed(media, now, { status: 'ready', contentType });
export const refused = (media: Media, reason: Refusal, now: EpochMs): Media => changed(media, now, { status: 'refused', reason });
/** Claimed when it was due: it is kept, since a request names it, and given up where it was never put. */
export const keptFor = (media: Media, request: string, now: EpochMs): Media =>
  changed(media, now, { attachedTo: request, ...(media.status === 'pending' ? { status: 'refused', reason: 'notUploaded' } : {}) });
export const attached = (media: Media, to: string, now: EpochMs): Media => changed(media, now, { attachedTo: to });

/** Where its bytes lie: as somebody put them, seen by nobody; and as they were made fit to be seen. */
const UPLOADS = 'uploads/';
export const uploadKey = (id: string): string => `${UPLOADS}${id}`;
export const idOfUpload = (key: string): string => key.slice(UPLOADS.length);
export const imageKey = (id: string): string => `media/${id}/image`;
export const thumbnailKey = (id: string): string => `media/${id}/thumbnail`;
export const keysOf = (id: string): readonly string[] => [uploadKey(id), imageKey(id), thumbnailKey(id)];
