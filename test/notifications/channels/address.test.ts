import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { addressFault, WEB_PUSH_HOSTS } from '../../../functions/notifications/channels/address.ts';
import { isPublicAddress } from '../../../functions/notifications/channels/public-address.ts';

const KEYS = { p256dh: `B${'A'.repeat(86)}`, auth: 'A'.repeat(22) };

describe('e-mail, text messages, WeChat', () => {
  test.each([
    ['email', 'li.na+alerts@mail.example.gov.cn'],
    ['email', 'li@xn--fiqs8s.cn'],
    ['sms', '13900000001'],
    ['sms', '+8613900000001'],
    ['sms', '+86 139-0000-0001'],
    ['sms', '+85291234567'],
    ['wechat', 'oia2TjuEGTNoeX76QEjQNrcURxG8'],
  ] as const)('%s: %s can be one', (kind, address) => {
    expect(addressFault(kind, address)).toBeUndefined();
  });

  test.each([
    ['email', 'li'],
    ['email', 'li@localhost'],
    ['email', 'li@example.cn\nBcc: all@example.cn'],
    ['email', 'li@example.cn,wang@example.cn'],
    ['email', '"li na"@example.cn'],
    ['email', '.li@example.cn'],
    ['email', `${'l'.repeat(65)}@example.cn`],
    ['email', `li@${'e.'.repeat(130)}cn`],
    ['sms', '12345'],
    ['sms', '12900000001'],
    ['sms', '+0613900000001'],
    ['wechat', 'o'],
    ['wechat', 'oia2TjuEGTNoeX76QEjQ NrcURxG8'],
  ] as const)('%s: %j cannot, and it is said why in both languages', (kind, address) => {
    expect(addressFault(kind, address)).toMatchObject({ 'zh-CN': expect.stringMatching(/。$/), en: expect.stringMatching(/\.$/) });
  });

  test('a kind takes its own shape of address only', () => {
    for (const kind of ['email', 'sms', 'wechat', 'webhook'] as const)
      expect(addressFault(kind, { endpoint: 'https://fcm.googleapis.com/a', keys: KEYS })).toBeDefined();
    expect(addressFault('webPush', 'https://fcm.googleapis.com/a')).toBeDefined();
  });
});

describe('push subscriptions', () => {
  test.each([
    'https://fcm.googleapis.com/fcm/send/abc:def',
    'https://updates.push.services.mozilla.com/wpush/v2/abc',
    'https://autopush.prod.push.services.mozilla.com/wpush/v2/abc',
    'https://wns2-hk2p.notify.windows.com/w/?token=abc',
    'https://web.push.apple.com/abc',
  ])('%s is one of a push service that we know', (endpoint) => {
    expect(addressFault('webPush', { endpoint, keys: KEYS })).toBeUndefined();
  });

  test('the documentation names every push service', () => {
    const documented = readFileSync('docs/alerts.md', 'utf8');
    for (const host of WEB_PUSH_HOSTS) expect(documented).toContain(`\`${host}\``);
  });

  test.each([
    'http://fcm.googleapis.com/a',
    'https://fcm.googleapis.com:8443/a',
    'https://user@fcm.googleapis.com/a',
    'https://fcm.googleapis.com.example.org/a',
    'https://evilfcm.googleapis.com/a',
    'https://notify.windows.com.example.org/a',
    'https://evilpush.apple.com/a',
    'https://push.apple.com/a',
    'https://example.org/#fcm.googleapis.com',
    'https://example.org\\@fcm.googleapis.com/a',
    'https://127.0.0.1/a',
    'fcm.googleapis.com/a',
  ])('%s is none', (endpoint) => {
    expect(addressFault('webPush', { endpoint, keys: KEYS })).toBeDefined();
  });

  test.each([
    { p256dh: KEYS.p256dh, auth: 'A'.repeat(21) },
    { p256dh: `A${'A'.repeat(86)}`, auth: KEYS.auth },
    { p256dh: `${KEYS.p256dh}=`, auth: KEYS.auth },
    { p256dh: '', auth: '' },
  ])('keys of another shape are none: %j', (keys) => {
    expect(addressFault('webPush', { endpoint: 'https://fcm.googleapis.com/a', keys })).toBeDefined();
  });
});

describe('webhooks', () => {
  test.each([
    'https://hooks.example.org/linli?community=510104035001',
    'https://hooks.example.org:8443/',
    'https://8.8.8.8/',
    'https://[2400:3200::1]/',
    'https://邻里.中国/hook',
  ])('%s may be called', (address) => {
    expect(addressFault('webhook', address)).toBeUndefined();
  });

  test.each([
    'http://hooks.example.org/',
    'ftp://hooks.example.org/',
    'https://hooks.example.org:22/',
    'https://hooks.example.org:80/',
    'https://li:secret@hooks.example.org/',
    'https://hooks.example.org/#here',
    'https://hooks.example.org/ a',
    'https://localhost/',
    'https://localhost:8443/',
    'https://gateway/',
    'https://a.localhost/',
    'https://metadata.google.internal/',
    'https://instance-data.ec2.internal./',
    'https://printer.local/',
    'https://router.home.arpa/',
    'https://127.0.0.1/',
    'https://127.1/',
    'https://2130706433/',
    'https://0x7f000001/',
    'https://0177.0.0.1/',
    'https://0x7f.0.0.1/',
    'https://127.0.0.1./',
    'https://①②⑦.⓪.⓪.①/',
    'https://0/',
    'https://10.1.2.3/',
    'https://100.64.0.1/',
    'https://169.254.169.254/latest/meta-data/',
    'https://172.31.255.255/',
    'https://192.0.0.8/',
    'https://192.168.1.1/',
    'https://198.19.255.255/',
    'https://203.0.113.9/',
    'https://224.0.0.1/',
    'https://255.255.255.255/',
    'https://[::]/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:8.8.8.8]/',
    'https://[::127.0.0.1]/',
    'https://[64:ff9b::7f00:1]/',
    'https://[64:ff9b:1::a00:1]/',
    'https://[100::1]/',
    'https://[2001::1]/',
    'https://[2001:db8::1]/',
    'https://[2002:7f00:1::]/',
    'https://[3fff::1]/',
    'https://[5f00::1]/',
    'https://[fc00::1]/',
    'https://[fd00:ec2::254]/',
    'https://[fe80::1]/',
    'https://[fec0::1]/',
    'https://[ff02::1]/',
    `https://hooks.example.org/${'a'.repeat(2000)}`,
  ])('%s may not', (address) => {
    expect(addressFault('webhook', address)).toBeDefined();
  });
});

describe('public addresses', () => {
  test('no address is public that ipaddr.js knows for a special purpose', () => {
    const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
    // Half of them near the beginning of what is special.
    const near = fc.constantFrom(
      '2001::',
      '2002::',
      '2001:db8::',
      '::ffff:0:0',
      '64:ff9b::',
      'fc00::',
      'fe80::',
      '3fff::',
      '2620:4f:8000::',
    );
    const six = fc.tuple(fc.option(near), bytes(16)).map(([start, all]) => {
      const whole = start === null ? [...all] : [...ipaddr.parse(start).toByteArray().slice(0, 4), ...all.slice(4)];
      return ipaddr.fromByteArray(whole).toString();
    });
    const four = bytes(4).map((all) => ipaddr.fromByteArray([...all]).toString());
    fc.assert(
      fc.property(fc.oneof(four, six), (address) => {
        if (isPublicAddress(address)) expect([address, ipaddr.parse(address).range()]).toEqual([address, 'unicast']);
      }),
      { numRuns: 5000 },
    );
  });

  test('what is not special is public', () => {
    for (const address of ['1.1.1.1', '114.114.114.114', '172.32.0.1', '100.128.0.1', '223.5.5.5', '2400:3200::1', '2606:4700:4700::1111'])
      expect([address, isPublicAddress(address)]).toEqual([address, true]);
    for (const text of ['', 'hooks.example.org', '1.1.1', '[2400:3200::1]']) expect([text, isPublicAddress(text)]).toEqual([text, false]);
  });
});
