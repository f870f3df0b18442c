/**
 * Links to objects in a bucket of S3, signed here; and the few calls that are no more than such a link. The client of S3, which is as large as all
 * the rest of a function, is not loaded.
 */
import { formatUrl } from '@aws-sdk/core/util';
import { defaultProvider } from '@aws-sdk/credential-provider-node';
import { S3RequestPresigner } from '@aws-sdk/s3-request-presigner';
import { HttpRequest } from '@smithy/core/protocols';
import { Sha256 } from '@smithy/core/checksum';
import { fromInstant, MINUTE, plus, SECOND, toInstant, type Clock, type EpochMs } from '../kernel/time.ts';
import type { ObjectStore } from './object-store.ts';

export interface S3LinksDependencies {
  readonly bucket: string;
  readonly region: string;
  readonly now: Clock;
  readonly credentials?: ConstructorParameters<typeof S3RequestPresigner>[0]['credentials'];
}

/** How long a request of our own may be on its way. */
const OWN_MS = MINUTE;
const ATTEMPTS = 3;

/** RFC 3986, to the letter: a signature is over what was sent. */
const escaped = (text: string): string =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);

/** Saved under that name, and never shown in place: RFC 6266 §4.1, with RFC 8187 for what is not ASCII. */
const savedAs = (fileName: string): string => `attachment; filename*=UTF-8''${escaped(fileName)}`;

/** China's regions have an internet domain of their own: https://docs.amazonaws.cn/en_us/aws/latest/userguide/endpoints-Beijing.html */
const domainOf = (region: string): string => (region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com');

type Query = Readonly<Record<string, string>>;

/** What can be asked of S3 by one request that is signed here; the client does the rest. */
export type S3Links = Pick<ObjectStore, 'signDownload' | 'signUpload' | 'put' | 'remove'>;

export const s3Links = ({ bucket, region, now, credentials = defaultProvider() }: S3LinksDependencies): S3Links => {
  const presigner = new S3RequestPresigner({ region, credentials, sha256: Sha256 });
  const hostname = `${bucket}.s3.${region}.${domainOf(region)}`;

  const signed = async (
    method: 'GET' | 'PUT' | 'DELETE',
    key: string,
    until: EpochMs,
    { query = {}, headers = {} }: { readonly query?: Query; readonly headers?: Query },
  ): Promise<string> => {
    const path = `/${key.split('/').map(escaped).join('/')}`;
    const all = { ...headers, host: hostname };
    const request = new HttpRequest({ method, protocol: 'https:', hostname, path, query, headers: all });
    const expiresIn = Math.max(1, Math.floor((until - now()) / SECOND));
    // Length and type are signed as well: what is longer, shorter or another has another signature.
    const signableHeaders = new Set(Object.keys(all));
    return formatUrl(await presigner.presign(request, { expiresIn, signingDate: new Date(now()), signableHeaders }));
  };

  const signUpload: ObjectStore['signUpload'] = async (key, { contentType, bytes, until }) => {
    const headers = { 'content-type': contentType, 'content-length': String(bytes) };
    return { method: 'PUT', url: await signed('PUT', key, fromInstant(until), { query: { 'x-id': 'PutObject' }, headers }), headers };
  };

  /** Sends what has been signed; again where S3 is busy, or nobody answers. */
  const sent = async (url: string, request: RequestInit): Promise<void> => {
    for (let attempt = 1; ; attempt++) {
      const answer = await fetch(url, request).catch((error: unknown) => ({ ok: false, status: 0, error }));
      if (answer.ok) return;
      if (attempt === ATTEMPTS || (answer.status >= 400 && answer.status < 500))
        throw new Error(`S3 answered ${answer.status} to ${request.method ?? 'GET'}`, 'error' in answer ? { cause: answer.error } : {});
    }
  };
  const soon = (): EpochMs => plus(now(), OWN_MS);

  return {
    signDownload: (key, { contentType, until, fileName }) =>
      signed('GET', key, fromInstant(until), {
        query: {
          'x-id': 'GetObject',
          'response-content-type': contentType,
          ...(fileName === undefined ? {} : { 'response-content-disposition': savedAs(fileName) }),
        },
      }),

    signUpload,

    async put(key, bytes, contentType) {
      const { method, url } = await signUpload(key, { contentType, bytes: bytes.length, until: toInstant(soon()) });
      await sent(url, { method, headers: { 'content-type': contentType }, body: Uint8Array.from(bytes) });
    },

    async remove(keys) {
      for (const key of keys) await sent(await signed('DELETE', key, soon(), { query: { 'x-id': 'DeleteObject' } }), { method: 'DELETE' });
    },
  };
};
