/** Words of every operation that a resident may use, and a worker for a resident (线下代办). */
import * as z from 'zod/mini';
import { CHANNELS } from '../kernel/channel.ts';
import { line, named, phone } from './schema.ts';

export const MAX_NAME = 50;
export const MAX_ADDRESS = 200;
const sub = line(255);

export const contact = z.strictObject({ name: z.optional(line(MAX_NAME)), phone: z.optional(phone) });
/** For whom a worker acts. */
export const onBehalfOf = named('OnBehalfOf', z.strictObject({ name: line(MAX_NAME), phone: z.optional(phone), sub: z.optional(sub) }));
export const channel = z.enum(CHANNELS);
export const forSomebody = { onBehalfOf: z.optional(onBehalfOf), channel: z.optional(channel) };
