import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { HttpResponse, type HttpRequest } from '@smithy/core/protocols';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { s3Links } from '../../functions/data/s3-links.ts';
import { s3Store } from '../../functions/data/s3-store.ts';
import { epochMs, MINUTE, plus, toInstant } from '../../functions/kernel/time.ts';

const now = epochMs(Date.parse('2026-11-24T01:00:00Z'));
const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret', sessionToken: 'token+/=' };

test.each(['ap-southeast-1', 'cn-north-1', 'cn-northwest-1', 'us-east-1'])(
  'a link is the very one that the client of S3 would sign: %s',
  async (region) => {
    const client = new S3Client({
      region,
      credentials,
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    });
    for (const [Key, fileName] of [
      ['media/1/image', undefined],
      ["exports/1 ' +.csv", '锦江区 2026-11（1）.csv'],
    ] as const) {
      const link = await s3Links({ bucket: 'linli-prod-objects-1-x', region, now: () => now, credentials }).signDownload(Key, {
        contentType: 'image/jpeg',
        until: toInstant(plus(now, 15 * MINUTE)),
        ...(fileName === undefined ? {} : { fileName }),
      });
      const disposition = new URL(link).searchParams.get('response-content-disposition') ?? undefined;
      const command = new GetObjectCommand({
        Bucket: 'linli-prod-objects-1-x',
        Key,
        ResponseContentType: 'image/jpeg',
        ...(disposition === undefined ? {} : { ResponseContentDisposition: disposition }),
      });
      expect(link).toBe(await getSignedUrl(client, command, { expiresIn: 900, signingDate: new Date(now) }));
    }
    client.destroy();
  },
);

test('a link to put signs the length, the type and the host, ends when it is said to, and asks for no checksum', async () => {
  // The client is the one that a function makes for itself.
  for (const [name, value] of [
    ['AWS_REGION', 'ap-southeast-1'],
    ['AWS_ACCESS_KEY_ID', credentials.accessKeyId],
    ['AWS_SECRET_ACCESS_KEY', credentials.secretAccessKey],
    ['AWS_SESSION_TOKEN', credentials.sessionToken],
  ] as const)
    vi.stubEnv(name, value);
  const store = s3Store({ bucket: 'linli-prod-objects-1-x', region: 'ap-southeast-1', now: () => now });
  const upload = { contentType: 'image/jpeg', bytes: 12_345, until: toInstant(plus(now, 15 * MINUTE)) };
  const { method, url, headers } = await store.signUpload('uploads/1', upload);
  const longer = await store.signUpload('uploads/1', { ...upload, bytes: 12_346 });
  vi.unstubAllEnvs();
  expect([method, headers]).toEqual(['PUT', { 'content-type': 'image/jpeg', 'content-length': '12345' }]);
  const { hostname, pathname, searchParams } = new URL(url);
  expect([hostname, pathname]).toEqual(['linli-prod-objects-1-x.s3.ap-southeast-1.amazonaws.com', '/uploads/1']);
  expect(searchParams.get('X-Amz-SignedHeaders')).toBe('content-length;content-type;host');
  expect(searchParams.get('X-Amz-Date')).toBe('20261124T010000Z');
  expect(searchParams.get('X-Amz-Expires')).toBe('900');
  expect(searchParams.get('X-Amz-Security-Token')).toBe(credentials.sessionToken);
  // Of a body that nobody has seen yet.
  expect([...searchParams.keys()].filter((name) => /checksum/i.test(name))).toEqual([]);
  expect(new URL(longer.url).searchParams.get('X-Amz-Signature')).not.toBe(searchParams.get('X-Amz-Signature'));
});

test.each([
  [200, true],
  [412, false],
])('who puts first is told by S3 itself: %i', async (statusCode, expected) => {
  const sent: HttpRequest[] = [];
  const client = new S3Client({
    region: 'ap-southeast-1',
    credentials,
    requestHandler: {
      handle: (request: HttpRequest) => {
        sent.push(request);
        return Promise.resolve({ response: new HttpResponse({ statusCode, headers: {}, body: new Uint8Array() }) });
      },
    },
  });
  const store = s3Store({ bucket: 'linli-prod-objects-1-x', region: 'ap-southeast-1', now: () => now, client });
  expect(await store.putFirst('media/1/image', Buffer.from('a picture'), 'image/png')).toBe(expected);
  expect(sent.map(({ method, headers }) => [method, headers['if-none-match'], headers['content-type']])).toEqual([
    ['PUT', '*', 'image/png'],
  ]);
  client.destroy();
});

describe('what is sent without the client', () => {
  const bucket = 'linli-prod-objects-1-x';
  const region = 'cn-north-1';
  const sent: { url: string; request: RequestInit }[] = [];
  const answering = (...statuses: number[]): void => {
    sent.length = 0;
    vi.stubGlobal('fetch', (url: string, request: RequestInit) => {
      sent.push({ url, request });
      return Promise.resolve(new Response(null, { status: statuses.shift() ?? 200 }));
    });
  };
  const links = s3Links({ bucket, region, now: () => now, credentials });
  const client = new S3Client({ region, credentials, requestChecksumCalculation: 'WHEN_REQUIRED' });
  afterEach(() => vi.unstubAllGlobals());
  afterAll(() => client.destroy());
  const options = { expiresIn: 60, signingDate: new Date(now) };

  test('is what the client would sign', async () => {
    answering(200, 204, 204);
    await links.put('received/1', Buffer.from('a picture'), 'image/png');
    await links.remove(['received/1', 'received/2']);
    const put = new PutObjectCommand({ Bucket: bucket, Key: 'received/1', ContentType: 'image/png', ContentLength: 9 });
    const signableHeaders = new Set(['content-length', 'content-type', 'host']);
    const removed = ['received/1', 'received/2'].map((Key) => new DeleteObjectCommand({ Bucket: bucket, Key }));
    expect(sent.map(({ url }) => url)).toEqual([
      await getSignedUrl(client, put, { ...options, signableHeaders }),
      ...(await Promise.all(removed.map((command) => getSignedUrl(client, command, options)))),
    ]);
    expect(sent.map(({ request: { method, headers } }) => [method, headers])).toEqual([
      ['PUT', { 'content-type': 'image/png' }],
      ['DELETE', undefined],
      ['DELETE', undefined],
    ]);
  });

  test('is sent again where S3 is busy, and told where it refuses', async () => {
    answering(503, 500, 200);
    await links.put('received/1', Buffer.from('a picture'), 'image/png');
    expect(sent).toHaveLength(3);
    answering(503, 503, 503, 503);
    await expect(links.put('received/1', Buffer.from('a picture'), 'image/png')).rejects.toThrow('503');
    expect(sent).toHaveLength(3);
    answering(403);
    await expect(links.remove(['received/1'])).rejects.toThrow('403');
    expect(sent).toHaveLength(1);
  });
});
