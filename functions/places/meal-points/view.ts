import type { AnswerOf } from '../../http/operation.ts';
import type { Facility } from '../facility.ts';
import { placedView } from '../view.ts';
import type { readMealDay, readMealPoint } from './contract.ts';
import type { MealDay } from './meal-day.ts';

export const mealPointView = (facility: Facility): AnswerOf<typeof readMealPoint> => {
  const { subsidised, capacity } = facility;
  return { ...placedView(facility), subsidised, capacity };
};

export const mealDayView = ({ date, served, delivered, changedAt: updatedAt }: MealDay): AnswerOf<typeof readMealDay> => ({
  date,
  served,
  delivered,
  updatedAt,
});
