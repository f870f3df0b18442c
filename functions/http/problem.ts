/** Problems of RFC 9457: one exhaustive table from a stable code to what the client sees. `type` is documented at `/problems/<code>`. */
import { inLanguage, type Language, type Texts } from '../kernel/texts.ts';

export interface ProblemKind {
  readonly status: number;
  readonly title: Texts;
  /** What the reader can do about it. */
  readonly advice: Texts;
}

export const PROBLEMS = {
  malformed: {
    status: 400,
    title: { 'zh-CN': '请求无法读取', en: 'The request cannot be read' },
    advice: { 'zh-CN': '请检查请求体是否为有效的 UTF-8 编码 JSON。', en: 'Check that the body is valid JSON in UTF-8.' },
  },
  cursorInvalid: {
    status: 400,
    title: { 'zh-CN': '翻页标记无效', en: 'The cursor is not valid' },
    advice: {
      'zh-CN': '请使用同一列表上一页返回的 next，或去掉 cursor 从头读取。',
      en: 'Use the `next` of the page before, of the same list and caller, or leave `cursor` out to begin again.',
    },
  },
  unauthenticated: {
    status: 401,
    title: { 'zh-CN': '需要登录', en: 'Sign-in is needed' },
    advice: {
      'zh-CN': '令牌缺失、过期或无效，请重新登录后再试。',
      en: 'The token is missing, expired or not valid: sign in again and send a new one.',
    },
  },
  forbidden: {
    status: 403,
    title: { 'zh-CN': '没有权限', en: 'Not allowed' },
    advice: {
      'zh-CN': '您的角色或所在区划不能进行此操作，请由有权限的人员办理。',
      en: 'Your role or division does not reach this: ask somebody whose does.',
    },
  },
  notFound: {
    status: 404,
    title: { 'zh-CN': '未找到', en: 'Not found' },
    advice: { 'zh-CN': '请检查地址和编号是否正确。', en: 'Check the address and the id.' },
  },
  methodNotAllowed: {
    status: 405,
    title: { 'zh-CN': '不支持此方法', en: 'Method not allowed' },
    advice: { 'zh-CN': '请使用 Allow 头中列出的方法。', en: 'Use a method that the Allow header lists.' },
  },
  wrongState: {
    status: 409,
    title: { 'zh-CN': '当前状态不能进行此操作', en: 'Not possible in this state' },
    advice: { 'zh-CN': '请查看 actions 中现在可以进行的操作。', en: 'See `actions` for what is open now.' },
  },
  conflict: {
    status: 409,
    title: { 'zh-CN': '与已有内容冲突', en: 'In conflict with what is there' },
    advice: { 'zh-CN': '请重新读取后再试。', en: 'Read it again, then decide.' },
  },
  notEnoughMoney: {
    status: 409,
    title: { 'zh-CN': '可用资金不足', en: 'There is not so much money' },
    advice: {
      'zh-CN': '该用途现有的资金或该笔捐赠的余额不足，请查看基金的 balance 后改小金额。',
      en: 'The purpose, or what is left of the donation, has less: see `balance` of the fund, and take a smaller amount.',
    },
  },
  receiptPending: {
    status: 409,
    title: { 'zh-CN': '收据正在生成', en: 'The receipt is being made' },
    advice: {
      'zh-CN': '捐赠到账后稍候即可取得，请稍后再试。',
      en: 'It is there a moment after the donation has come in: try again shortly.',
    },
  },
  resultsPending: {
    status: 409,
    title: { 'zh-CN': '结果正在统计', en: 'The results are being counted' },
    advice: {
      'zh-CN': '调查结束后稍候即可查看，请稍后再试。',
      en: 'They are there a moment after the survey has ended: try again shortly.',
    },
  },
  preconditionFailed: {
    status: 412,
    title: { 'zh-CN': '内容已被他人更改', en: 'It has changed since you read it' },
    advice: { 'zh-CN': '请重新读取，用新的 ETag 再试。', en: 'Read it again and send its new ETag in If-Match.' },
  },
  bodyTooLarge: {
    status: 413,
    title: { 'zh-CN': '请求体过大', en: 'The body is too large' },
    advice: { 'zh-CN': '请求体不能超过 1 MiB，请拆分后发送。', en: 'A body has at most 1 MiB: send it in parts.' },
  },
  unsupportedMediaType: {
    status: 415,
    title: { 'zh-CN': '不支持此内容类型', en: 'Unsupported media type' },
    advice: { 'zh-CN': '请以 application/json 发送。', en: 'Send it as application/json.' },
  },
  invalid: {
    status: 422,
    title: { 'zh-CN': '内容有误', en: 'Some fields are wrong' },
    advice: { 'zh-CN': '请按 errors 逐项更正后再提交。', en: 'Correct every field that `errors` names and send it again.' },
  },
  idempotencyKeyReused: {
    status: 422,
    title: { 'zh-CN': '幂等键已用于其他请求', en: 'The idempotency key was used for something else' },
    advice: {
      'zh-CN': '同一个 Idempotency-Key 只能用于完全相同的请求，请换一个新的。',
      en: 'An Idempotency-Key goes with one body only: take a new one.',
    },
  },
  tooManyRequests: {
    status: 429,
    title: { 'zh-CN': '请求过于频繁', en: 'Too many requests' },
    advice: { 'zh-CN': '请在 Retry-After 所示秒数后再试。', en: 'Try again after the seconds in Retry-After.' },
  },
  internal: {
    status: 500,
    title: { 'zh-CN': '系统内部错误', en: 'Something is wrong on our side' },
    advice: {
      'zh-CN': '请稍后再试；如仍出错，请将 x-request-id 告知管理员。',
      en: 'Try again later; if it persists, tell the operator the x-request-id.',
    },
  },
  providerUnavailable: {
    status: 503,
    title: { 'zh-CN': '支付渠道暂不可用', en: 'The payment provider does not answer' },
    advice: {
      'zh-CN': '捐赠已登记，尚未付款。请在 Retry-After 所示秒数后用同一 Idempotency-Key 重试，或另选渠道。',
      en: 'The donation is recorded and not paid. Try again with the same Idempotency-Key after the seconds in Retry-After, or choose another channel.',
    },
  },
  busy: {
    status: 503,
    title: { 'zh-CN': '系统繁忙', en: 'Busy just now' },
    advice: {
      'zh-CN': '没有写入任何内容，请在 Retry-After 所示秒数后再试。',
      en: 'Nothing was written: try again after the seconds in Retry-After.',
    },
  },
} as const satisfies Record<string, ProblemKind>;

export type ProblemCode = keyof typeof PROBLEMS;

export interface FieldError {
  /** Where in the body, query or path: `contact.phone`, `rows.3.code`, `limit`. */
  readonly path: string;
  readonly message: Texts;
}

/** An expected failure of a use case or of the kit. */
export interface Failure {
  readonly code: ProblemCode;
  /** Says more than the kind's advice does. */
  readonly detail?: Texts;
  readonly errors?: readonly FieldError[];
  /** With `wrongState`: the actions that are open to this caller. */
  readonly actions?: readonly string[];
  /** Seconds. */
  readonly retryAfter?: number;
  /** With `methodNotAllowed`. */
  readonly allow?: readonly string[];
}

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ProblemCode;
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
  readonly actions?: readonly string[];
}

/** A wrong field, named. */
export const wrongField = (path: string, message: Texts): Failure => ({ code: 'invalid', errors: [{ path, message }] });

/** What the client sees of a failure, in its language. */
export const problemOf = (failure: Failure, language: Language): Problem => {
  const kind = PROBLEMS[failure.code];
  return {
    type: `/problems/${failure.code}`,
    title: inLanguage(kind.title, language),
    status: kind.status,
    detail: inLanguage(failure.detail ?? kind.advice, language),
    code: failure.code,
    ...(failure.errors === undefined
      ? {}
      : { errors: failure.errors.map(({ path, message }) => ({ path, message: inLanguage(message, language) })) }),
    ...(failure.actions === undefined ? {} : { actions: failure.actions }),
  };
};
