/** What the tests use of it; it comes without types. */
declare module 'http_ece' {
  import type { ECDH } from 'node:crypto';

  export const decrypt: (
    body: Uint8Array,
    parameters: { readonly version: 'aes128gcm'; readonly privateKey: ECDH; readonly authSecret: string },
  ) => Buffer;
}
