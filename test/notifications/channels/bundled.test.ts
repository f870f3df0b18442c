/** A function that carries, as it is deployed: alone in its folder, with what of AWS's clients its bundle has kept. */
import { execFileSync } from 'node:child_process';
import { createECDH, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { bundleNamed } from '../../../lib/bundle.ts';

const folder = mkdtempSync(join(tmpdir(), 'linli-carrying-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Plays every service at the level of HTTP, with one person whose channels wait for their codes. */
const PLAY = `
import { createServer } from 'node:http';
const { channels, secrets } = JSON.parse(process.env.PLAYED);
const asked = [];
const item = { pk: { S: 'PERSON#wang' }, sk: { S: 'PERSON' }, sub: { S: 'wang' }, key: { S: 'k' }, language: { S: 'zh-CN' }, version: { N: '1' },
  subscriptions: { L: [] }, preferences: { M: { channels: { L: [] }, topics: { L: [] } } },
  channels: { L: channels.map(({ id, kind, address }) => ({ M: { id: { S: id }, kind: { S: kind }, status: { S: 'unverified' },
    addedAt: { S: new Date().toISOString() }, address: typeof address === 'string' ? { S: address }
      : { M: { endpoint: { S: address.endpoint }, keys: { M: { p256dh: { S: address.keys.p256dh }, auth: { S: address.keys.auth } } } } } } })) } };
const answers = {
  GetItem: ({ Key }) => (Key.pk.S === 'PERSON#wang' ? { Item: item } : {}),
  GetSecretValue: ({ SecretId }) => ({ SecretString: JSON.stringify(secrets[SecretId]).replaceAll('HERE', origin) }),
};
const server = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const target = request.headers['x-amz-target']?.split('.')[1];
  const path = new URL(request.url, 'http://x').pathname;
  if (target !== 'GetItem' && target !== 'PutItem') asked.push(target === undefined ? path : target);
  const body = target === undefined ? {} : JSON.parse(Buffer.concat(chunks));
  response.setHeader('content-type', 'application/x-amz-json-1.0');
  if (path === '/cgi-bin/stable_token') return void response.end('{"access_token":"T","expires_in":7200}');
  response.end(JSON.stringify(answers[target]?.(body) ?? {}));
});
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
const origin = 'http://127.0.0.1:' + server.address().port;
process.env.AWS_ENDPOINT_URL = origin;
const real = globalThis.fetch;
globalThis.fetch = (url, init) => real(String(url).replace('https://fcm.googleapis.com', origin), init);
const { handler } = await import('./notifications/send-code.mjs');
await handler({ detail: { id: '1', data: { item: { sub: 'wang' } } } }, {});
console.log(JSON.stringify(asked));
process.exit(0);
`;

test('mail, text messages, WeChat and pushes leave from the bundle as from the source', async () => {
  await bundleNamed('send-code', folder);
  const deployed = join(folder, 'send-code');
  writeFileSync(join(deployed, 'play.mjs'), PLAY);
  const [vapid, browser] = [createECDH('prime256v1'), createECDH('prime256v1')];
  const keys = { p256dh: browser.generateKeys('base64url'), auth: randomBytes(16).toString('base64url') };
  const played = {
    channels: [
      { id: '1', kind: 'email', address: 'wang@example.cn' },
      { id: '2', kind: 'sms', address: '13900000001' },
      { id: '3', kind: 'wechat', address: 'oia2TjuEGTNoeX76QEjQNrcURxG8' },
      { id: '4', kind: 'webPush', address: { endpoint: 'https://fcm.googleapis.com/fcm/send/a', keys } },
    ],
    secrets: {
      'linli/test/notifications/vapid': {
        publicKey: vapid.generateKeys('base64url'),
        privateKey: Buffer.from(vapid.getPrivateKey('hex').padStart(64, '0'), 'hex').toString('base64url'),
      },
      'linli/test/notifications/wechat': {
        appId: 'wx',
        secret: 'hush',
        templateId: 'T',
        fields: { thing1: 'subject' },
        apiBase: 'HERE',
      },
    },
  };
  const direct = { email: { from: 'notice@example.gov.cn' }, sms: { from: 'pool-1' }, wechat: {}, webPush: { subject: 'mailto:a@b.cn' } };
  const said = execFileSync(process.execPath, ['play.mjs'], {
    cwd: deployed,
    encoding: 'utf8',
    env: {
      AWS_REGION: 'ap-southeast-1',
      AWS_ACCESS_KEY_ID: 'x',
      AWS_SECRET_ACCESS_KEY: 'x',
      TABLE_NOTIFICATIONS: 'notifications',
      LINLI_SECRET: 'a secret of at least 32 characters for the test',
      LINLI_SECRETS_PREFIX: 'linli/test/',
      LINLI_CARRIERS: JSON.stringify(direct),
      PLAYED: JSON.stringify(played),
    },
  });
  expect(JSON.parse(said.trim().split('\n').at(-1) ?? '')).toEqual([
    '/v2/email/outbound-emails',
    'SendTextMessage',
    'GetSecretValue',
    '/cgi-bin/stable_token',
    '/cgi-bin/message/template/send',
    'GetSecretValue',
    '/fcm/send/a',
  ]);
}, 120_000);
