/** Tells somebody of something of their own, by the channels that they have chosen for it; at night, where they want quiet, in the morning. */
import type { Runtime } from '../../data/runtime.ts';
import type { Carrier, Fate, Letter } from '../channels/carrier.ts';
import { HOUR, SECOND, toInstant, DAY } from '../../kernel/time.ts';
import { quietUntil } from '../quiet-until.ts';
import type { Person } from '../person.ts';
import { peopleRepository } from '../repository.ts';
import { held, postponed, tried, type HeldNotice } from './held.ts';
import { inWords, type Notice } from './notice.ts';
import { noticeRepository } from './repository.ts';

const KEPT_FOR = DAY / SECOND;

/** The channels by which somebody wants to be told of it. */
const channelsFor = ({ channels, preferences }: Person, { topic }: Notice): Person['channels'] =>
  preferences.topics.includes(topic)
    ? channels.filter(({ id, status }) => status === 'verified' && preferences.channels.includes(id))
    : [];

const letterOf = (notice: HeldNotice, { language }: Person, channel: string, now: Letter['at']): Letter => ({
  id: `${notice.id}:${channel}`,
  ...inWords(notice, language),
  about: notice.about,
  at: now,
  keptFor: KEPT_FOR,
  urgency: 'normal',
});
