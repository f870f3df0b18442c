import type { Repeatable } from '../http/call.ts';
import { wrongField, type Failure } from '../http/problem.ts';
import { err, ok } from '../kernel/result.ts';
import { changePerson, ownChange, readerOf } from './change-person.ts';
import type { Channel } from './channels/channel.ts';
import { isCodeOf } from './code.ts';
import type { verifyChannel } from './contract.ts';
import { afterCode, channelOf } from './person.ts';
import { channelNow } from './read-channels.ts';
import { channelReply } from './view.ts';

const WRONG_CODE = wrongField('code', {
  'zh-CN': '验证码不对，请核对最近一次收到的消息末尾的六位数字',
  en: 'is not the code: see the last six digits of the latest message',
});

const notOpen = ({ status }: Channel): Failure => ({
  code: 'wrongState',
  actions: [],
  detail:
    status === 'verified'
      ? { 'zh-CN': '此渠道已经验证。', en: 'This channel is verified already.' }
      : {
          'zh-CN': '验证码已失效，请重新添加此渠道以获取新的验证码。',
          en: 'The code is no longer valid: add the channel again, and it gets another.',
        },
});

/** A code is told to be right or wrong only once the try has been counted: who asks at once, many times, has no more of them. */
export const verify: Repeatable<typeof verifyChannel> = {
  run: async (call) => {
    const { runtime, params, body, now } = call;
    const done = await changePerson(
      ownChange(call),
      (person) => {
        const channel = channelOf(person, params.id);
        if (channel === undefined) return err({ code: 'notFound' });
        const isRight = isCodeOf(runtime.secrets, channel, body.code);
        const after = afterCode(person, channel, isRight, now);
        if (after === undefined) return err(notOpen(channel));
        return ok(
          isRight ? { person: { ...after, ...readerOf(call) }, more: call.once(200, channel.id) } : { person: after, failure: WRONG_CODE },
        );
      },
      (person) => channelOf(person, params.id) !== undefined,
    );
    if (!done.ok) return done;
    const channel = channelOf(done.value, params.id);
    if (channel === undefined) throw new Error('a channel that was verified is not there');
    return ok(channelReply(runtime, done.value, channel, now));
  },
  replay: (call, id) => channelNow(call, id),
};
