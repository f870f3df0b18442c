import type { Principal } from './principal.ts';

/** How long what everybody sees may be kept on the way, in seconds; what a known caller sees more of is theirs alone. */
export const keptFor = (caller: Principal | undefined, seconds: number): { readonly headers?: Record<string, string> } =>
  caller === undefined ? { headers: { 'cache-control': `public, max-age=${seconds}` } } : {};
