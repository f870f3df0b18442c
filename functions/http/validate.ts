/** Checks input against its schema and names every wrong field, in both languages. */
import type * as z from 'zod/mini';
import { err, ok, type Result } from '../kernel/result.ts';
import type { Texts } from '../kernel/texts.ts';
import type { Schema } from './operation.ts';
import type { FieldError } from './problem.ts';
import { FIELD_MESSAGES } from './schema.ts';

const isMessage = (text: string): text is keyof typeof FIELD_MESSAGES => Object.hasOwn(FIELD_MESSAGES, text);

const UNKNOWN_FIELD: Texts = { 'zh-CN': '没有这个字段，请删去或检查拼写', en: 'is not a field here: remove it, or check its spelling' };
const REQUIRED: Texts = { 'zh-CN': '必填', en: 'is required' };

const pathOf = (parts: readonly PropertyKey[]): string => parts.map(String).join('.');

/** Runs a schema. What comes back went through it: normalised, and nothing that it does not name. */
export const validate = async (
  schema: Schema,
  input: unknown,
  root: readonly string[] = [],
): Promise<Result<unknown, readonly FieldError[]>> => {
  const checked = schema.safeParse(input, { reportInput: true });
  if (checked.success) return ok(checked.data);
  // zod's own words are needed for wrong input only, so a cold start does not pay for them.
  const [{ default: chinese }, { default: english }] = await Promise.all([
    import('zod/v4/locales/zh-CN.js'),
    import('zod/v4/locales/en.js'),
  ]);
  const [zh, en] = [chinese().localeError, english().localeError];
  const spoken = (message: ReturnType<typeof zh>): string => (typeof message === 'string' ? message : (message?.message ?? ''));
  return err(
    checked.error.issues.flatMap((issue): FieldError[] => {
      const path = [...root, ...issue.path];
      if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => ({ path: pathOf([...path, key]), message: UNKNOWN_FIELD }));
      if ((issue.code === 'invalid_type' || issue.code === 'invalid_value') && issue.input === undefined)
        return [{ path: pathOf(path), message: REQUIRED }];
      const raw = issue as z.core.$ZodRawIssue;
      return [
        {
          path: pathOf(path),
          message: isMessage(issue.message) ? FIELD_MESSAGES[issue.message] : { 'zh-CN': spoken(zh(raw)), en: spoken(en(raw)) },
        },
      ];
    }),
  );
};
