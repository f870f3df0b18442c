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
  readonly alerted: number;
}

/** One message to the community's desk. Who it is about, the list tells, which is for its workers alone. */
export const careMessage = ({ id, time, data }: CloudEvent<CareReminder>): Message => {
  const { community, day, open, endingToday, missed, alerted } = data.item;
  return {
    id,
    channel: 'staff',
    to: community,
    subject: `${day} 探访提醒 / Visits due on ${day}`,
    text: [
      `社区 ${community}：待探访 ${open} 人（其中今日到期 ${endingToday} 人），因预警须于 24 小时内探访 ${alerted} 人，漏访 ${missed} 次。名单见待探访清单。`,
      `Community ${community}: ${open} to be visited (${endingToday} of them by today), ${alerted} to be visited soon because of an alert, ${missed} visits missed. The list of those who are due tells who.`,
    ].join('\n'),
    about: `care/due?division=${community}`,
    at: time,
  };
};
