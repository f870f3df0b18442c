import { changeAttributes, table } from '../data/table.ts';
import { idempotencyAttributes } from '../http/idempotency.ts';

const plain = { personal: 'none', keptDays: 'entity' } as const;
const identity = { personal: 'identity', keptDays: 'entity' } as const;
const sensitive = { personal: 'sensitive', keptDays: 'entity' } as const;

/**
 * `SURVEY#<id>` / `SURVEY`; `LIST#<kind>#<list>` / `<opens>#<id>` with what lists tell of it, kinds `draft`, `open` until its end, and
 * `closed` once it has results; `TALLY` / `<ends>#<id>` from its publication until it is counted to the end;
 * `KEYS` / `<made>#<name>` while a key is being made; `MARKER#<hash>` / `MARKER`, who has answered; `CODE#<hash>` / `CODE`; `SEALED#<id>#<shard>` / `<random>` and, once counted,
 * `ANSWER#<id>#<shard>` / `<random>`; `GATE#<id>#<shard>` / `GATE`, there when nobody may answer any more; `COUNTS#<id>` / `ALL`;
 * `RESULTS#<id>` / `<what>`; `COUNTS#<id>#community#<code>` / `COUNT`, for the satisfaction rate.
 */
export const surveysTable = table({
  name: 'surveys',
  indexes: {
    bySub: { partition: 'sub', sort: 'sk', project: 'keys' },
    byCounted: { partition: 'countedIn', sort: 'survey', project: ['community', 'closedAt', 'satisfied', 'answered', 'version'] },
  },
  ttl: 'expiresAt',
  attributes: {
    ...idempotencyAttributes,
    ...changeAttributes,
    id: plain,
    title: plain,
    questions: plain,
    audience: plain,
    opensAt: plain,
    closesAt: plain,
    mode: plain,
    createdAt: plain,
    createdBy: identity,
    publishedAt: plain,
    publicKey: plain,
    /** Of a survey, and of a key that is being made. */
    keyName: plain,
    closedAt: plain,
    countedAt: plain,
    keyDestroyedAt: plain,
    /** Of an entry of a list: which of the audience it is about. */
    cover: plain,
    /** Of a marker of who has answered: a hash of the key under which the answer was sent; of a confidential one, which response is theirs. */
    repeatHash: plain,
    response: plain,
    /** A response that nobody but the tally opens. */
    sealed: sensitive,
    answers: sensitive,
    /** Where an answer comes from and how, closed up until the end. */
    place: sensitive,
    /** Of a confidential response. */
    sub: identity,
    enteredBy: identity,
    at: plain,
    channel: plain,
    /** Of a code, a confidential response, or a count. */
    community: plain,
    counts: plain,
    /** Figures as they are shown, small groups left out. */
    results: plain,
    /** Of a count, and of an entry of what is to be counted. */
    survey: plain,
    satisfied: plain,
    answered: plain,
    /** The community of a count, and of nothing else: so the index has counts alone. */
    countedIn: plain,
  },
  entities: [
    { noun: 'survey', partitionPrefix: 'SURVEY#', sortKey: 'SURVEY', change: 'change', version: 'version' },
    { noun: 'surveyCount', partitionPrefix: 'COUNTS#', sortKey: 'COUNT', change: 'change', version: 'version' },
  ],
  personIndex: 'bySub',
});
