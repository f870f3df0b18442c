/** Of what, beside alerts, somebody is told. */
import type { Reply, Run } from '../http/call.ts';
import type { AnswerOf } from '../http/operation.ts';
import type { FieldError } from '../http/problem.ts';
import { err, ok } from '../kernel/result.ts';
import { changePerson, ownChange, readerOf } from './change-person.ts';
import type { putPreferences, readPreferences } from './contract.ts';
import { foreignChannels } from './own-channels.ts';
import { preferring, type Person } from './person.ts';
import { peopleRepository } from './repository.ts';

const reply = (person: Person | undefined): Reply<AnswerOf<typeof readPreferences>> => {
  const { channels, topics, quietHours } = person?.preferences ?? { channels: [], topics: [] };
  return { status: 200, body: { channels: [...channels], topics: [...topics], quietHours }, version: person?.version ?? 0 };
};

export const read: Run<typeof readPreferences> = async ({ runtime, caller }) =>
  ok(reply(await peopleRepository(runtime.database).read(caller.sub)));

export const put: Run<typeof putPreferences> = async (call) => {
  const { body, now } = call;
  const { quietHours } = body;
  const noTime: readonly FieldError[] =
    quietHours !== undefined && quietHours.from === quietHours.to
      ? [
          {
            path: 'quietHours.to',
            message: {
              'zh-CN': '不能与开始时刻相同；不需要免打扰时段请删去',
              en: 'must differ from `from`; leave quiet hours out to have none',
            },
          },
        ]
      : [];
  const done = await changePerson(ownChange(call), (person) => {
    const errors = [...noTime, ...foreignChannels(person, body.channels, 'channels')];
    return errors.length > 0 ? err({ code: 'invalid', errors }) : ok({ person: preferring(person, body, readerOf(call), now) });
  });
  return done.ok ? ok(reply(done.value)) : done;
};
