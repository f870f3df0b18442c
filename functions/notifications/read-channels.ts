import type { Outcome, Run, SignedInCall } from '../http/call.ts';
import { nextOf, positionOf } from '../http/page.ts';
import { limitOf } from '../http/schema.ts';
import { err, ok } from '../kernel/result.ts';
import type { listChannels, readChannel } from './contract.ts';
import { channelOf } from './person.ts';
import { peopleRepository } from './repository.ts';
import { channelReply, listedChannelView } from './view.ts';

/** A channel of the caller's as it is now. */
export const channelNow = async ({ runtime, caller, now }: SignedInCall, id: string): Promise<Outcome<typeof readChannel>> => {
  const person = await peopleRepository(runtime.database).read(caller.sub);
  const channel = person === undefined ? undefined : channelOf(person, id);
  return person === undefined || channel === undefined ? err({ code: 'notFound' }) : ok(channelReply(runtime, person, channel, now));
};

export const read: Run<typeof readChannel> = (call) => channelNow(call, call.params.id);

/** In the order in which they were added. */
export const list: Run<typeof listChannels> = async (call) => {
  const { runtime, caller, query, now } = call;
  const position = positionOf<number>(call, query.cursor);
  if (!position.ok) return position;
  const all = (await peopleRepository(runtime.database).read(caller.sub))?.channels ?? [];
  const from = position.value ?? 0;
  const to = from + limitOf(query.limit);
  const items = all.slice(from, to).map((each) => listedChannelView(each, now));
  return ok({ status: 200, body: { items, next: nextOf(call, to < all.length ? to : undefined) } });
};
