import { expect, test } from 'vitest';
import { inLanguage, preferredLanguage } from '../../functions/kernel/texts.ts';

test('Chinese is spoken unless English is asked for first', () => {
  for (const header of [
    undefined,
    '',
    '*',
    'fr',
    'de, *;q=0.5',
    'zh',
    'zh-TW',
    'zh-CN,en',
    'en;q=0.5, zh;q=0.9',
    'en;q=0',
    ';;;',
    ',',
    'english',
    'en;q=x',
    '__proto__',
    'fr, zh;q=0.1',
  ])
    expect([header, preferredLanguage(header)]).toEqual([header, 'zh-CN']);
  for (const header of ['en', 'EN-us', 'fr, en;q=0.1', 'en, zh', 'zh;q=0.5,en;q=0.6', 'zh;q=0, en', 'en ; q=0.9, zh;q=0.8'])
    expect([header, preferredLanguage(header)]).toEqual([header, 'en']);
});

test('a text that is not there in English is shown in Chinese', () => {
  expect(inLanguage({ 'zh-CN': '路灯', en: 'Lamp' }, 'en')).toBe('Lamp');
  expect(inLanguage({ 'zh-CN': '路灯' }, 'en')).toBe('路灯');
  expect(inLanguage({ 'zh-CN': '路灯', en: 'Lamp' }, 'zh-CN')).toBe('路灯');
});
