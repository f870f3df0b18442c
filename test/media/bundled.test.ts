/** The function that decodes pictures, as it is deployed: alone in its folder, with no binary for the machine that it happens to run on. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundleNamed } from '../../lib/bundle.ts';
import { picture } from './support.ts';

const folder = mkdtempSync(join(tmpdir(), 'linli-picture-'));
beforeAll(async () => {
  await bundleNamed('process-media', folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What Lambda does, with a table and a bucket that are a file each: S3 and DynamoDB are stood in for at the level of HTTP. */
const PLAY = `
import { createServer } from 'node:http';
import { readFileSync, writeFileSync } from 'node:fs';
const item = { pk: { S: 'MEDIA#1' }, sk: { S: 'MEDIA' }, id: { S: '1' }, version: { N: '1' }, owner: { S: 'x' }, contentType: { S: 'image/jpeg' },
  bytes: { N: '1' }, status: { S: 'pending' }, declaredAt: { S: '2026-11-24T01:00:00.000Z' }, changedAt: { S: '2026-11-24T01:00:00.000Z' } };
const done = [];
const server = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const target = request.headers['x-amz-target'];
  const path = new URL(request.url, 'http://x').pathname;
  if (target !== undefined) {
    done.push(target.split('.')[1]);
    if (target.endsWith('PutItem')) done.push(JSON.parse(body).Item.status.S + ' ' + JSON.parse(body).Item.contentType.S);
    response.setHeader('content-type', 'application/x-amz-json-1.0');
    response.end(JSON.stringify(target.endsWith('GetItem') ? { Item: item } : {}));
  } else {
    done.push(request.method + ' ' + path);
    if (request.method === 'GET') response.end(readFileSync('picture'));
    else if (request.method === 'PUT') { writeFileSync(path.split('/').at(-1) + '.out', body); response.setHeader('etag', '"x"').end(); }
    else response.setHeader('content-type', 'application/xml').end('<DeleteResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"/>');
  }
});
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
process.env.AWS_ENDPOINT_URL = 'http://127.0.0.1:' + server.address().port;
const started = performance.now();
const { handler } = await import(process.argv[2]);
await handler({ detail: { id: '1', data: { item: { key: 'uploads/1' } } } }, {});
const native = process.report.getReport().sharedObjects.filter((each) => /vips|sharp/.test(each));
console.log(JSON.stringify({ done, native, ms: performance.now() - started }));
process.exit(0);
`;

test.each([
  ['jpeg', (): Promise<Buffer> => picture('jpeg', { width: 1000, height: 800 })],
  // Its colours are chosen by a library of its own.
  [
    'png',
    async (): Promise<Buffer> =>
      sharp(await picture('png', { width: 1000, height: 800 }))
        .png({ palette: true })
        .toBuffer(),
  ],
] as const)('loaded alone, it decodes a %s with WebAssembly, and knows nothing of this machine’s own libraries', async (format, make) => {
  const deployed = join(folder, 'process-media');
  expect(readdirSync(join(deployed, 'node_modules', '@img')).toSorted()).toEqual(['colour', 'sharp-wasm32']);
  writeFileSync(join(deployed, 'picture'), await make());
  writeFileSync(join(deployed, 'play.mjs'), PLAY);
  const said = execFileSync(process.execPath, ['play.mjs', './media/process-media.mjs'], {
    cwd: deployed,
    encoding: 'utf8',
    env: {
      AWS_REGION: 'ap-southeast-1',
      AWS_ACCESS_KEY_ID: 'x',
      AWS_SECRET_ACCESS_KEY: 'x',
      TABLE_MEDIA: 'media',
      LINLI_OBJECTS: 'Objects',
      LINLI_SECRET: 'a secret of at least 32 characters for the test',
    },
  });
  const { done, native } = JSON.parse(said.trim().split('\n').at(-1) ?? '');
  expect(native).toEqual([]);
  expect(done).toContain(`ready image/${format}`);
  expect((await sharp(readFileSync(join(deployed, 'image.out'))).metadata()).isPalette).toBe(format === 'png');
  expect(done.at(-1)).toMatch(/^POST \/Objects/);
  expect([existsSync(join(deployed, 'image.out')), existsSync(join(deployed, 'thumbnail.out'))]).toEqual([true, true]);
});
