/** Of which alerts somebody is told. */
import { divisionsReader } from '../divisions/reader.ts';
import type { Reply, Run } from '../http/call.ts';
import type { AnswerOf } from '../http/operation.ts';
import type { FieldError } from '../http/problem.ts';
import { err, ok } from '../kernel/result.ts';
import { changePerson, ownChange, readerOf } from './change-person.ts';
import type { putSubscriptions, readSubscriptions } from './contract.ts';
import { foreignChannels } from './own-channels.ts';
import { subscribing, type Person } from './person.ts';
import { peopleRepository } from './repository.ts';

const reply = (person: Person | undefined): Reply<AnswerOf<typeof readSubscriptions>> => ({
  status: 200,
  body: {
    subscriptions: (person?.subscriptions ?? []).map(({ division, minimumColour, channels }) => ({
      division,
      minimumColour,
      channels: [...channels],
    })),
  },
  version: person?.version ?? 0,
});

export const read: Run<typeof readSubscriptions> = async ({ runtime, caller }) =>
  ok(reply(await peopleRepository(runtime.database).read(caller.sub)));

export const put: Run<typeof putSubscriptions> = async (call) => {
  const { runtime, body, now } = call;
  const asked = body.subscriptions;
  const known = new Set(
    (await divisionsReader(runtime.database).findMany([...new Set(asked.map(({ division }) => division))])).map(({ code }) => code),
  );
  const nowhere = asked.flatMap(({ division }, index): FieldError[] =>
    known.has(division)
      ? []
      : [{ path: `subscriptions.${index}.division`, message: { 'zh-CN': '没有这个区划', en: 'is no division here' } }],
  );
  const done = await changePerson(ownChange(call), (person) => {
    const errors = [
      ...nowhere,
      ...asked.flatMap(({ channels }, index) => foreignChannels(person, channels, `subscriptions.${index}.channels`)),
    ];
    return errors.length > 0 ? err({ code: 'invalid', errors }) : ok({ person: subscribing(person, asked, readerOf(call), now) });
  });
  return done.ok ? ok(reply(done.value)) : done;
};
