/**
 * Template messages (模板消息) of an official account (服务号) of WeChat: https://developers.weixin.qq.com/doc/service/api/notify/template. Its access token is
 * the stable one, which every instance of ours gets alike.
 */
import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import { baseUrl, channelSecret, understood } from '../../data/channel-secret.ts';
import type { Runtime } from '../../data/runtime.ts';
import { NOTIFICATION_SECRETS } from '../../kernel/secret-names.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import { fromInstant, MINUTE, plus, SECOND, toShanghai, type EpochMs } from '../../kernel/time.ts';
import { fateOf, later, post, reasonOf } from './calling.ts';
import type { Carrier, Fate, Letter } from './carrier.ts';
import { shortened } from './shortened.ts';

const API = 'https://api.weixin.qq.com';
/** A token is asked for anew so long before it ends. */
const MARGIN_MS = 5 * MINUTE;
/** How many characters a field of a template takes, by what its name begins with. */
const FIELD_CHARACTERS: Readonly<Record<string, number>> = { thing: 20, phrase: 5, character_string: 32, const: 20 };
const KEY_CHARACTERS = 32;

const SHAPE =
  '{"appId": "wx…", "secret": "…", "templateId": "…", "fields": {"thing1": "subject", "time2": "at", "thing3": "text"}, "page"?: "https://…/{about}", "apiBase"?: "https://…"}';
const Account = z.strictObject({
  appId: z.string().check(z.minLength(1)),
  secret: z.string().check(z.minLength(1)),
  templateId: z.string().check(z.minLength(1)),
  /** What of a letter each field of the template shows. */
  fields: z.record(z.string(), z.enum(['subject', 'text', 'at', 'about'])),
  /** Where a tap leads; `{about}` becomes what the letter is about. */
  page: z.optional(z.string()),
  /** Where the account's allow list has no address of this stage: a way there of the city's own. */
  apiBase: baseUrl,
});
type Account = z.infer<typeof Account>;

const Answer = z.object({ errcode: z._default(z.number(), 0) });
const Token = z.object({ access_token: z.string(), expires_in: z.number() });

/** Codes of WeChat: who follows the account no longer, or never did; and a token that has ended before its time. */
const DEAD = new Set([40003, 43004]);
const TOKEN_ENDED = new Set([40001, 40014, 42001]);
/** What is the letter's own: fields that the template does not have or that its rules refuse, and a reader who wants none. */
const REFUSED = new Set([40037, 41028, 41029, 41030, 43101, 43116, 47003, 47501]);

const parsed = <Schema extends z.ZodMiniType>(schema: Schema, text: string): z.infer<Schema> | undefined => {
  try {
    const read = schema.safeParse(JSON.parse(text));
    return read.success ? read.data : undefined;
  } catch {
    return undefined;
  }
};

const fitting = (field: string, text: string): string =>
  shortened(text.replaceAll(/\s+/g, ' '), FIELD_CHARACTERS[field.replace(/\d+$/, '')] ?? Infinity);

const valueOf = (field: string, shows: Account['fields'][string], letter: Letter): string =>
  // As the template's rules for `time` have it: 2026-11-24 09:00.
  fitting(field, shows === 'at' ? toShanghai(fromInstant(letter.at)).slice(0, 16).replace('T', ' ') : letter[shows]);

const messageOf = ({ templateId, fields, page }: Account, openId: string, letter: Letter): string =>
  JSON.stringify({
    touser: openId,
    template_id: templateId,
    ...(page === undefined ? {} : { url: page.replace('{about}', letter.about) }),
    data: Object.fromEntries(Object.entries(fields).map(([field, shows]) => [field, { value: valueOf(field, shows, letter) }])),
    // What it has seen within ten minutes it does not send again.
    client_msg_id: createHash('sha256').update(letter.id).digest('base64url').slice(0, KEY_CHARACTERS),
  });

export interface WechatDependencies extends Pick<Runtime, 'secret' | 'now'> {
  readonly fetch?: typeof globalThis.fetch;
  readonly timeoutMs?: number;
}

export const wechatCarrier = ({ secret, now, fetch = globalThis.fetch, timeoutMs }: WechatDependencies): Carrier => {
  const kept = channelSecret({ secret: () => secret(`${NOTIFICATION_SECRETS}wechat`), now }, (content) =>
    understood('wechat', Account, SHAPE, content),
  );
  const caller = { fetch, now, ...(timeoutMs === undefined ? {} : { timeoutMs }) };
  const headers = { 'content-type': 'application/json' };
  let known: { readonly token: string; readonly until: EpochMs; readonly appId: string } | undefined;
  let asking: Promise<Result<string, Fate>> | undefined;

  const ask = async ({ appId, secret: appSecret, apiBase = API }: Account): Promise<Result<string, Fate>> => {
    const body = JSON.stringify({ grant_type: 'client_credential', appid: appId, secret: appSecret });
    const answered = await post(caller, `${apiBase}/cgi-bin/stable_token`, { headers, body });
    if (!answered.ok) return answered;
    const token = parsed(Token, answered.value.text);
    // Whatever is wrong with the account is for its operator, and the letter waits.
    if (token === undefined) return err(later(`wechat.token.${parsed(Answer, answered.value.text)?.errcode ?? answered.value.status}`));
    known = { token: token.access_token, until: plus(now(), token.expires_in * SECOND - MARGIN_MS), appId };
    return ok(token.access_token);
  };
  /** The token, but not `ended`. Many letters that ask at the same moment ask once. */
  const tokenOf = (account: Account, ended?: string): Promise<Result<string, Fate>> => {
    if (known !== undefined && known.token !== ended && known.appId === account.appId && now() < known.until)
      return Promise.resolve(ok(known.token));
    asking ??= ask(account).finally(() => {
      asking = undefined;
    });
    return asking;
  };

  /** Undefined where the token has ended. */
  const send = async ({ apiBase = API }: Account, token: string, body: string): Promise<Fate | undefined> => {
    const answered = await post(caller, `${apiBase}/cgi-bin/message/template/send?access_token=${encodeURIComponent(token)}`, {
      headers,
      body,
    });
    if (!answered.ok) return answered.error;
    const { status, afterSeconds, text } = answered.value;
    const fate = fateOf({ status, afterSeconds });
    if (fate.kind !== 'handed') return fate.kind === 'later' ? fate : later(`http.${status}`);
    const code = parsed(Answer, text)?.errcode;
    if (code === undefined) return later('the answer cannot be read');
    const why = `wechat.${code}`;
    if (code === 0) return { kind: 'handed' };
    if (TOKEN_ENDED.has(code)) return undefined;
    if (DEAD.has(code)) return { kind: 'dead', why };
    return REFUSED.has(code) ? { kind: 'refused', why } : later(why);
  };

  return async ({ address }, letter) => {
    if (typeof address !== 'string') return { kind: 'refused', why: 'the address is no open id' };
    let account: Account | undefined;
    try {
      account = await kept.keys();
    } catch (error) {
      return later(`the secret notifications/wechat: ${reasonOf(error)}`);
    }
    if (account === undefined) return later('the secret notifications/wechat is not there');
    const body = messageOf(account, address, letter);
    const first = await tokenOf(account);
    if (!first.ok) return first.error;
    const fate = await send(account, first.value, body);
    if (fate !== undefined) return fate;
    const second = await tokenOf(account, first.value);
    if (!second.ok) return second.error;
    return (await send(account, second.value, body)) ?? later('wechat does not take its own token');
  };
};
