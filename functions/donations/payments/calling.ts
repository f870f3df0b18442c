/** How a provider is called: with a limit of time, no redirect, and failures in two kinds: try again, or it refuses. */
import { err, ok, type Result } from '../../kernel/result.ts';
import { SECOND } from '../../kernel/time.ts';
import type { ProviderFailure } from '../../data/payments.ts';

const TIMEOUT_MS = 5 * SECOND;

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
}

/** Nobody knows whether it was done: try again. */
export const unavailable = (providerCode?: string): { readonly ok: false; readonly error: ProviderFailure } =>
  err({ code: 'unavailable', ...(providerCode === undefined ? {} : { providerCode: shortened(providerCode) }) });

/** It was not done. */
export const refused = (providerCode: string): { readonly ok: false; readonly error: ProviderFailure } =>
  err({ code: 'refused', providerCode: shortened(providerCode) });

/** It was not done, and nothing will be with these keys. */
export const unauthorised = (providerCode: string): { readonly ok: false; readonly error: ProviderFailure } =>
  err({ code: 'unauthorised', providerCode: shortened(providerCode) });

/** No key is set here. */
export const NOT_CONFIGURED: { readonly ok: false; readonly error: ProviderFailure } = err({ code: 'notConfigured' });

/** A provider's code is a word; what is longer or has other signs might be a message, which may quote what somebody wrote. */
const shortened = (code: string): string => (/^[\w.:-]{1,80}$/.test(code) ? code : 'unnamed');

/** Sends, and reads the whole answer within `timeout`. Whether the status is a good one is for the caller to say, but for 429 and 5xx. */
export const call = async (
  fetch: typeof globalThis.fetch,
  url: string,
  init: Omit<RequestInit, 'signal' | 'redirect'>,
  timeout = TIMEOUT_MS,
): Promise<Result<Reply, ProviderFailure>> => {
  try {
    const answer = await fetch(url, { ...init, redirect: 'error', signal: AbortSignal.timeout(timeout) });
    const body = Buffer.from(await answer.arrayBuffer());
    if (answer.status === 429 || answer.status >= 500) return unavailable(`http.${answer.status}`);
    return ok({ status: answer.status, headers: answer.headers, body });
  } catch (error) {
    return unavailable(error instanceof Error ? error.name : undefined);
  }
};

/** Says why a day's bill cannot be had; a reaction or schedule tries again. */
export const billError = (channel: string, day: string, { code, providerCode }: ProviderFailure): Error =>
  new Error(`The bill of ${channel} for ${day} cannot be had: ${code}${providerCode === undefined ? '' : ` (${providerCode})`}.`);

/** Lines in pages, so that whoever compares them holds few at a time. */
export const inPages = function* <Line>(lines: readonly Line[], size = 1000): Generator<readonly Line[]> {
  for (let from = 0; from < lines.length; from += size) yield lines.slice(from, from + size);
};
