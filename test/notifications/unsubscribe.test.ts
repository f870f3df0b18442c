/** No more by a channel, without signing in: a link that opens one thing, and no other than ours. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { publicOrigin } from '../../functions/http/origin.ts';
import { unsubscribeLink } from '../../functions/notifications/unsubscribe-link.ts';
import { VARIABLES } from '../../functions/kernel/environment.ts';
import { openHouse, type Answered, type House } from '../support/house.ts';
import { FORM } from '../support/operations.ts';
import { somebody, subscribe, verifiedChannel } from '../support/notified.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.stop());

const linkTo = (sub: string, channel: string): string =>
  unsubscribeLink(house.runtime, 'https://linli.test', sub, channel).replace('https://linli.test', '');
/** As mail clients do: RFC 8058 §3.2. */
const press = (link: string): Promise<Answered> => house.call('POST', link, { body: 'List-Unsubscribe=One-Click', headers: FORM });

test('the page has one button and changes nothing; pressing it ends what came by that channel, and by no other', async () => {
  const wang = somebody();
  const [mail, phone] = [await verifiedChannel(house, wang), await verifiedChannel(house, wang, '13812345678', 'sms')];
  await subscribe(house, wang, [
    { division: '510104', channels: [mail, phone] },
    { division: '5101', channels: [mail] },
  ]);
  await house.call('PUT', '/v1/me/notifications', { as: wang, body: { channels: [mail, phone], topics: ['requests'] } });
  const before = await house.content(['notifications']);
  const link = linkTo(wang.sub, mail);
  const page = await house.call('GET', link);
  expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
  expect(page.text.match(/<button>/g)).toEqual(['<button>']);
  expect(page.text).toContain('<form method="post">');
  expect(page.text).toContain('不再接收');
  expect(page.text).toContain('Send me no more');
  expect(page.text).not.toMatch(/<script|src=|href=|wang/);
  expect(page.headers['content-security-policy']).toContain("default-src 'none'");
  expect(await house.content(['notifications'])).toEqual(before);

  const done = await press(link);
  expect([done.status, done.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
  expect(done.text).not.toContain('<button>');
  const { body } = await house.get('/v1/me/alert-subscriptions', wang);
  expect(body.subscriptions.map(({ channels }: { channels: string[] }) => channels)).toEqual([[phone], []]);
  expect((await house.get('/v1/me/notifications', wang)).body.channels).toEqual([phone]);
  // It is still verified: named again it is used again.
  expect((await house.get(`/v1/me/channels/${mail}`, wang)).body.status).toBe('verified');
});

test('pressed again, at once or when the channel is gone, it is done all the same and nothing more is written', async () => {
  const wang = somebody();
  const mail = await verifiedChannel(house, wang);
  await subscribe(house, wang, [{ division: '510104', channels: [mail] }]);
  const link = linkTo(wang.sub, mail);
  expect((await Promise.all([press(link), press(link), press(link)])).map(({ status }) => status)).toEqual([200, 200, 200]);
  const version = (await house.get('/v1/me/notifications', wang)).headers['etag'];
  expect(version).toBe('"4"');
  await press(link);
  expect((await house.get('/v1/me/notifications', wang)).headers['etag']).toBe(version);
  await house.call('DELETE', `/v1/me/channels/${mail}`, { as: wang });
  expect((await press(link)).status).toBe(200);
  expect((await press(linkTo('nobody-at-all', mail))).status).toBe(200);
});

test('a link that is not ours to the bit opens nothing', async () => {
  const wang = somebody();
  const link = linkTo(wang.sub, await verifiedChannel(house, wang));
  const token = link.split('/').at(-1) ?? '';
  const bytes = Buffer.from(token, 'base64url');
  for (let bit = 0; bit < bytes.length * 8; bit += 7) {
    const changed = Buffer.from(bytes);
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    const path = `/v1/unsubscribe/${changed.toString('base64url')}`;
    expect((await press(path)).status).toBe(404);
    expect((await house.call('GET', path)).status).toBe(404);
  }
  const other = unsubscribeLink({ ...house.runtime, secrets: ['another secret of at least 32 characters altogether'] }, '', wang.sub, 'x');
  for (const path of [other, '/v1/unsubscribe/x', `${link}A`]) expect((await press(path)).status).toBe(404);
  expect((await house.get('/v1/me/channels', wang)).body.items.length).toBe(1);
});

test('a letter has a link where people reach us by an address that is known, and without one none', () => {
  expect(publicOrigin(house.runtime)).toBeUndefined();
  house.set(VARIABLES.publicUrl, 'https://linli.example.gov.cn/');
  expect(publicOrigin(house.runtime)).toBe('https://linli.example.gov.cn');
});
