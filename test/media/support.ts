/** Pictures made on the spot, and the way of one from announcement to view. */
import sharp from 'sharp';
import type { TokenClaims } from '../../lib/local/issuer.ts';
import { SHUIJINGFANG } from '../support/people.ts';
import type { Answer, World } from '../support/world.ts';

export type Format = 'jpeg' | 'png' | 'webp';

/** Where the picture was taken, by which telephone, and who is in it: none of it may go on. */
export const SECRETS = ['SecretPhone', 'Wang Xiaomei', 'secret-xmp', '2026:11:24 08:00:00'];

const XMP = `<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" dc:title="secret-xmp"/></rdf:RDF></x:xmpmeta><?xpacket end="w"?>`;

/** A picture, red on its left half and blue on its right, with everything that a telephone writes beside it. */
export const picture = async (
  format: Format,
  { width = 600, height = 400, orientation = 1 }: { readonly width?: number; readonly height?: number; readonly orientation?: number } = {},
): Promise<Buffer> => {
  const left = { create: { width: Math.floor(width / 2), height, channels: 3, background: 'red' } } as const;
  return sharp({ create: { width, height, channels: 3, background: 'blue' } })
    .composite([{ input: left, left: 0, top: 0 }])
    .withExif({
      IFD0: { Make: 'SecretPhone', Model: 'SecretPhone 15', Artist: 'Wang Xiaomei', ImageDescription: 'Wang Xiaomei' },
      IFD2: { DateTimeOriginal: '2026:11:24 08:00:00' },
      IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '30/1 39/1 1234/100', GPSLongitudeRef: 'E', GPSLongitude: '104/1 4/1 5678/100' },
    })
    .withXmp(XMP)
    .withIccProfile('p3')
    .withMetadata({ orientation })
    .toFormat(format)
    .toBuffer();
};

export interface Upload {
  readonly id: string;
  readonly upload: { readonly method: string; readonly url: string; readonly headers: Readonly<Record<string, string>> };
}

export const typeOf = (format: Format): string => `image/${format}`;

export const announce = async (world: World, as: TokenClaims, bytes: number, contentType = 'image/jpeg'): Promise<Upload> => {
  const answer = await world.post('/v1/media', as, { contentType, bytes });
  if (answer.status !== 201) throw new Error(answer.text);
  return answer.body;
};

/** Sends exactly what it is told to: fetch itself counts the length. */
export const put = (
  { upload }: Upload,
  bytes: Uint8Array,
  headers: Readonly<Record<string, string>> = { 'content-type': upload.headers['content-type'] ?? '' },
): Promise<Response> => fetch(upload.url, { method: upload.method, headers, body: Uint8Array.from(bytes) });

/** Announced, put and looked at. */
export const uploaded = async (world: World, as: TokenClaims, bytes: Uint8Array, contentType = 'image/jpeg'): Promise<string> => {
  const media = await announce(world, as, bytes.length, contentType);
  const answer = await put(media, bytes);
  if (answer.status !== 200) throw new Error(await answer.text());
  await world.settle();
  return media.id;
};

export const ask = (world: World, as: TokenClaims, media: readonly string[], more: object = {}): Promise<Answer> =>
  world.post('/v1/requests', as, {
    service: 'streetLamp',
    community: SHUIJINGFANG,
    description: '路灯坏了，见照片',
    channel: 'app',
    media,
    ...more,
  });

export const comment = (world: World, as: TokenClaims, request: string, media: readonly string[], more: object = {}): Promise<Answer> =>
  world.post(`/v1/requests/${request}/comments`, as, { text: '见照片', media, ...more });

export const bytesAt = async (url: string): Promise<Buffer> => {
  const answer = await fetch(url);
  if (answer.status !== 200) throw new Error(`${answer.status} ${await answer.text()}`);
  return Buffer.from(await answer.arrayBuffer());
};
