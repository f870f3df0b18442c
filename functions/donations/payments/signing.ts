/** What the adapters sign and verify with: RSA over SHA-256, base64 to the letter, and text that is UTF-8 or none at all. */
import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';

/** The bytes of base64 in its one canonical form; undefined where it is in another, which would be another signature for the same message. */
export const fromBase64 = (text: string): Buffer | undefined => {
  const bytes = Buffer.from(text, 'base64');
  return bytes.length > 0 && bytes.toString('base64') === text ? bytes : undefined;
};

/** RSASSA-PKCS1-v1_5 with SHA-256, in base64. */
export const signed = (key: KeyObject, message: string): string => sign('sha256', Buffer.from(message), key).toString('base64');

/** Whether `signature` (base64) is that of `message`. Never throws. */
export const isSigned = (key: KeyObject, message: string | Uint8Array, signature: string): boolean => {
  const bytes = fromBase64(signature);
  return bytes !== undefined && verify('sha256', typeof message === 'string' ? Buffer.from(message) : message, key, bytes);
};

const rsaOnly = (read: () => KeyObject): KeyObject | undefined => {
  try {
    const key = read();
    return key.asymmetricKeyType === 'rsa' ? key : undefined;
  } catch {
    return undefined;
  }
};

/** DER in bare base64, as Alipay's tools give it. */
const der = (text: string): Buffer => Buffer.from(text.replaceAll(/\s/g, ''), 'base64');

/** An RSA private key in PEM, or in bare base64 (PKCS #8 or PKCS #1); undefined where it is none. */
export const privateKeyOf = (text: string): KeyObject | undefined =>
  text.includes('-----BEGIN')
    ? rsaOnly(() => createPrivateKey(text))
    : (rsaOnly(() => createPrivateKey({ key: der(text), format: 'der', type: 'pkcs8' })) ??
      rsaOnly(() => createPrivateKey({ key: der(text), format: 'der', type: 'pkcs1' })));

/** An RSA public key, or that of a certificate, in PEM; or a key in bare base64. Undefined where it is none. */
export const publicKeyOf = (text: string): KeyObject | undefined =>
  text.includes('-----BEGIN')
    ? rsaOnly(() => createPublicKey(text))
    : rsaOnly(() => createPublicKey({ key: der(text), format: 'der', type: 'spki' }));

/** Text of bytes that are UTF-8; undefined of others. */
export const textOf = (bytes: Uint8Array): string | undefined => {
  try {
    // A byte order mark is part of what was signed.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
};

/** What a JSON text says; undefined where it is none. */
export const fromJson = (text: string | undefined): unknown => {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** As many whole characters of a text as fit into so many bytes of UTF-8. */
export const within = (text: string, bytes: number): string => {
  let taken = '';
  let used = 0;
  for (const character of text) {
    used += Buffer.byteLength(character);
    if (used > bytes) break;
    taken += character;
  }
  return taken;
};
