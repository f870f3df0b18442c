import type { Run } from '../http/call.ts';
import { ok } from '../kernel/result.ts';
import { changePerson, ownChange } from './change-person.ts';
import type { removeChannel } from './contract.ts';
import { channelOf, withoutChannel } from './person.ts';

export const remove: Run<typeof removeChannel> = async (call) => {
  const { params, now } = call;
  const done = await changePerson(
    ownChange(call),
    (person) => ok({ person: withoutChannel(person, params.id, now) }),
    (person) => channelOf(person, params.id) !== undefined,
  );
  return done.ok ? ok({ status: 204, body: undefined }) : done;
};
