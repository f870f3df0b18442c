import type { Runtime } from '../data/runtime.ts';
import type { AnswerOf } from '../http/operation.ts';
import type { Reply } from '../http/call.ts';
import { toInstant, type EpochMs } from '../kernel/time.ts';
import { isVerifiable, verifyBy, type Channel } from './channels/channel.ts';
import { webhookSecret } from './channels/webhook-secret.ts';
import type { listChannels, readChannel } from './contract.ts';
import type { Person } from './person.ts';

/** A channel in its owner's list; what is waited for changes by itself. */
export const listedChannelView = (channel: Channel, now: EpochMs): AnswerOf<typeof listChannels>['items'][number] => {
  const { id, kind, status, addedAt } = channel;
  const isOpen = isVerifiable(channel, now);
  return { id, kind, status, addedAt, ...(isOpen ? { verifyBy: toInstant(verifyBy(channel)) } : {}), actions: isOpen ? ['verify'] : [] };
};

/** A channel as its owner sees it. */
const channelView = ({ secrets }: Pick<Runtime, 'secrets'>, channel: Channel, now: EpochMs): AnswerOf<typeof readChannel> => {
  const { id, kind, address } = channel;
  return {
    ...listedChannelView(channel, now),
    address: typeof address === 'string' ? address : { endpoint: address.endpoint },
    ...(kind === 'webhook' ? { secret: webhookSecret(secrets, id) } : {}),
  };
};

export const channelReply = (
  runtime: Pick<Runtime, 'secrets'>,
  { version }: Pick<Person, 'version'>,
  channel: Channel,
  now: EpochMs,
): Reply<AnswerOf<typeof readChannel>> => ({
  status: 200,
  body: channelView(runtime, channel, now),
  version,
  ...(channel.status === 'unverified' ? { transient: true } : {}),
});
