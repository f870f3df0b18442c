/**
 * Links to objects in a bucket of S3, signed here: no call is made, and the client of S3, which is as large as all the rest of a function, is
 * not loaded.
 */
import { formatUrl } from '@aws-sdk/core/util';
import { defaultProvider } from '@aws-sdk/credential-provider-node';
import { S3RequestPresigner } from '@aws-sdk/s3-request-presigner';
import { HttpRequest } from '@smithy/core/protocols';
import { Sha256 } from '@smithy/core/checksum';
import { fromInstant, SECOND, type Clock } from '../kernel/time.ts';
import type { ObjectStore } from './object-store.ts';

export interface S3LinksDependencies {
  readonly bucket: string;
  readonly region: string;
  readonly now: Clock;
  readonly credentials?: ConstructorParameters<typeof S3RequestPresigner>[0]['credentials'];
}

/** RFC 3986, to the letter: a signature is over what was sent. */
const escaped = (text: string): string =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);

/** Saved under that name, and never shown in place: RFC 6266 §4.1, with RFC 8187 for what is not ASCII. */
const savedAs = (fileName: string): string => `attachment; filename*=UTF-8''${escaped(fileName)}`;

/** China's regions have an internet domain of their own: https://docs.amazonaws.cn/en_us/aws/latest/userguide/endpoints-Beijing.html */
const domainOf = (region: string): string => (region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com');

export const s3Links = ({
  bucket,
  region,
  now,
  credentials = defaultProvider(),
}: S3LinksDependencies): Pick<ObjectStore, 'signDownload'> => {
  const presigner = new S3RequestPresigner({ region, credentials, sha256: Sha256 });
  const hostname = `${bucket}.s3.${region}.${domainOf(region)}`;
  return {
    async signDownload(key, { contentType, until, fileName }) {
      const request = new HttpRequest({
        method: 'GET',
        protocol: 'https:',
        hostname,
        path: `/${key.split('/').map(escaped).join('/')}`,
        query: {
          'x-id': 'GetObject',
          'response-content-type': contentType,
          ...(fileName === undefined ? {} : { 'response-content-disposition': savedAs(fileName) }),
        },
        headers: { host: hostname },
      });
      const expiresIn = Math.max(1, Math.floor((fromInstant(until) - now()) / SECOND));
      return formatUrl(await presigner.presign(request, { expiresIn, signingDate: new Date(now()) }));
    },
  };
};
