/** What the message gateway says later of letters that it has taken. */
import type { Repeatable } from '../http/call.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import type { Failure } from '../http/problem.ts';
import { validate } from '../http/validate.ts';
import { channelDied } from './channel-died.ts';
import { receiptsBody, type receiveReceipts } from './contract.ts';
import { heardOf, isOpen, partsOfLetter, type Batch } from './delivery/batch.ts';
import { goesOn } from './delivery/goes-on.ts';
import { deliveryRepository } from './delivery/repository.ts';
import { gatewayKeys } from './messenger.ts';
import { isSignedNow } from './standard-webhooks.ts';

const AGAIN_AFTER_SECONDS = 5;
const MALFORMED: Failure = { code: 'malformed' };

interface Receipt {
  readonly channel: string;
  readonly status: 'delivered' | 'failed' | 'dead';
}

/** The receipts of alerts' letters, by batch. All else that the gateway carries is not followed. */
const receiptsIn = async (body: Uint8Array): Promise<Result<ReadonlyMap<string, readonly Receipt[]>, Failure>> => {
  let sent: unknown;
  try {
    sent = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return err(MALFORMED);
  }
  const checked = receiptsBody.safeParse(sent);
  if (!checked.success) {
    const wrong = await validate(receiptsBody, sent);
    return err({ code: 'invalid', errors: wrong.ok ? [] : wrong.error });
  }
  const found = checked.data.flatMap(({ id, status }) => {
    const parts = partsOfLetter(id);
    return parts === undefined ? [] : [{ ...parts, status }];
  });
  return ok(Map.groupBy(found, ({ batch }) => batch));
};

export const receive: Repeatable<typeof receiveReceipts> = {
  run: async ({ runtime, raw, now, requestId }) => {
    if (!isSignedNow(gatewayKeys(runtime.secrets), raw, now)) return err({ code: 'unauthenticated' });
    const receipts = await receiptsIn(raw.body);
    if (!receipts.ok) return receipts;
    const repository = deliveryRepository(runtime.database);

    /** Whose channel it is, is in the batch's part of the list. */
    const retire = async (batch: Batch, channels: readonly string[]): Promise<void> => {
      let after: string | undefined;
      do {
        const page = await repository.entries(batch, after);
        for (const { sub, channels: own } of page.items)
          for (const { id } of own)
            if (channels.includes(id)) await channelDied({ runtime, sub, now, requestId: `${requestId}:${id}` }, id);
        after = page.after;
      } while (after !== undefined);
    };

    let taken = 0;
    let isEarly = false;
    for (const [id, all] of receipts.value) {
      const batch = await repository.batch(id);
      if (batch === undefined) continue;
      const dead = all.filter(({ channel, status }) => status === 'dead' && isOpen(batch, channel)).map(({ channel }) => channel);
      // Before they are counted: whoever dies in between is told again, and finds them open.
      if (dead.length > 0) await retire(batch, dead);
      await goesOn(repository, now, batch, (before) => {
        let after = before;
        for (const { channel, status } of all) {
          const next = heardOf(after, channel, status === 'delivered' ? 'delivered' : 'failed');
          if (next === undefined) {
            // What is being sent just now is written down in a moment.
            isEarly ||= !before.isWalked;
            continue;
          }
          after = next;
        }
        return after === before ? undefined : after;
      });
      taken += all.length;
    }
    return isEarly ? err({ code: 'busy', retryAfter: AGAIN_AFTER_SECONDS }) : ok({ status: 200, body: { taken } });
  },
  // Each letter counts once whatever comes again: a key, were one sent, adds nothing.
  replay: () => Promise.resolve(err({ code: 'conflict' })),
};
