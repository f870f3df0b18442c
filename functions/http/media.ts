/** A picture as everybody sees it who sees what it belongs to. */
import * as z from 'zod/mini';
import { CONTENT_TYPES, MEDIA_STATUSES, REFUSALS } from '../kernel/media-words.ts';
import { id, instant, named } from './schema.ts';

export const mediaSchema = named(
  'Media',
  z.object({
    id,
    contentType: z.enum(CONTENT_TYPES),
    status: z.enum(MEDIA_STATUSES),
    /** Why it was refused. */
    reason: z.optional(z.enum(REFUSALS)),
    /** Links to the picture and to a small one, once it is ready. */
    url: z.optional(z.string()),
    thumbnailUrl: z.optional(z.string()),
    urlExpires: z.optional(instant),
  }),
);
export type MediaView = z.input<typeof mediaSchema>;
