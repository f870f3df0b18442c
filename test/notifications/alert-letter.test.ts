/** What an alert says, by each kind of channel and in each language. */
import { expect, test } from 'vitest';
import type { AlertMessage } from '../../functions/alerts/alert.ts';
import { COLOURS } from '../../functions/kernel/colour.ts';
import { epochMs, HOUR, plus } from '../../functions/kernel/time.ts';
import { CHANNEL_KINDS } from '../../functions/notifications/channels/channel.ts';
import { alertLetter } from '../../functions/notifications/delivery/alert-letter.ts';
import { anAlert } from '../support/alerting.ts';

const now = epochMs(Date.parse('2026-11-24T01:00:00Z'));
const letter = (more: Partial<AlertMessage> = {}, given: Partial<Parameters<typeof alertLetter>[1]> = {}) =>
  alertLetter(anAlert({ now: () => now }, more), { id: 'letter', kind: 'sms', language: 'zh-CN', now, ...given });

test('a short message says colour, headline, what to do, until when and who says so, in the reader’s language', () => {
  expect(letter().text).toBe(
    '红色预警：锦江区发布暴雨红色预警。请留在室内，远离低洼处。有效至 2026-11-24 15:00。发布单位：锦江区应急管理局',
  );
  expect(letter({}, { language: 'en' }).text).toBe(
    'Red alert: Red rainstorm warning for Jinjiang. Stay indoors and away from low ground. Until 2026-11-24 15:00 (UTC+8). Issued by 锦江区应急管理局.',
  );
  expect(COLOURS.map((colour) => letter({ colour }).text.slice(0, 4))).toEqual(['蓝色预警', '黄色预警', '橙色预警', '红色预警']);
  expect(letter({ colour: undefined }).text).toMatch(/^预警：锦江区/);
});

test('an exercise, a test, an update and an end are marked first, in subject and text, by every kind of channel', () => {
  for (const kind of CHANNEL_KINDS)
    for (const [more, zh, en] of [
      [{ status: 'exercise' }, '【演练】', '[EXERCISE] '],
      [{ status: 'test', messageType: 'update' }, '【测试】【更新】', '[TEST] [UPDATE] '],
      [{ messageType: 'cancel' }, '【解除】', '[CANCELLED] '],
    ] as const) {
      const [chinese, english] = [letter(more, { kind }), letter(more, { kind, language: 'en' })];
      for (const text of [chinese.subject, chinese.text]) expect(text.startsWith(zh)).toBe(true);
      for (const text of [english.subject, english.text]) expect(text.startsWith(en)).toBe(true);
    }
  // What is over asks for nothing.
  expect(letter({ messageType: 'cancel' }).text).not.toMatch(/室内|有效至/);
});

test('a short message has at most 300 characters, whole ones, and never loses its marks, its end or its sender', () => {
  for (const length of [10, 100, 250, 290, 400]) {
    const { text, subject } = letter({
      status: 'exercise',
      headline: { 'zh-CN': '雨😀'.repeat(length / 2) },
      instruction: { 'zh-CN': '避'.repeat(length) },
    });
    expect(Array.from(text).length).toBeLessThanOrEqual(300);
    expect(text).toMatch(/^【演练】红色预警：.*有效至 2026-11-24 15:00。发布单位：锦江区应急管理局$/u);
    expect(text.isWellFormed() && subject.isWellFormed()).toBe(true);
  }
});

test('longer ones have the description, too; machines get what is public, and nothing else', () => {
  const { text, data } = letter({}, { kind: 'webhook' });
  expect(text.split('\n')).toEqual([
    '红色预警：锦江区发布暴雨红色预警',
    '暴雨：三小时内雨量将达一百毫米以上。',
    '请留在室内，远离低洼处。',
    '有效至 2026-11-24 15:00。发布单位：锦江区应急管理局',
  ]);
  expect(data).toMatchObject({ status: 'actual', colour: 'red', headline: { en: 'Red rainstorm warning for Jinjiang' } });
  expect(letter({}, { kind: 'email' }).data).toBeUndefined();
});

test('it is kept until it expires, is as urgent as it is grave, and has one topic for all messages of a chain', () => {
  expect(letter().keptFor).toBe(6 * 3600);
  expect(letter({}, { now: plus(now, 7 * HOUR) }).keptFor).toBe(0);
  expect([...COLOURS, undefined].map((colour) => letter({ colour }).urgency)).toEqual(['low', 'normal', 'high', 'high', 'normal']);
  const first = anAlert({ now: () => now });
  const reference = { sender: 'x', identifier: first.identifier ?? '', sent: '2026-11-24T09:00:00+08:00' };
  const update = letter({ identifier: 'another', messageType: 'update', references: [reference as AlertMessage['references'][number]] });
  expect(update.topic).toBe(letter().topic);
  expect(update.topic).toMatch(/^[\w-]{32}$/);
  expect(letter({ identifier: 'third' }).topic).not.toBe(update.topic);
});
