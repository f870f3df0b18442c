/** What is made from the stage's secret: keyed hashes, and sealed text that only we can open. */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from 'node:crypto';
import type { Random } from '../kernel/id.ts';

type Secrets = readonly [string, ...string[]];

const NONCE = 12;
const TAG = 16;

/** A key for each secret and purpose, made once: both are few. */
const keys = new Map<string, Buffer>();
const keyFor = (secret: string, purpose: string): Buffer => {
  const name = `${purpose}\n${secret}`;
  const key = keys.get(name) ?? Buffer.from(hkdfSync('sha256', secret, '', purpose, 32));
  keys.set(name, key);
  return key;
};

/** A hash that only the holder of the secret can make: 32 bytes in base64url. */
export const keyedHash = (secret: string, purpose: string, text: string): string =>
  createHmac('sha256', keyFor(secret, purpose)).update(text).digest('base64url');

/** Whether `hash` is that of `text` under any valid secret. */
export const isKeyedHash = (secrets: Secrets, purpose: string, text: string, hash: string): boolean =>
  secrets.some((secret) => keyedHash(secret, purpose, text) === hash);

/** Seals a text (AES-256-GCM), bound to a context without which it does not open. */
export const seal = (secrets: Secrets, purpose: string, context: string, text: string, random: Random): string => {
  const nonce = random(NONCE);
  const cipher = createCipheriv('aes-256-gcm', keyFor(secrets[0], purpose), nonce);
  cipher.setAAD(Buffer.from(context));
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, sealed, cipher.getAuthTag()]).toString('base64url');
};

/** Opens what {@link seal} made; undefined where a bit, the context or the secret differs. */
export const unseal = (secrets: Secrets, purpose: string, context: string, sealed: string): string | undefined => {
  const bytes = Buffer.from(sealed, 'base64url');
  if (bytes.length < NONCE + TAG || bytes.toString('base64url') !== sealed) return undefined;
  for (const secret of secrets) {
    const decipher = createDecipheriv('aes-256-gcm', keyFor(secret, purpose), bytes.subarray(0, NONCE));
    decipher.setAAD(Buffer.from(context));
    decipher.setAuthTag(bytes.subarray(-TAG));
    try {
      return Buffer.concat([decipher.update(bytes.subarray(NONCE, -TAG)), decipher.final()]).toString('utf8');
    } catch {
      // Another secret may have sealed it.
    }
  }
  return undefined;
};
