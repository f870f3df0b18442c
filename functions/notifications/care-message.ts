/** What a community's desk is told of visits that are due. Pure. */
import type { CloudEvent } from '../data/reaction.ts';
import type { Message } from './messenger.ts';

/** What the event carries of a reminder: numbers alone. */
export interface CareReminder {
  readonly community: string;
  readonly day: string;
  readonly open: number;
  readonly endingToday: number;
  readonly missed: number;
  /** The month that they were missed in. */
  readonly missedIn: string;
  readonly alerted: number;
  /** How soon after an alert they are to be visited, as it is set. */
  readonly withinHours: number;
}

/** One message to the community's desk. Who it is about, the list tells, which is for its workers alone. */
export const careMessage = ({ id, time, data }: CloudEvent<CareReminder>): Message => {
  const { community, day, open, endingToday, missed, missedIn, alerted, withinHours } = data.item;
  const about = `care/due?division=${community}`;
  const isOfLastMonth = !day.startsWith(missedIn);
  // The list of this month does not tell who was missed in the last one.
  const [missedZh, missedEn] = isOfLastMonth ? ['上月漏访', 'visits missed last month'] : ['漏访', 'visits missed'];
  const [listZh, listEn] =
    isOfLastMonth && missed > 0
      ? [`上月漏访名单见 ${about}&month=${missedIn}。`, ` Who was missed last month is in ${about}&month=${missedIn}.`]
      : ['', ''];
  return {
    id,
    channel: 'staff',
    to: community,
    subject: `${day} 探访提醒 / Visits due on ${day}`,
    text: [
      `社区 ${community}：待探访 ${open} 人（其中今日到期 ${endingToday} 人），因预警须于 ${withinHours} 小时内探访 ${alerted} 人，${missedZh} ${missed} 次。名单见待探访清单。${listZh}`,
      `Community ${community}: ${open} to be visited (${endingToday} of them by today), ${alerted} to be visited within ${withinHours} hours of an alert, ${missed} ${missedEn}. The list of those who are due tells who.${listEn}`,
    ].join('\n'),
    about,
    at: time,
  };
};
