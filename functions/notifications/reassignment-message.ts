/** Who is told that a provider may no longer do what it was given, and what. Pure. */
import type { CloudEvent } from '../data/reaction.ts';
import { ancestorOf, type DivisionCode } from '../kernel/division.ts';
import type { Texts } from '../kernel/texts.ts';
import type { Message } from './messenger.ts';

/** What the event carries of a provider that was suspended or removed, or serves less than before. */
export interface ChangedProvider {
  readonly id: string;
  readonly name: Texts;
  readonly change: 'suspended' | 'removed' | 'revised';
  /** `admitted` where any of it stands. */
  readonly status?: string;
  /** Where something has stopped with it. */
  readonly stopped?: readonly DivisionCode[];
}

const SAID = {
  suspended: ['已被暂停', 'is suspended'],
  removed: ['已被移出', 'has been removed'],
  revised: ['已不再提供部分服务', 'no longer serves some of what it did'],
} as const;

/** The same, where it stands in other divisions. */
const SAID_IN_SOME = {
  suspended: ['在部分区划已被暂停', 'is suspended in some divisions'],
  removed: ['在部分区划已被移出', 'has been removed from some divisions'],
  revised: SAID.revised,
} as const;

/** One message to the desk of each street in which it has work open. */
export const reassignmentMessages = (
  { id: eventId, time, data }: CloudEvent<ChangedProvider>,
  open: readonly { readonly community: DivisionCode }[],
): readonly Message[] => {
  const { id, name, change, status } = data.item;
  const [said, saidEn] = (status === 'admitted' ? SAID_IN_SOME : SAID)[change];
  return [...Map.groupBy(open, ({ community }) => ancestorOf(community, 'street'))].map(([street, { length }]) => ({
    id: `${eventId}:${street}`,
    channel: 'staff',
    to: street,
    subject: '服务商停止服务，请重新派单 / Work to be given to others',
    text: [
      `服务商${name['zh-CN']}${said}，辖区内有 ${length} 件未办结诉求需要重新派单，见 GET /v1/providers/${id}/work。`,
      `The provider ${name.en ?? name['zh-CN']} ${saidEn}: ${length} open requests of your division are to be given to others, see GET /v1/providers/${id}/work.`,
    ].join('\n'),
    about: `providers/${id}`,
    at: time,
  }));
};
