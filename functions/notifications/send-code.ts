/** Sends a channel that was added its code. */
import type { EventBridgeEvent } from 'aws-lambda';
import { lambda } from '../data/lambda.ts';
import type { CloudEvent } from '../data/reaction.ts';
import type { Runtime } from '../data/runtime.ts';
import { withUses } from '../data/scope.ts';
import { channelDied } from './channel-died.ts';
import { carriers } from './channels/carriers.ts';
import { isVerifiable } from './channels/channel.ts';
import { codeLetter, codeLetterId } from './code-letter.ts';
import { codeOf } from './code.ts';
import type { Person } from './person.ts';
import { sendCode as declaration } from './reactions.ts';
import { peopleRepository } from './repository.ts';
import { sendOnce } from './send-once.ts';

/**
 * The event says that a channel was added, and not which one: events come late and in any order, and who has added two has two that wait. So each
 * that waits for a code is sent its own, once.
 */
export const sendCode = (outer: Runtime) => {
  const runtime = withUses(outer, declaration.uses, declaration.name);
  const carry = carriers(runtime);
  return async (event: EventBridgeEvent<string, CloudEvent<Pick<Person, 'sub'>>>): Promise<void> => {
    const { sub } = event.detail.data.item;
    const person = await peopleRepository(runtime.database).read(sub);
    const now = runtime.now();
    for (const channel of person?.channels.filter((each) => isVerifiable(each, now)) ?? [])
      await sendOnce(runtime, codeLetterId(channel), async () => {
        const fate = await carry(channel, codeLetter(channel, codeOf(runtime.secrets[0], channel), person?.language ?? 'zh-CN', now));
        if (fate.kind === 'later') throw new Error('a code could not be sent just now');
        if (fate.kind === 'delivered' || fate.kind === 'handed') return;
        runtime.log({ level: 'warn', code: 'codeNotSent', kind: channel.kind, fate: fate.kind });
        if (fate.kind === 'dead') await channelDied({ runtime, sub, now, requestId: `${event.detail.id}:${channel.id}` }, channel.id);
      });
  };
};

export const handler = lambda(sendCode);
