import { changeAttributes, table } from '../data/table.ts';
import { idempotencyAttributes } from '../http/idempotency.ts';

const plain = { personal: 'none', keptDays: 'entity' } as const;

/**
 * `ALERT#<id>` / `ALERT`. `ACK#<id>` / `ACK`: what somebody has answered. `ANSWERS#<alert>#<0 to 15>` / `<community>`: how many have answered
 * what, in parts.
 */
export const alertsTable = table({
  name: 'alerts',
  indexes: {
    /** `<alert>#<county>#<state>#<0 or 1>`, by community, in each the latest last. */
    byAnswer: {
      partition: 'answerKey',
      sort: 'answerAt',
      project: ['id', 'alert', 'status', 'state', 'community', 'channel', 'changedAt', 'request'],
    },
    byResident: { partition: 'resident', sort: 'id', project: 'keys' },
  },
  ttl: 'expiresAt',
  attributes: {
    ...idempotencyAttributes,
    ...changeAttributes,
    id: plain,
    state: plain,
    messageType: plain,
    event: plain,
    colour: plain,
    headline: plain,
    description: plain,
    instruction: plain,
    division: plain,
    senderName: plain,
    sent: plain,
    effective: plain,
    expires: plain,
    cover: plain,
    supersededBy: plain,
    // Of answers: where people are and what they need is for those who help them.
    alert: plain,
    community: plain,
    channel: plain,
    told: { personal: 'sensitive', keptDays: 'entity' },
    resident: { personal: 'identity', keptDays: 'entity' },
    recordedBy: { personal: 'identity', keptDays: 'entity' },
    request: plain,
    madeAt: plain,
    answerKey: plain,
    answerAt: plain,
    safe: plain,
    needHelp: plain,
    status: plain,
  },
  entities: [
    { noun: 'alert', partitionPrefix: 'ALERT#', sortKey: 'ALERT', change: 'change', version: 'version' },
    { noun: 'acknowledgement', partitionPrefix: 'ACK#', sortKey: 'ACK', change: 'change', version: 'version' },
  ],
  personIndex: 'byResident',
});
