import type { AnswerOf } from '../../http/operation.ts';
import { placedView } from '../view.ts';
import { freeOf, type Childcare } from './childcare.ts';
import type { readChildcare } from './contract.ts';

export const childcareView = (childcare: Childcare): AnswerOf<typeof readChildcare> => {
  const { offered, taken, waiting } = childcare;
  return { ...placedView(childcare), offered, taken, waiting, free: freeOf(childcare) };
};
