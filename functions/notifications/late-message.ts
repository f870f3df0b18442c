/** Who is told of a late request, and what. Pure. */
import type { CloudEvent } from '../data/reaction.ts';
import type { Message } from './messenger.ts';

/** What the event carries of a request that was raised. */
export interface EscalatedRequest {
  readonly id: string;
  readonly service: string;
  readonly community: string;
  readonly escalatedTo?: string;
  readonly escalation: { readonly respond: number; readonly resolve: number };
  readonly round: number;
  readonly respondBy: string;
  readonly respondedAt?: string;
  readonly resolveBy: string;
  readonly assignee?: { readonly kind: string; readonly id: string };
}

/** One message to the division that it was raised to, one to whoever works on it. No word of what the resident wrote. */
export const lateMessages = ({ id: eventId, time, data }: CloudEvent<EscalatedRequest>): readonly Message[] => {
  const { id, service, community, escalatedTo, respondedAt, respondBy, resolveBy, assignee } = data.item;
  const unanswered = respondedAt === undefined && respondBy <= time;
  const subject = unanswered ? '诉求逾期未响应 / Request not responded to in time' : '诉求逾期未办结 / Request not resolved in time';
  const text = [
    `社区 ${community} 的诉求 ${id}（${service}）已超过${unanswered ? `响应期限 ${respondBy}` : `办结期限 ${resolveBy}`}，请及时处理。`,
    `Request ${id} (${service}) in community ${community} is past its ${unanswered ? `response deadline ${respondBy}` : `resolution deadline ${resolveBy}`}: please see to it.`,
  ].join('\n');
  return [...(escalatedTo === undefined ? [] : [escalatedTo]), ...(assignee === undefined ? [] : [assignee.id])].map((to) => ({
    id: `${eventId}:${to}`,
    channel: 'staff',
    to,
    subject,
    text,
    about: `requests/${id}`,
    at: time,
  }));
};
