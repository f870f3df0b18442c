/** What clients see of pictures. */
import * as z from 'zod/mini';
import { mediaSchema } from '../http/media.ts';
import { operation } from '../http/operation.ts';
import { id, instant, line, named } from '../http/schema.ts';
import { MOST_BYTES } from './media.ts';

const ownFields = { ...mediaSchema.shape, bytes: z.int(), declaredAt: instant, attachedTo: z.optional(id) };

const ownMedia = named('OwnMedia', z.object(ownFields));

const mediaUpload = named(
  'MediaUpload',
  z.object({
    ...ownFields,
    /** The request that puts it: exactly so long, of exactly this type, within 15 minutes. Absent once it has been put. */
    upload: z.optional(z.object({ method: z.literal('PUT'), url: z.string(), headers: z.record(z.string(), z.string()) })),
  }),
);

export const createMedia = operation({
  id: 'createMedia',
  method: 'POST',
  path: '/v1/media',
  summary: 'Announces a picture, and answers with where to put it',
  description: `JPEG, PNG or WebP (another is 415), at most ${MOST_BYTES} bytes. Put the bytes as \`upload\` says; then it is looked at, everything but the picture (place, camera, comments) is taken out, and it becomes \`ready\` or \`refused\`. What it is is decided by its content. The same Idempotency-Key gives a fresh link. What nobody attaches within 24 hours is removed.`,
  access: 'signedIn',
  body: z.strictObject({ contentType: line(100), bytes: z.int().check(z.gte(1), z.lte(MOST_BYTES)) }),
  responses: { 201: mediaUpload },
  problems: ['unsupportedMediaType', 'invalid'],
  limit: { per: 'caller', count: 60, window: 600 },
  uses: { media: 'write' },
  objects: { 'media/': 'link', 'uploads/': 'put' },
  examples: { body: { contentType: 'image/jpeg', bytes: 2_345_678 } },
});

export const readMedia = operation({
  id: 'readMedia',
  method: 'GET',
  path: '/v1/media/{id}',
  summary: 'A picture that the caller has uploaded',
  access: 'signedIn',
  params: z.object({ id }),
  responses: { 200: ownMedia },
  problems: ['notFound'],
  uses: { media: 'read' },
  objects: { 'media/': 'link' },
  examples: { params: { id: '00000000000000000000000000' } },
});

export const mediaOperations = { createMedia, readMedia };
