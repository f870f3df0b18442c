/** Who is told of a late request, and what. Pure. */
import type { CloudEvent } from '../data/reaction.ts';
import type { Message } from './messenger.ts';

/** What the event carries of a request that was raised. */
export interface EscalatedRequest {
  readonly id: string;
  readonly service: string;
  readonly community: string;
  readonly escalation: { readonly latest?: { readonly clock: 'respond' | 'resolve'; readonly division: string } };
  readonly respondBy: string;
  readonly resolveBy: string;
  readonly visibility: string;
  readonly assignee?: { readonly kind: string; readonly id: string };
  readonly acceptedBy?: string;
}

/** One message to the division that it was raised to, one to whoever works on it, or else has accepted it. No word of what the resident wrote. */
export const lateMessages = ({ id: eventId, time, data }: CloudEvent<EscalatedRequest>): readonly Message[] => {
  const { id, service, community, visibility, escalation, respondBy, resolveBy, assignee, acceptedBy } = data.item;
  // What somebody asked for in confidence, not even the service tells.
  const [what, whatEn] = visibility === 'confidential' ? ['保密诉求', 'confidential'] : [service, service];
  const person = assignee?.id ?? acceptedBy;
  const { latest } = escalation;
  if (latest === undefined) return [];
  const [late, deadline] = {
    respond: [{ zh: '响应', en: 'responded to' }, respondBy] as const,
    resolve: [{ zh: '办结', en: 'resolved' }, resolveBy] as const,
  }[latest.clock];
  const subject = `诉求逾期未${late.zh} / Request not ${late.en} in time`;
  const text = [
    `社区 ${community} 的诉求 ${id}（${what}）已超过${late.zh}期限 ${deadline}，请及时处理。`,
    `Request ${id} (${whatEn}) in community ${community} was to be ${late.en} by ${deadline}: please see to it.`,
  ].join('\n');
  return [latest.division, ...(person === undefined ? [] : [person])].map((to) => ({
    id: `${eventId}:${to}`,
    channel: 'staff',
    to,
    subject,
    text,
    about: `requests/${id}`,
    at: time,
  }));
};
