/** Answers sealed to their survey's key: HPKE (RFC 9180) with X25519, HKDF-SHA256 and AES-256-GCM. Who seals cannot open. */
import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core';
import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';
import type { Random } from '../kernel/id.ts';

const suite = new CipherSuite({ kem: new DhkemX25519HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() });
/** Of X25519: the share that goes before what is sealed. */
const SHARE = 32;
const NONCE = 12;
const TAG = 16;
/** Digits of a community, and the longest channel. */
const PLACE = 20;

const infoOf = (survey: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(`linli survey ${survey}`);
const bytesOf = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(Buffer.from(text, 'base64url'));
const textOf = (bytes: ArrayBuffer): string => Buffer.from(bytes).toString('base64url');

export interface KeyPair {
  readonly publicKey: string;
  readonly privateKey: string;
}

/** Both halves in base64url. */
export const newKeyPair = async (): Promise<KeyPair> => {
  const pair = await suite.kem.generateKeyPair();
  return {
    publicKey: textOf(await suite.kem.serializePublicKey(pair.publicKey)),
    privateKey: textOf(await suite.kem.serializePrivateKey(pair.privateKey)),
  };
};

/** Seals a text that is padded to `length` bytes first: all come out alike, in base64url. */
export const sealText = async (publicKey: string, survey: string, text: string, length: number): Promise<string> => {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length > length) throw new Error(`a text of ${bytes.length} bytes is longer than all that could be answered, ${length}`);
  const padded = new Uint8Array(length).fill(0x20);
  padded.set(bytes);
  const recipientPublicKey = await suite.kem.deserializePublicKey(bytesOf(publicKey));
  const { enc, ct } = await suite.seal({ recipientPublicKey, info: infoOf(survey) }, padded);
  return Buffer.concat([Buffer.from(enc), Buffer.from(ct)]).toString('base64url');
};

export interface Opener {
  /** What {@link sealText} sealed, with its padding; undefined where it is not for this key, or was changed. */
  readonly open: (sealed: string) => Promise<string | undefined>;
  /** Closes up a place until the end, for who has the key alone: all are of one length. */
  readonly hide: (place: string) => string;
  readonly show: (hidden: string) => string | undefined;
}

/** Opens what is sealed to a survey. */
export const openerOf = async (privateKey: string, survey: string, random: Random): Promise<Opener> => {
  const recipientKey = await suite.kem.deserializePrivateKey(bytesOf(privateKey));
  const key = Buffer.from(hkdfSync('sha256', bytesOf(privateKey), infoOf(survey), 'place', 32));
  return {
    open: async (sealed) => {
      const bytes = bytesOf(sealed);
      try {
        const opened = await suite.open({ recipientKey, enc: bytes.slice(0, SHARE), info: infoOf(survey) }, bytes.slice(SHARE));
        return new TextDecoder().decode(opened);
      } catch {
        return undefined;
      }
    },
    hide: (place) => {
      const nonce = random(NONCE);
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      const hidden = Buffer.concat([cipher.update(place.padEnd(PLACE), 'utf8'), cipher.final()]);
      return Buffer.concat([nonce, hidden, cipher.getAuthTag()]).toString('base64url');
    },
    show: (hidden) => {
      const bytes = Buffer.from(hidden, 'base64url');
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE));
        decipher.setAuthTag(bytes.subarray(-TAG));
        return Buffer.concat([decipher.update(bytes.subarray(NONCE, -TAG)), decipher.final()])
          .toString('utf8')
          .trimEnd();
      } catch {
        return undefined;
      }
    },
  };
};
