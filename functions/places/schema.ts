/** What every place has in common, whatever it is. */
import * as z from 'zod/mini';
import { communityCode, count, instant, line, phone, position, positionInput, texts } from '../http/schema.ts';

/** People that it holds: no place has more. */
export const capacity = z.optional(count.check(z.lte(1_000_000)));

/** Whoever puts it names it. */
export const ownId = z.string().check(z.regex(/^[a-zA-Z0-9-]{1,64}$/));

export const placeFields = {
  name: texts(100),
  community: communityCode,
  openingHours: z.optional(line(200)),
  /** Without steps, for a wheelchair (无障碍). */
  barrierFree: z.optional(z.boolean()),
  phone: z.optional(phone),
};

/** Nobody finds it by place without one. */
export const locationInput = z.optional(positionInput);
const location = z.optional(position);

/** As it is answered with. */
export const placed = { id: ownId, ...placeFields, location, updatedAt: instant };
