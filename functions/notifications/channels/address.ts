/** What an address of each kind must look like. Pure, by the text alone: where a name leads is looked at when it is called. */
import { isIP } from 'node:net';
import type { Texts } from '../../kernel/texts.ts';
import type { CheckAddress } from './carrier.ts';
import type { Channel } from './channel.ts';
import { isPublicAddress } from './public-address.ts';

/**
 * Where browsers take push messages: Chrome and its kin, Firefox, Edge, Safari. `*.` stands for one name or more. The browsers of Chinese makers
 * document none of their own.
 */
export const WEB_PUSH_HOSTS = [
  'fcm.googleapis.com',
  'updates.push.services.mozilla.com',
  '*.push.services.mozilla.com',
  '*.notify.windows.com',
  '*.push.apple.com',
] as const;

/** Names that lead inside, if anywhere (RFC 6761, RFC 6762 with its appendix G, RFC 8375, ICANN's `internal`). */
const INNER = ['localhost', 'localdomain', 'local', 'internal', 'intranet', 'private', 'corp', 'home', 'lan', 'home.arpa'];

const LENGTH = 2000;
const EMAIL_LENGTH = 254;
const EMAIL_LOCAL_LENGTH = 64;
/** An addr-spec of RFC 5322 without quotes and comments, at a host name with a dot. */
const EMAIL =
  /^([a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*)@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/i;
/** A mobile number of the mainland, or E.164; however it is set apart. */
const PHONE = /^(?:1[3-9]\d{9}|\+[1-9]\d{6,14})$/;
const APART = /[ ()-]/g;
const OPEN_ID = /^[\w-]{20,64}$/;
/** 65 bytes of an uncompressed point, whose first is 4, and 16 bytes (RFC 8291 §3.1), in base64url. */
const P256DH = /^B[\w-]{86}$/;
const AUTH = /^[\w-]{22}$/;

const FAULTS = {
  email: { 'zh-CN': '不是有效的电子邮箱地址。', en: 'This is no e-mail address.' },
  sms: {
    'zh-CN': '请填写 11 位手机号码，或以 + 和国家代码开头的号码。',
    en: 'Give a mobile number of 11 digits, or one that begins with + and its country.',
  },
  wechat: { 'zh-CN': '不是有效的微信 openid。', en: 'This is no open id of WeChat.' },
  webPush: {
    'zh-CN': '请提供浏览器推送订阅：{endpoint, keys: {p256dh, auth}}。',
    en: 'Give a push subscription of a browser: {endpoint, keys: {p256dh, auth}}.',
  },
  webPushHost: { 'zh-CN': '不支持该推送服务。', en: 'That push service is none that we know.' },
  webhook: {
    'zh-CN': '请提供 https 地址：端口 443 或不小于 1024，不含用户名和密码，不含 #。',
    en: 'Give an https address: port 443 or 1024 and above, no user name or password, no fragment.',
  },
  webhookHost: { 'zh-CN': '必须是互联网上可公开访问的地址。', en: 'It must be an address that the public internet can reach.' },
} as const satisfies Readonly<Record<string, Texts>>;

/** An absolute https address without user, password and fragment. A URL's host comes normalised: decimal and octal IPv4 as four numbers. */
const httpsIn = (text: string): URL | undefined => {
  const url = text.length > LENGTH || /[\s\\]/.test(text) ? null : URL.parse(text);
  return url === null || url.protocol !== 'https:' || url.username !== '' || url.password !== '' || text.includes('#') ? undefined : url;
};

const isPushHost = (host: string): boolean =>
  WEB_PUSH_HOSTS.some((known) => (known.startsWith('*.') ? host.endsWith(known.slice(1)) : host === known));

const webPushFault = (address: Channel['address']): Texts | undefined => {
  if (typeof address === 'string' || !P256DH.test(address.keys.p256dh) || !AUTH.test(address.keys.auth)) return FAULTS.webPush;
  const url = httpsIn(address.endpoint);
  if (url === undefined) return FAULTS.webPush;
  return url.port === '' && isPushHost(url.hostname) ? undefined : FAULTS.webPushHost;
};

const isPublicHost = (hostname: string): boolean => {
  const host = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  if (isIP(host) !== 0) return isPublicAddress(host);
  return host.includes('.') && !INNER.some((name) => host === name || host.endsWith(`.${name}`));
};

const webhookFault = (text: string): Texts | undefined => {
  const url = httpsIn(text);
  if (url === undefined || (url.port !== '' && Number(url.port) < 1024)) return FAULTS.webhook;
  return isPublicHost(url.hostname) ? undefined : FAULTS.webhookHost;
};

const isEmail = (text: string): boolean => {
  const [, local = ''] = EMAIL.exec(text) ?? [];
  return local !== '' && local.length <= EMAIL_LOCAL_LENGTH && text.length <= EMAIL_LENGTH;
};

/** Why an address cannot be one of that kind; undefined where it can. */
export const addressFault: CheckAddress = (kind, address) => {
  if (kind === 'webPush') return webPushFault(address);
  if (typeof address !== 'string') return FAULTS[kind];
  switch (kind) {
    case 'email':
      return isEmail(address) ? undefined : FAULTS.email;
    case 'sms':
      return PHONE.test(address.replaceAll(APART, '')) ? undefined : FAULTS.sms;
    case 'wechat':
      return OPEN_ID.test(address) ? undefined : FAULTS.wechat;
    case 'webhook':
      return webhookFault(address);
  }
};
