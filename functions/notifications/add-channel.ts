import type { Database } from '../data/database.ts';
import type { Repeatable } from '../http/call.ts';
import { actingFor, type Principal } from '../http/principal.ts';
import { wrongField, type Failure } from '../http/problem.ts';
import { newId } from '../kernel/id.ts';
import { err, ok } from '../kernel/result.ts';
import { providersReader } from '../providers/reader.ts';
import { changePerson, ownChange, readerOf } from './change-person.ts';
import { addressFault } from './channels/address.ts';
import { written } from './channels/channel.ts';
import type { addChannel } from './contract.ts';
import { channelOf, MOST_CHANNELS, withChannel } from './person.ts';
import { channelNow } from './read-channels.ts';
import { channelReply } from './view.ts';

const REFUSALS: Readonly<Record<'alreadyVerified' | 'tooManyChannels', Failure>> = {
  alreadyVerified: {
    code: 'conflict',
    detail: { 'zh-CN': '此地址已经验证，无需再次添加。', en: 'This address is verified already: there is nothing to add.' },
  },
  tooManyChannels: {
    code: 'conflict',
    detail: {
      'zh-CN': `最多可有 ${MOST_CHANNELS} 个通知渠道，请先删除不用的。`,
      en: `There are ${MOST_CHANNELS} channels at most: remove one first.`,
    },
  },
};

/** The role with a claim that the register bears out. */
const actsForProvider = async (database: Database, caller: Principal): Promise<boolean> => {
  const id = actingFor(caller);
  const known = id === undefined ? undefined : await providersReader(database).read(id);
  return known?.status === 'applied' || known?.status === 'admitted';
};

/** Adds a channel of the caller's; its code follows from the event. One that has the address already, and is not verified, gets another code. */
export const add: Repeatable<typeof addChannel> = {
  run: async (call) => {
    const { runtime, body, caller, now } = call;
    if (body.kind === 'webhook' && !caller.roles.has('admin') && !(await actsForProvider(runtime.database, caller)))
      return err({ code: 'forbidden' });
    const address = written(body);
    const fault = addressFault(body.kind, address);
    if (fault !== undefined) return err(wrongField('address', fault));
    let id = newId(runtime.random);
    const done = await changePerson(ownChange(call), (person) => {
      const added = withChannel(person, { id, kind: body.kind, address }, readerOf(call), now);
      if (!added.ok) return err(REFUSALS[added.error]);
      id = added.value.channel.id;
      return ok({ person: added.value.person, more: call.once(201, id) });
    });
    if (!done.ok) return done;
    const channel = channelOf(done.value, id);
    if (channel === undefined) throw new Error('a channel that was written is not there');
    return ok({ ...channelReply(runtime, done.value, channel, now), status: 201, location: `/v1/me/channels/${id}` });
  },
  replay: async (call, id) => {
    const again = await channelNow(call, id);
    return again.ok ? ok({ ...again.value, location: `/v1/me/channels/${id}` }) : again;
  },
};
