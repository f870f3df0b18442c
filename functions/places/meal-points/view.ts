import type { AnswerOf } from '../../http/operation.ts';
import type { Facility } from '../facility.ts';
import type { readMealDay, readMealPoint } from './contract.ts';
import type { MealDay } from './meal-day.ts';

export const mealPointView = (facility: Facility): AnswerOf<typeof readMealPoint> => {
  const { id, name, community, subsidised, location, capacity, openingHours, barrierFree, phone, changedAt: updatedAt } = facility;
  return { id, name, community, subsidised, location, capacity, openingHours, barrierFree, phone, updatedAt };
};

export const mealDayView = ({ date, served, delivered, changedAt: updatedAt }: MealDay): AnswerOf<typeof readMealDay> => ({
  date,
  served,
  delivered,
  updatedAt,
});
