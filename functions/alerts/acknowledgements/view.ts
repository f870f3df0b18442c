import type { AnswerOf } from '../../http/operation.ts';
import type { Acknowledgement } from './acknowledgement.ts';
import type { listAcknowledgements, readAcknowledgement } from './contract.ts';
import type { AnswerEntry } from './repository.ts';

/** What a list shows of an answer. */
export const acknowledgementLine = (
  entry: Omit<AnswerEntry, 'pk' | 'sk' | 'answerAt'>,
): AnswerOf<typeof listAcknowledgements>['items'][number] => {
  const { id, alert, status, state, community, channel, changedAt: answeredAt, request } = entry;
  return { id, alert, status, state, community, channel, answeredAt, request };
};

/** An answer as whoever may see it sees it. */
export const acknowledgementView = (acknowledgement: Acknowledgement): AnswerOf<typeof readAcknowledgement> => {
  const { madeAt: firstAnsweredAt, resident, recordedBy, told } = acknowledgement;
  return { ...acknowledgementLine(acknowledgement), firstAnsweredAt, resident, recordedBy, ...told };
};
