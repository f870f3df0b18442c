/** What stands before everything that is said of an alert which is none in earnest, by its status. */
import type { Texts } from './texts.ts';

export const STATUS_MARKS = {
  actual: { 'zh-CN': '', en: '' },
  exercise: { 'zh-CN': '【演练】', en: '[EXERCISE] ' },
  test: { 'zh-CN': '【测试】', en: '[TEST] ' },
} as const satisfies Readonly<Record<string, Texts>>;
