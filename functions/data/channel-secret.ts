/**
 * The secret of a channel, of payments or of messages, read and understood once and kept for a while: a key that is taken out of it is trusted no
 * longer after that while, and one that is put in is found as soon as something comes that no known key has signed.
 */
import * as z from 'zod/mini';
import { MINUTE, plus, type EpochMs } from '../kernel/time.ts';
import type { ProviderDependencies } from './payments.ts';

const KEPT_MS = 10 * MINUTE;
/** Whoever sends forgeries must not make us read the secret for each. */
const AGAIN_MS = MINUTE;

export interface ChannelSecret<Keys> {
  /** The keys; undefined where none are set. Throws where the secret is not as it should be, or cannot be had. */
  readonly keys: () => Promise<Keys | undefined>;
  /** The keys as they are now, since the known ones did not do; the known ones where that was done within the last minute. */
  readonly newerKeys: () => Promise<Keys | undefined>;
}

/** Reads a channel's secret with `understand`, which throws where it is not as it should be. */
export const channelSecret = <Keys>(
  { secret, now }: Pick<ProviderDependencies, 'secret' | 'now'>,
  understand: (secret: unknown) => Keys,
): ChannelSecret<Keys> => {
  let known: { readonly keys: Keys | undefined; readonly until: EpochMs } | undefined;
  let againFrom: EpochMs | undefined;
  let reading: Promise<Keys | undefined> | undefined;

  const readOnce = async (): Promise<Keys | undefined> => {
    againFrom = plus(now(), AGAIN_MS);
    const content = await secret();
    const keys = content === undefined || content === null ? undefined : understand(content);
    // Where none is set yet, one may be at any moment.
    known = { keys, until: plus(now(), keys === undefined ? AGAIN_MS : KEPT_MS) };
    return keys;
  };
  // Many ask at the same moment where many letters leave.
  const read = (): Promise<Keys | undefined> =>
    (reading ??= readOnce().finally(() => {
      reading = undefined;
    }));

  return {
    keys: () => (known !== undefined && now() < known.until ? Promise.resolve(known.keys) : read()),
    newerKeys: () => (againFrom !== undefined && now() < againFrom ? Promise.resolve(known?.keys) : read()),
  };
};

/** Which base URLs a secret may name: https, or this machine in tests. */
export const isSafeBase = (text: string): boolean => {
  const url = URL.parse(text);
  return url !== null && (url.protocol === 'https:' || (url.protocol === 'http:' && url.hostname === '127.0.0.1')) && url.search === '';
};

/** The base URL of a provider that a secret may name instead of the usual one. */
export const baseUrl = z.optional(z.string().check(z.refine(isSafeBase)));

/** Says that a secret is not as it should be: names fields, never what is in them. */
export const secretError = (channel: string, fields: readonly string[], shape: string): Error =>
  new Error(
    `The secret of the channel ${channel} cannot be used: ${fields.join(', ')}. Put a JSON object of this shape there and nothing else: ${shape}`,
  );

/** Reads a secret by its schema; the error names what is wrong with which field. */
export const understood = <Schema extends z.ZodMiniType>(
  channel: string,
  schema: Schema,
  shape: string,
  content: unknown,
): z.infer<Schema> => {
  const read = schema.safeParse(content);
  if (read.success) return read.data;
  const fields = read.error.issues.map(({ code, path }) =>
    // A field that is too many may be a key that was pasted at the wrong place.
    code === 'unrecognized_keys'
      ? 'a field that is not known'
      : path.length === 0
        ? 'no JSON object'
        : `${String(path[0])} is missing or wrong`,
  );
  throw secretError(channel, [...new Set(fields)], shape);
};
