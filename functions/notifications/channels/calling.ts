/** How carriers are called: within a time, following nobody elsewhere, reading the beginning of an answer only; and what its status says of a letter. */
import { cause } from '../../kernel/cause.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import { DAY, SECOND, type EpochMs } from '../../kernel/time.ts';
import type { Fate } from './carrier.ts';

export const TIMEOUT_MS = 10 * SECOND;
/** No carrier has more to say. */
const READ_BYTES = 16 * 1024;

export interface Reply {
  readonly status: number;
  /** Seconds, where the answer names a moment or a while (RFC 9110 §10.2.3). */
  readonly afterSeconds: number | undefined;
  /** Its first 16 KB. */
  readonly text: string;
}

/** A short name of what went wrong, for logs: a system's own code where there is one. Never a message, which may quote an address. */
export const reasonOf = (error: unknown): string => {
  const codeIn = (of: unknown): string | undefined =>
    of instanceof Error && 'code' in of && typeof of.code === 'string' && /^[A-Z0-9_]{1,60}$/.test(of.code) ? of.code : undefined;
  return codeIn(error) ?? (error instanceof Error ? codeIn(error.cause) : undefined) ?? cause(error).error;
};

/** Seconds from now that a `Retry-After` asks for, a day at most; undefined where it says nothing that can be read. */
export const retryAfter = (header: string | null | undefined, now: EpochMs): number | undefined => {
  if (header === null || header === undefined) return undefined;
  const seconds = /^\d+$/.test(header) ? Number(header) : Math.ceil((Date.parse(header) - now) / SECOND);
  return Number.isNaN(seconds) ? undefined : Math.min(Math.max(seconds, 0), DAY / SECOND);
};

export const later = (why: string, afterSeconds?: number): Fate => ({
  kind: 'later',
  why,
  ...(afterSeconds === undefined ? {} : { afterSeconds }),
});

/**
 * What a status says of a letter wherever nothing else is agreed: 2xx has taken it, 410 (Gone) knows nobody there, 408, 425, 429 and 5xx may take it
 * another time, and the rest will not.
 */
export const fateOf = ({ status, afterSeconds }: Pick<Reply, 'status' | 'afterSeconds'>): Fate => {
  const why = `http.${status}`;
  if (status >= 200 && status < 300) return { kind: 'handed' };
  if (status === 410) return { kind: 'dead', why };
  return [408, 425, 429].includes(status) || status >= 500 ? later(why, afterSeconds) : { kind: 'refused', why };
};

/** Statuses that speak of our keys or of the address that we call, and not of the letter: whoever sets them right must not find it lost. */
export const isOurFault = (status: number): boolean => [401, 403, 407].includes(status);

const beginningOf = async ({ body }: Response): Promise<string> => {
  const chunks: Uint8Array[] = [];
  let read = 0;
  try {
    for await (const chunk of body ?? []) {
      chunks.push(chunk);
      read += chunk.length;
      if (read >= READ_BYTES) break;
    }
  } catch {
    // Its status has been said, and counts.
  }
  return Buffer.concat(chunks).toString('utf8', 0, READ_BYTES);
};

/** Posts, and reads the beginning of the answer; what did not come through is worth another attempt. */
export const post = async (
  {
    fetch,
    now,
    timeoutMs = TIMEOUT_MS,
  }: { readonly fetch: typeof globalThis.fetch; readonly now: () => EpochMs; readonly timeoutMs?: number },
  url: string,
  init: Pick<RequestInit, 'headers' | 'body'>,
): Promise<Result<Reply, Fate>> => {
  try {
    const answer = await fetch(url, { ...init, method: 'POST', redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) });
    return ok({
      status: answer.status,
      afterSeconds: retryAfter(answer.headers.get('retry-after'), now()),
      text: await beginningOf(answer),
    });
  } catch (error) {
    return err(later(reasonOf(error)));
  }
};
