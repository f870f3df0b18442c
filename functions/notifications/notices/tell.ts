/** Tells somebody of something of their own, by the channels that they have chosen for it; at night, where they want quiet, in the morning. */
import type { Runtime } from '../../data/runtime.ts';
import type { Language } from '../../kernel/texts.ts';
import { DAY, SECOND, toInstant, type EpochMs } from '../../kernel/time.ts';
import { foundDead } from '../channel-died.ts';
import type { Carrier, Fate, Letter } from '../channels/carrier.ts';
import { carriers } from '../channels/carriers.ts';
import type { Channel } from '../channels/channel.ts';
import type { Person } from '../person.ts';
import { quietUntil } from '../quiet-until.ts';
import { peopleRepository } from '../repository.ts';
import { publicOrigin } from '../../http/origin.ts';
import { unsubscribeLink } from '../unsubscribe-link.ts';
import { held, postponed, taken, tried, type HeldNotice } from './held.ts';
import { inWords, type Notice } from './notice.ts';
import { noticeRepository } from './repository.ts';

/** News of a day ago is no news. */
const KEPT_FOR = DAY / SECOND;

/** The channels by which somebody wants to be told of it. */
const channelsFor = ({ channels, preferences }: Person, { topic }: Pick<Notice, 'topic'>): readonly Channel[] =>
  preferences.topics.includes(topic) ? channels.filter(({ id, status }) => status === 'verified' && preferences.channels.includes(id)) : [];

export const telling = (runtime: Runtime, carry: Carrier = carriers(runtime)) => {
  const notices = noticeRepository(runtime.database);
  const people = peopleRepository(runtime.database);

  const letterOf = (notice: Notice, language: Language, channel: Channel, now: EpochMs): Letter => {
    const origin = publicOrigin(runtime);
    return {
      id: `${notice.id}:${channel.id}`,
      ...inWords(notice, language),
      about: notice.about,
      at: toInstant(now),
      keptFor: KEPT_FOR,
      urgency: 'normal',
      ...(origin === undefined ? {} : { unsubscribe: unsubscribeLink(runtime, origin, notice.sub, channel.id) }),
    };
  };

  /** Hands over what has been taken for that. Who dies on the way has sent letters with the same ids. */
  const send = async (notice: HeldNotice, person: Person | undefined): Promise<void> => {
    const now = runtime.now();
    const fates = new Map<string, Fate>();
    // Who has changed their mind meanwhile is not told.
    const channels = person === undefined ? [] : channelsFor(person, notice).filter(({ id }) => notice.remaining.includes(id));
    for (const channel of channels) {
      const fate = await carry(channel, letterOf(notice, person?.language ?? 'zh-CN', channel, now));
      fates.set(channel.id, fate);
      if (fate.kind === 'dead') await foundDead({ runtime, sub: notice.sub, now, requestId: `${notice.id}:${channel.id}` }, channel.id);
    }
    const after = tried(notice, fates, now);
    if (after.remaining.length === 0 && [...fates.values()].some(({ kind }) => kind === 'later'))
      runtime.log({ level: 'warn', code: 'noticeGivenUp', about: notice.about, attempts: after.attempt });
    await notices.put(after, notice, now);
  };

  /** Sends what is due, unless somebody else does, or its reader is asleep by now. */
  const sendOne = async (notice: HeldNotice): Promise<void> => {
    const now = runtime.now();
    const person = await people.read(notice.sub);
    const until = quietUntil(person?.preferences.quietHours, now);
    const next = until === undefined ? taken(notice, now) : postponed(notice, until);
    if ((await notices.put(next, notice, now)).ok && until === undefined) await send(next, person);
  };

  const isDue = ({ dueAt }: HeldNotice, at: EpochMs): boolean => dueAt !== undefined && dueAt <= toInstant(at);

  return {
    /** Once, however often its event comes; nothing is kept of what nobody wants to hear. */
    tell: async (notice: Notice): Promise<void> => {
      const now = runtime.now();
      const person = await people.read(notice.sub);
      const channels = person === undefined ? [] : channelsFor(person, notice);
      if (channels.length === 0) return;
      const until = quietUntil(person?.preferences.quietHours, now);
      const first = held(
        notice,
        channels.map(({ id }) => id),
        now,
        until,
      );
      if ((await notices.put(first, undefined, now)).ok) {
        if (until === undefined) await send(first, person);
        return;
      }
      const kept = await notices.read(notice.id);
      if (kept !== undefined && isDue(kept, now)) await sendOne(kept);
    },
    /** Of those that are due by then: what waited for the morning, or for a carrier. */
    sendDue: async (shard: number, until: EpochMs, limit: number): Promise<number> => {
      const ids = await notices.due(shard, toInstant(until), limit);
      for (const id of ids) {
        const notice = await notices.read(id);
        // The index tells of it a moment longer than it is true.
        if (notice !== undefined && isDue(notice, until)) await sendOne(notice);
      }
      return ids.length;
    },
  };
};
