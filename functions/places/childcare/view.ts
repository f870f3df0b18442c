import type { AnswerOf } from '../../http/operation.ts';
import { freeOf, type Childcare } from './childcare.ts';
import type { readChildcare } from './contract.ts';

export const childcareView = (childcare: Childcare): AnswerOf<typeof readChildcare> => {
  const { id, name, community, offered, taken, waiting, location, openingHours, barrierFree, phone, changedAt: updatedAt } = childcare;
  return { id, name, community, offered, taken, waiting, free: freeOf(childcare), location, openingHours, barrierFree, phone, updatedAt };
};
