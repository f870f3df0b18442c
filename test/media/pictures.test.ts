import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { randomBytes } from 'node:crypto';
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { pictureFrom } from '../../functions/media/picture.ts';
import { resident } from '../support/people.ts';
import { startWorld, type World } from '../support/world.ts';
import { announce, bytesAt, picture, put, SECRETS, typeOf, uploaded, type Format } from './support.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const FORMATS: readonly Format[] = ['jpeg', 'png', 'webp'];
const read = async (id: string) => (await world.get(`/v1/media/${id}`, resident)).body;

describe('what goes on of a picture is the picture', () => {
  test.each(FORMATS)('of a %s: no place, no camera, no person, no XMP, no profile, no thumbnail within', async (format) => {
    const original = await picture(format);
    // The test would prove nothing if they were not in it to begin with.
    const before = await sharp(original).metadata();
    expect([before.exif !== undefined, before.xmp !== undefined, before.icc !== undefined]).toEqual([true, true, true]);
    expect(original.includes('SecretPhone')).toBe(true);

    const id = await uploaded(world, resident, original, typeOf(format));
    const media = await read(id);
    expect(media).toMatchObject({ status: 'ready', contentType: typeOf(format) });
    for (const url of [media.url, media.thumbnailUrl]) {
      const bytes = await bytesAt(url);
      const after = await sharp(bytes).metadata();
      expect([after.exif, after.xmp, after.iptc, after.icc, after.orientation, after.comments, after.tifftagPhotoshop]).toEqual(
        Array.from({ length: 7 }, () => undefined),
      );
      expect(SECRETS.filter((secret) => bytes.includes(secret))).toEqual([]);
    }
    expect((await sharp(await bytesAt(media.url)).metadata()).format).toBe(format);
    const small = await sharp(await bytesAt(media.thumbnailUrl)).metadata();
    expect([small.format, small.width, small.height]).toEqual(['webp', 480, 320]);
  });

  test('it is turned as the camera was held, and its colours are those of every screen', async () => {
    const id = await uploaded(world, resident, await picture('jpeg', { orientation: 6 }));
    const bytes = await bytesAt((await read(id)).url);
    const { width, height } = await sharp(bytes).metadata();
    expect([width, height]).toEqual([400, 600]);
    // Its left half, red, is above.
    const { data } = await sharp(bytes).extract({ left: 200, top: 20, width: 1, height: 1 }).raw().toBuffer({ resolveWithObject: true });
    // Pure red, which its own profile writes as 234, 51, 35.
    expect(data[0]).toBeGreaterThan(245);
    expect(data[1]).toBeLessThan(25);
  });

  test('comments are taken out of a JPEG and texts out of a PNG', async () => {
    const jpeg = await picture('jpeg');
    const comment = Buffer.from('Wang Xiaomei lives here');
    const segment = Buffer.concat([Buffer.from([0xff, 0xfe, 0, comment.length + 2]), comment]);
    const png = await picture('png');
    const text = Buffer.from('tEXtComment\0Wang Xiaomei lives here');
    const length = Buffer.alloc(4);
    length.writeUInt32BE(text.length - 4);
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(crc32(text));
    const head = 8 + 25;
    for (const [bytes, type] of [
      [Buffer.concat([jpeg.subarray(0, 2), segment, jpeg.subarray(2)]), 'image/jpeg'],
      [Buffer.concat([png.subarray(0, head), length, text, sum, png.subarray(head)]), 'image/png'],
    ] as const) {
      expect(bytes.includes('lives here')).toBe(true);
      const media = await read(await uploaded(world, resident, bytes, type));
      expect(media.status).toBe('ready');
      expect((await bytesAt(media.url)).includes('lives here')).toBe(false);
    }
  });

  test('a program behind the last pixel is left behind', async () => {
    const polyglot = Buffer.concat([await picture('jpeg'), Buffer.from('<script>alert(1)</script><?php system($_GET[0]) ?>')]);
    const media = await read(await uploaded(world, resident, polyglot));
    expect(media.status).toBe('ready');
    const bytes = await bytesAt(media.url);
    expect(bytes.includes('script')).toBe(false);
    expect(bytes.includes('php')).toBe(false);
  });

  test('what it is, its content says: a PNG announced as a JPEG is a PNG', async () => {
    const id = await uploaded(world, resident, await picture('png'), 'image/jpeg');
    const media = await read(id);
    expect(media).toMatchObject({ status: 'ready', contentType: 'image/png' });
    expect((await fetch(media.url)).headers.get('content-type')).toBe('image/png');
  });

  test('what shines through goes on shining through', async () => {
    const clear = await sharp({ create: { width: 20, height: 20, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } } })
      .png()
      .toBuffer();
    const media = await read(await uploaded(world, resident, clear, 'image/png'));
    for (const url of [media.url, media.thumbnailUrl]) expect((await sharp(await bytesAt(url)).metadata()).hasAlpha).toBe(true);
  });
});

/** A picture of one colour, whose file is a thousandth of what it unfolds to. */
const bomb = (side: number): Buffer => {
  const chunk = (type: string, data: Buffer): Buffer => {
    const named = Buffer.concat([Buffer.from(type), data]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(named));
    return Buffer.concat([length, named, sum]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(side, 0);
  head.writeUInt32BE(side, 4);
  head[8] = 1;
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(Buffer.alloc(Math.ceil(side / 8 + 1) * side))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
};

describe('what is no picture of ours is refused, with the reason', () => {
  const text = (content: string) => (): Promise<Buffer> => Promise.resolve(Buffer.from(content));
  const moving = async (): Promise<Buffer[]> =>
    Promise.all(
      ['red', 'blue'].map((background) =>
        sharp({ create: { width: 10, height: 10, channels: 3, background } })
          .png()
          .toBuffer(),
      ),
    );

  test.each<[string, string, () => Promise<Buffer>]>([
    ['a web page', 'unknownFormat', text('<!doctype html><script>alert(1)</script>')],
    ['an SVG', 'unknownFormat', text('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')],
    [
      'a GIF',
      'unknownFormat',
      async () =>
        sharp(await picture('png'))
          .gif()
          .toBuffer(),
    ],
    [
      'a TIFF',
      'unknownFormat',
      async () =>
        sharp(await picture('png'))
          .tiff()
          .toBuffer(),
    ],
    [
      'an AVIF',
      'unknownFormat',
      async () =>
        sharp(await picture('png'))
          .avif()
          .toBuffer(),
    ],
    ['a PDF', 'unknownFormat', text('%PDF-1.7\n1 0 obj <<>> endobj')],
    ['a text', 'unknownFormat', text('路灯坏了')],
    [
      'a web page that begins like a JPEG',
      'broken',
      () => Promise.resolve(Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), Buffer.from('<script>')])),
    ],
    ['half a JPEG', 'broken', async () => (await picture('jpeg', { width: 2000, height: 2000 })).subarray(0, 9000)],
    [
      'a PNG with bytes changed',
      'broken',
      async () => Buffer.from((await picture('png')).map((byte, index) => (index > 60 ? byte ^ 0x55 : byte))),
    ],
    ['a PNG of 100 megapixels in 15 kilobytes', 'tooManyPixels', () => Promise.resolve(bomb(10_000))],
    [
      'a moving WebP',
      'animated',
      async () =>
        sharp(await moving(), { join: { animated: true } })
          .webp()
          .toBuffer(),
    ],
  ])('%s: %s', async (_what, reason, make) => {
    const bytes = await make();
    const id = await uploaded(world, resident, bytes);
    const media = await read(id);
    expect(media).toMatchObject({ status: 'refused', reason });
    expect(media.url).toBeUndefined();
    const store = await world.system.runtime.objects();
    for (const key of [`uploads/${id}`, `media/${id}/image`, `media/${id}/thumbnail`]) expect(await store.read(key)).toBeUndefined();
  });

  test('a PNG that moves', async () => {
    const png = await picture('png');
    const head = 8 + 25;
    const named = Buffer.concat([Buffer.from('acTL'), Buffer.from([0, 0, 0, 2, 0, 0, 0, 0])]);
    const [length, sum] = [Buffer.from([0, 0, 0, 8]), Buffer.alloc(4)];
    sum.writeUInt32BE(crc32(named));
    const id = await uploaded(world, resident, Buffer.concat([png.subarray(0, head), length, named, sum, png.subarray(head)]), 'image/png');
    expect(await read(id)).toMatchObject({ status: 'refused', reason: 'animated' });
  });
});

test('a picture that is put again over one that is ready changes nothing', async () => {
  const first = await picture('jpeg');
  const media = await announce(world, resident, first.length);
  await put(media, first);
  await world.settle();
  const before = await bytesAt((await read(media.id)).url);
  // As long, and another picture.
  const second = Buffer.concat([await picture('jpeg', { width: 100, height: 100 })]);
  const other = Buffer.concat([second, Buffer.alloc(Math.max(0, first.length - second.length))]).subarray(0, first.length);
  expect((await put(media, other)).status).toBe(200);
  await world.settle();
  const after = await read(media.id);
  expect(after.status).toBe('ready');
  expect((await bytesAt(after.url)).equals(before)).toBe(true);
  expect(await (await world.system.runtime.objects()).read(`uploads/${media.id}`)).toBeUndefined();
});

describe('drawn anew it is not much longer than it was', () => {
  /** Nothing in it repeats, so that nothing but the number of its colours keeps it small. */
  const noise = (width: number, height: number, channels: 1 | 3, most = 0xff) =>
    sharp(
      randomBytes(width * height * channels).map((byte) => byte & most),
      { raw: { width, height, channels } },
    );
  const drawn = async (bytes: Buffer, most?: number) => {
    const picture = await pictureFrom(bytes, most);
    if (!picture.ok) throw new Error(picture.error);
    return picture.value;
  };
  const pixels = (bytes: Uint8Array): Promise<Buffer> => sharp(bytes).toColourspace('srgb').removeAlpha().raw().toBuffer();

  test('a PNG with a palette keeps one, and every pixel its colour', async () => {
    const original = await noise(400, 400, 1, 0x7f).toColourspace('srgb').png({ palette: true }).toBuffer();
    expect((await sharp(original).metadata()).isPalette).toBe(true);
    // Without one it would be.
    expect((await sharp(original).png().toBuffer()).length).toBeGreaterThan(original.length * 1.5);
    const { contentType, image } = await drawn(original);
    expect(contentType).toBe('image/png');
    expect(image.length).toBeLessThan(original.length * 1.1);
    expect((await pixels(image)).equals(await pixels(original))).toBe(true);
  });

  test.each([
    ['jpeg', () => noise(800, 500, 1).jpeg({ quality: 10 }).toBuffer()],
    ['webp', () => noise(800, 500, 1).webp({ quality: 5 }).toBuffer()],
    ['png', () => noise(800, 500, 3).png().toBuffer()],
  ] as const)('a %s that would be longer than anything that may be put is shown smaller, in its own shape', async (format, make) => {
    const original = await make();
    const long = (await drawn(original)).image.length;
    const most = Math.floor(long / 2);
    const { contentType, image, thumbnail } = await drawn(original, most);
    expect([contentType, image.length <= most]).toEqual([`image/${format}`, true]);
    const { width, height } = await sharp(image).metadata();
    expect(width).toBeLessThan(800);
    expect(width).toBeGreaterThan(200);
    expect(width / height).toBeCloseTo(1.6, 1);
    expect((await sharp(thumbnail).metadata()).width).toBeLessThanOrEqual(480);
  });

  test('turned, it is shown smaller as it was turned', async () => {
    const original = await sharp(await noise(800, 400, 3).jpeg().toBuffer())
      .withMetadata({ orientation: 6 })
      .toBuffer();
    const { image } = await drawn(original, 40_000);
    const { width, height } = await sharp(image).metadata();
    expect(height / width).toBeCloseTo(2, 1);
    expect(image.length).toBeLessThanOrEqual(40_000);
  });
});
