/**
 * Makes an uploaded picture fit to be seen: its pixels are drawn anew, so that nothing else that came with them (place, camera, comments, a
 * program behind the last pixel) goes on. What it is, its content says.
 */
import type { Metadata, Sharp, SharpOptions } from 'sharp';
import { err, ok, type Result } from '../kernel/result.ts';
import { MOST_BYTES, MOST_PIXELS, type ContentType, type Refusal } from './media.ts';

export interface Picture {
  readonly contentType: ContentType;
  readonly image: Uint8Array;
  /** WebP, at most 480 pixels wide and high. */
  readonly thumbnail: Uint8Array;
}

const THUMBNAIL_PIXELS = 480;
const QUALITY = 85;
const THUMBNAIL_QUALITY = 75;

/** What a file begins with: https://mimesniff.spec.whatwg.org/#image-type-pattern-matching-algorithm. Nothing else is ever given to a decoder. */
const SIGNATURES: readonly (readonly [ContentType, (bytes: Buffer) => boolean])[] = [
  ['image/jpeg', (bytes) => bytes.subarray(0, 3).equals(Buffer.from([0xff, 0xd8, 0xff]))],
  ['image/png', (bytes) => bytes.subarray(0, 8).equals(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]))],
  ['image/webp', (bytes) => bytes.toString('latin1', 0, 4) === 'RIFF' && bytes.toString('latin1', 8, 14) === 'WEBPVP'],
];
const FORMATS: Readonly<Record<ContentType, Metadata['format']>> = { 'image/jpeg': 'jpeg', 'image/png': 'png', 'image/webp': 'webp' };

/** An animated PNG says so before its first picture, and the decoder does not tell: https://www.w3.org/TR/png-3/#acTL-chunk */
const isAnimatedPng = (bytes: Buffer): boolean => {
  for (let at = 8; at + 8 <= bytes.length; at += 12 + bytes.readUInt32BE(at)) {
    const chunk = bytes.toString('latin1', at + 4, at + 8);
    if (chunk === 'acTL') return true;
    if (chunk === 'IDAT') return false;
  }
  return false;
};

type Open = (input: Buffer, options: SharpOptions) => Sharp;

let opening: Promise<Open> | undefined;

/** Loaded where a picture comes, and kept; decoders of all but our three formats are shut. */
const decoder = (): Promise<Open> =>
  (opening ??= import('sharp').then(({ default: sharp }) => {
    sharp.cache(false);
    sharp.concurrency(1);
    sharp.block({ operation: ['VipsForeignLoad'] });
    sharp.unblock({ operation: ['VipsForeignLoadJpegBuffer', 'VipsForeignLoadPngBuffer', 'VipsForeignLoadWebpBuffer'] });
    return (input, options) => sharp(input, options);
  }));

const OPTIONS: SharpOptions = { limitInputPixels: MOST_PIXELS, failOn: 'error', sequentialRead: true };

/** What a file says that it is; undefined where it is none of ours. */
export const contentTypeOf = (bytes: Buffer): ContentType | undefined => SIGNATURES.find(([, fits]) => fits(bytes))?.[0];

const encoded = (picture: Sharp, contentType: ContentType, isPalette: boolean): Promise<Buffer> => {
  switch (contentType) {
    case 'image/jpeg':
      return picture.jpeg({ quality: QUALITY }).toBuffer();
    case 'image/png':
      // Each pixel as one of at most 256 colours, as it was: as three numbers it would take more than twice as much.
      return picture.png({ palette: isPalette }).toBuffer();
    case 'image/webp':
      return picture.webp({ quality: QUALITY }).toBuffer();
  }
};

const bufferOf = ({ buffer, byteOffset, length }: Uint8Array): Buffer => Buffer.from(buffer, byteOffset, length);

/** Of what comes out a little too long, a little less is shown. */
const MARGIN = 0.9;

/** Turned as the camera was held, in the colours of every screen, and nothing beside the pixels: the library keeps none of it unless told to. */
const redrawn = async (
  turned: () => Sharp,
  { contentType, isPalette, side, most }: { contentType: ContentType; isPalette: boolean; side: number; most: number },
): Promise<Buffer> => {
  const image = await encoded(turned(), contentType, isPalette);
  if (image.length <= most) return image;
  // What was pressed hard comes out longer than it went in; it is shown smaller then, until it is not.
  const smaller = Math.max(1, Math.floor(side * Math.sqrt(most / image.length) * MARGIN));
  const fitted = (): Sharp => turned().resize({ width: smaller, height: smaller, fit: 'inside', withoutEnlargement: true });
  return redrawn(fitted, { contentType, isPalette, side: smaller, most });
};

export const thumbnailOf = async (image: Uint8Array): Promise<Buffer> => {
  const open = await decoder();
  return open(bufferOf(image), OPTIONS)
    .resize({ width: THUMBNAIL_PIXELS, height: THUMBNAIL_PIXELS, fit: 'inside', withoutEnlargement: true })
    .webp({ quality: THUMBNAIL_QUALITY })
    .toBuffer();
};

/** Drawn anew, and no longer than `most`. Throws where something is wrong with us, not with the picture. */
export const pictureFrom = async (uploaded: Uint8Array, most = MOST_BYTES): Promise<Result<Picture, Refusal>> => {
  if (uploaded.length > MOST_BYTES) return err('tooLarge');
  const bytes = bufferOf(uploaded);
  const contentType = contentTypeOf(bytes);
  if (contentType === undefined) return err('unknownFormat');
  const open = await decoder();
  try {
    // Looked at before it is unfolded: the head says how large it is.
    const { format, width, height, pages = 1, isPalette } = await open(bytes, { ...OPTIONS, limitInputPixels: false }).metadata();
    if (format !== FORMATS[contentType]) return err('unknownFormat');
    if (width * height > MOST_PIXELS) return err('tooManyPixels');
    if (pages > 1 || (contentType === 'image/png' && isAnimatedPng(bytes))) return err('animated');
    const turned = (): Sharp => open(bytes, OPTIONS).autoOrient();
    const image = await redrawn(turned, { contentType, isPalette, side: Math.max(width, height), most });
    return ok({ contentType, image, thumbnail: await thumbnailOf(image) });
  } catch {
    // Whatever a decoder stumbles over is the picture's fault: it gets nothing but these bytes.
    return err('broken');
  }
};
