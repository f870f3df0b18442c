/** No more by a channel, said by whoever has a letter that came by it. */
import type { Repeatable, Reply, Run } from '../http/call.ts';
import { err, ok } from '../kernel/result.ts';
import { changePerson } from './change-person.ts';
import type { showUnsubscribe, unsubscribe } from './contract.ts';
import { unsubscribed } from './person.ts';
import { unsubscribingOf } from './unsubscribe-link.ts';
import { UNSUBSCRIBE_HEADERS, unsubscribePage } from './unsubscribe-page.ts';

const page = (state: 'ask' | 'done'): Reply<string> => ({ status: 200, body: unsubscribePage(state), headers: UNSUBSCRIBE_HEADERS });

export const show: Run<typeof showUnsubscribe> = ({ runtime, params }) =>
  Promise.resolve(unsubscribingOf(runtime, params.token) === undefined ? err({ code: 'notFound' }) : ok(page('ask')));

/** Whatever the body says: RFC 8058 has one form, and the link is for nothing else. */
export const stop: Repeatable<typeof unsubscribe> = {
  run: async ({ runtime, params, now, requestId, once }) => {
    const named = unsubscribingOf(runtime, params.token);
    if (named === undefined) return err({ code: 'notFound' });
    const { sub, channelId } = named;
    const done = await changePerson({ runtime, sub, now, requestId }, (person) =>
      ok({ person: unsubscribed(person, channelId, now), more: once(200, channelId) }),
    );
    return done.ok ? ok(page('done')) : done;
  },
  replay: () => Promise.resolve(ok(page('done'))),
};
