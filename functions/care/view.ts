import type { AnswerOf } from '../http/operation.ts';
import type { EpochMs } from '../kernel/time.ts';
import type { listRecipients, readRecipient, readVisit, listVisits } from './contract.ts';
import { isActive, isVeryOld, type Recipient } from './recipient.ts';
import type { RecipientEntry } from './repository.ts';
import type { Visit } from './visit.ts';

/** From which age, in years, somebody is very old, and when that is asked. */
export interface AgeAsked {
  readonly veryOldFrom: number;
  readonly now: EpochMs;
}

/** What lists show of somebody. */
export const recipientLine = (
  entry: Omit<RecipientEntry, 'listAt'>,
  { veryOldFrom, now }: AgeAsked,
): AnswerOf<typeof listRecipients>['items'][number] => {
  const { id, name, community, categories, tier, birthYear, needs, lastVisitAt } = entry;
  return {
    id,
    name,
    community,
    categories: [...categories],
    tier,
    veryOld: isVeryOld(birthYear, veryOldFrom, now),
    needs: [...needs],
    active: isActive(entry),
    lastVisitAt,
  };
};

/** Somebody as workers of their community see them. */
export const recipientView = (recipient: Recipient, asked: AgeAsked): AnswerOf<typeof readRecipient> => {
  const { birthYear, contact, volunteers, spells, endReason, createdAt: registeredAt, changedAt: updatedAt } = recipient;
  const spell = spells.at(-1);
  return {
    ...recipientLine(recipient, asked),
    birthYear,
    contact,
    volunteers: [...volunteers],
    activeFrom: spell?.from,
    endedOn: spell?.until,
    endReason,
    registeredAt,
    updatedAt,
  };
};

/** What lists show of a visit. */
export const visitLine = ({ id, at, mode, outcome, changedAt: recordedAt }: Visit): AnswerOf<typeof listVisits>['items'][number] => ({
  id,
  at,
  mode,
  outcome,
  recordedAt,
});

export const visitView = (visit: Visit): AnswerOf<typeof readVisit> => {
  const { recipient, note, visitor, request } = visit;
  return { ...visitLine(visit), recipient, note, visitor, request };
};
