/** What reaches a channel that is not verified: its code, once, and nothing else. Through the whole system, into the outbox. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MINUTE } from '../../functions/kernel/time.ts';
import { sendCode } from '../../functions/notifications/send-code.ts';
import { somebody } from '../support/notified.ts';
import { startWorld, type World } from '../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

interface Sent {
  readonly channel: string;
  readonly subject: string;
  readonly text: string;
}
const outboxOf = async (to: string): Promise<readonly Sent[]> => {
  await world.settle();
  return (await world.get(`/dev/outbox?to=${encodeURIComponent(to)}`)).body.items;
};
const codeIn = ({ text }: Sent): string => /\d{6}$/.exec(text)?.[0] ?? '';
/** What the relay tells of somebody who has added one. */
const event = (sub: string): never => ({ detail: { id: 'PERSON#key:1', data: { item: { sub } } } }) as never;

test('a channel that is added gets one message, whose last six digits are its code', async () => {
  const wang = somebody();
  const { body: channel } = await world.post('/v1/me/channels', wang, { kind: 'email', address: 'codes-1@example.cn' });
  const [letter, ...others] = await outboxOf('codes-1@example.cn');
  if (letter === undefined) throw new Error('no code has come');
  expect(others).toEqual([]);
  expect([letter.channel, letter.subject]).toEqual(['email', '邻里：通知渠道验证码']);
  expect(letter.text).toContain('15 分钟内有效');
  expect((await world.post(`/v1/me/channels/${channel.id}/verify`, wang, { code: codeIn(letter) })).body.status).toBe('verified');
  // Neither the address nor who has it is in the log.
  for (const line of world.logs) expect(JSON.stringify(line)).not.toMatch(/codes-1|somebody-/);
});

test('it speaks the language of who adds it', async () => {
  const wang = somebody();
  await world.post('/v1/me/channels', wang, { kind: 'sms', address: '13800001111' }, { 'accept-language': 'en' });
  const [letter] = await outboxOf('13800001111');
  expect(letter?.text).toMatch(/^\[Linli\] You are adding .*\d{6}$/);
});

test('two that are added together get each its own; an event that comes again, late or early sends none twice', async () => {
  const wang = somebody();
  const kinds = [
    ['email', 'codes-2@example.cn'],
    ['sms', '13800002222'],
  ] as const;
  await Promise.all(kinds.map(([kind, address]) => world.post('/v1/me/channels', wang, { kind, address })));
  for (let times = 0; times < 3; times++) await sendCode(world.system.runtime)(event(wang.sub));
  for (const [, address] of kinds) expect((await outboxOf(address)).length).toBe(1);
  const { body: channels } = await world.get('/v1/me/channels', wang);
  for (const [index, { id }] of channels.items.entries()) {
    const { body } = await world.get(`/v1/me/channels/${id}`, wang);
    const [letter] = await outboxOf(body.address);
    const verified = await world.post(`/v1/me/channels/${id}/verify`, wang, { code: letter === undefined ? '' : codeIn(letter) });
    expect([index, verified.status]).toEqual([index, 200]);
  }
});

test('added again it gets another code, and one that came too late to be used is not sent', async () => {
  const wang = somebody();
  const add = () => world.post('/v1/me/channels', wang, { kind: 'email', address: 'codes-3@example.cn' });
  await add();
  await outboxOf('codes-3@example.cn');
  world.turn(MINUTE);
  await add();
  const letters = await outboxOf('codes-3@example.cn');
  expect(new Set(letters.map(codeIn)).size).toBe(2);
  world.turn(15 * MINUTE);
  await sendCode(world.system.runtime)(event(wang.sub));
  expect((await outboxOf('codes-3@example.cn')).length).toBe(2);
});

test('who is gone, or was never there, is sent nothing', async () => {
  await sendCode(world.system.runtime)(event('nobody-at-all'));
  const wang = somebody();
  const { body } = await world.post('/v1/me/channels', wang, { kind: 'email', address: 'codes-4@example.cn' });
  await outboxOf('codes-4@example.cn');
  await world.call('DELETE', `/v1/me/channels/${body.id}`, { as: wang });
  await sendCode(world.system.runtime)(event(wang.sub));
  expect((await outboxOf('codes-4@example.cn')).length).toBe(1);
});
