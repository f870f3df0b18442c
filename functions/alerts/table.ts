import { changeAttributes, table } from '../data/table.ts';
import { idempotencyAttributes } from '../http/idempotency.ts';

const plain = { personal: 'none', keptDays: 'entity' } as const;
const identity = { personal: 'identity', keptDays: 'entity' } as const;

/**
 * `ALERT#<id>` / `ALERT`, with all that is light of it; / `ALERT#WHERE`: its areas and the help near them; / `CAP`: the message as it is
 * published; / `DRAFT`: one from elsewhere that waits. `CAP#<sender>,<identifier>` / `MESSAGE`: which alert that is. `LIST#<list>` /
 * `<moment>#<id>`: an entry of a list, in the index as long as nothing else stands in the alert's place. `PENDING#<division>` /
 * `<moment>#<id>`: one that waits for a second officer. `ACK#<id>` / `ACK`: what somebody has answered. `ANSWERS#<alert>#<0 to 15>` /
 * `<community>`: how many have answered what, in parts.
 */
export const alertsTable = table({
  name: 'alerts',
  indexes: {
    byEnding: { partition: 'activeKey', sort: 'ending', project: ['cover'] },
    /** Answers: `<alert>#<county>#<state>#<0 or 1>`, by community, in each the latest last. */
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
    status: plain,
    id: plain,
    state: plain,
    messageType: plain,
    sender: plain,
    identifier: plain,
    imported: plain,
    sentAs: plain,
    category: plain,
    event: plain,
    colour: plain,
    urgency: plain,
    certainty: plain,
    responseTypes: plain,
    headline: plain,
    description: plain,
    instruction: plain,
    contact: plain,
    note: plain,
    division: plain,
    senderName: plain,
    sent: plain,
    effective: plain,
    onset: plain,
    expires: plain,
    cover: plain,
    aim: plain,
    references: plain,
    supersedes: plain,
    supersededBy: plain,
    madeBy: identity,
    madeAt: plain,
    approvedBy: identity,
    issuedAt: plain,
    /** JSON: shapes of ten thousand points are read as one text. */
    where: plain,
    xml: plain,
    activeKey: plain,
    ending: plain,
    // Of answers: where people are and what they need is for those who help them.
    alert: plain,
    community: plain,
    channel: plain,
    told: { personal: 'sensitive', keptDays: 'entity' },
    resident: identity,
    recordedBy: identity,
    request: plain,
    answerKey: plain,
    answerAt: plain,
    safe: plain,
    needHelp: plain,
  },
  entities: [
    { noun: 'alert', partitionPrefix: 'ALERT#', sortKey: 'ALERT', change: 'change', version: 'version' },
    { noun: 'acknowledgement', partitionPrefix: 'ACK#', sortKey: 'ACK', change: 'change', version: 'version' },
  ],
  personIndex: 'byResident',
});
