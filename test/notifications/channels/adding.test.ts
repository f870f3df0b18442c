/** What of an address is looked at when it is added, and what its owner learns then. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { webhookSecret } from '../../../functions/notifications/channels/webhook-secret.ts';
import { openHouse, type House } from '../../support/house.ts';
import { SHUIJINGFANG } from '../../support/people.ts';
import { KNOWN_PROVIDER, putAdmitted } from '../../support/providers.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
  await putAdmitted(house.runtime);
});
afterAll(() => house.stop());

const PROVIDER = { sub: 'provider-1', roles: ['provider'], provider: KNOWN_PROVIDER, division: SHUIJINGFANG };
const KEYS = { p256dh: `B${'A'.repeat(86)}`, auth: 'A'.repeat(22) };

test.each([
  ['webhook', 'https://169.254.169.254/latest/meta-data/'],
  ['webhook', 'https://[::ffff:10.0.0.1]/'],
  ['webhook', 'https://0x7f.1/'],
  ['webhook', 'https://localhost:8443/'],
  ['webhook', 'https://hooks.example.org:22/'],
  ['webhook', 'https://li:secret@hooks.example.org/'],
  ['webPush', { endpoint: 'https://push.example.org/a', keys: KEYS }],
  ['webPush', { endpoint: 'https://fcm.googleapis.com/a', keys: { ...KEYS, auth: 'A' } }],
  ['wechat', 'somebody'],
  ['sms', '028-12345678'],
])('%s %j is refused before it is kept', async (kind, address) => {
  const { status, body } = await house.post('/v1/me/channels', PROVIDER, { kind, address });
  expect([status, body.code, body.errors[0].path]).toEqual([422, 'invalid', 'address']);
  expect((await house.get('/v1/me/channels', PROVIDER)).body.items).toEqual([]);
});

test('the owner of a webhook learns its secret, whenever they ask; no list has it, and no other kind has one', async () => {
  const added = await house.post('/v1/me/channels', PROVIDER, { kind: 'webhook', address: 'https://hooks.example.org/linli' });
  const { id, secret } = added.body;
  expect([added.status, secret]).toEqual([201, webhookSecret(house.runtime.secrets, id)]);
  expect((await house.get(`/v1/me/channels/${id}`, PROVIDER)).body.secret).toBe(secret);
  expect((await house.get(`/v1/me/channels/${id}`, { ...PROVIDER, sub: 'provider-2' })).status).toBe(404);
  expect((await house.get('/v1/me/channels', PROVIDER)).text).not.toContain('whsec_');
  const mail = await house.post('/v1/me/channels', PROVIDER, { kind: 'email', address: 'wang@example.cn' });
  expect(mail.body).not.toHaveProperty('secret');
  // Nothing of it is kept.
  expect(JSON.stringify([...((await house.content(['notifications']))['notifications'] ?? new Map()).values()])).not.toContain(
    secret.slice(6),
  );
});
