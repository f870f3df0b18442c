/** Loads what carries a kind directly, where it is used: who sends one text message loads no client of SES. */
import type { Runtime } from '../../data/runtime.ts';
import type { Carrier } from './carrier.ts';
import type { ChannelKind } from './channel.ts';
import type { Direct } from './direct.ts';

/** Undefined where the stage does not carry that kind itself. */
export const adapterOf = async (
  kind: ChannelKind,
  { email, sms, wechat, webPush, webhook }: Direct,
  runtime: Pick<Runtime, 'secret' | 'secrets' | 'now'>,
): Promise<Carrier | undefined> => {
  switch (kind) {
    case 'email':
      return email && (await import('./email.ts')).emailCarrier(email);
    case 'sms':
      return sms && (await import('./sms.ts')).smsCarrier(sms);
    case 'wechat':
      return wechat && (await import('./wechat.ts')).wechatCarrier(runtime);
    case 'webPush':
      return webPush && (await import('./web-push.ts')).webPushCarrier(webPush, runtime);
    case 'webhook':
      return webhook && (await import('./webhook.ts')).webhookCarrier(runtime);
  }
};
