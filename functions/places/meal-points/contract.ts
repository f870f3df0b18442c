/** What clients see of meal points (助餐点) and of the meals that they give out. */
import * as z from 'zod/mini';
import { operation } from '../../http/operation.ts';
import { count, day, divisionCode, instant, month, named, page, paging } from '../../http/schema.ts';
import { dayErrors } from './meal-day.ts';
import { capacity, locationInput, ownId, placed, placeFields } from '../schema.ts';

const own = {
  /** Old people, or those in need, pay less there: from public money or the community's. */
  subsidised: z.boolean(),
  /** Seats. */
  capacity,
};

const mealPointInput = named('MealPointInput', z.strictObject({ ...own, ...placeFields, location: locationInput }));

/** One that was put as a facility says nothing of subsidies. */
const mealPointSchema = named('MealPoint', z.object({ ...placed, ...own, subsidised: z.optional(z.boolean()) }));

const params = z.object({ id: ownId });
const dayParams = z.object({ id: ownId, date: day });

/** Meals a day; more is a slip of the pen. */
const meals = count.check(z.lte(100_000));
const given = {
  /** Meals eaten at the point (堂食份数), not people. */
  served: meals,
  /** Meals brought home (送餐份数). */
  delivered: meals,
};
const mealDayInput = named('MealDayInput', z.strictObject(given));
const mealDaySchema = named('MealDay', z.object({ date: day, ...given, updatedAt: instant }));

const example = {
  name: { 'zh-CN': '水井坊社区长者食堂', en: 'Shuijingfang seniors’ canteen' },
  community: '510104017001',
  subsidised: true,
  location: { lat: 30.6458, long: 104.0921 },
  openingHours: '每日 10:30–13:00、16:30–18:30',
  barrierFree: true,
  phone: '028-84400521',
} as const;
const examples = { params: { id: 'canteen-1' } };
const dayExamples = { params: { id: 'canteen-1', date: '2026-11-23' } };

export const putMealPoint = operation({
  id: 'putMealPoint',
  method: 'PUT',
  path: '/v1/meal-points/{id}',
  summary: 'Makes or replaces a meal point, under an id of the caller’s own; for workers of its community',
  description:
    'It is a facility under the same id, and is found by place where it has a location; what is another kind of facility under that id is 409. The meals of the day on which it moves count where it stands then.',
  access: 'signedIn',
  roles: ['worker'],
  params,
  body: mealPointInput,
  responses: { 200: mealPointSchema, 201: mealPointSchema },
  problems: ['forbidden', 'invalid', 'preconditionFailed', 'conflict'],
  ifMatch: true,
  uses: { places: 'write', divisions: 'read' },
  examples: { ...examples, body: example },
});

export const readMealPoint = operation({
  id: 'readMealPoint',
  method: 'GET',
  path: '/v1/meal-points/{id}',
  summary: 'A meal point',
  access: 'public',
  params,
  responses: { 200: mealPointSchema },
  problems: ['notFound'],
  uses: { places: 'read' },
  examples,
});

export const listMealPoints = operation({
  id: 'listMealPoints',
  method: 'GET',
  path: '/v1/meal-points',
  summary: 'The meal points of a division of any level, by community',
  access: 'public',
  query: z.strictObject({ division: divisionCode, ...paging }),
  responses: { 200: page(mealPointSchema) },
  problems: ['cursorInvalid'],
  uses: { places: 'read', divisions: 'read' },
  examples: { query: { division: '510104' } },
});

export const putMealDay = operation({
  id: 'putMealDay',
  method: 'PUT',
  path: '/v1/meal-points/{id}/days/{date}',
  summary:
    'Enters the meals of a day, or corrects them, also late; for workers of the community in which that day counts, or in which the point stands now',
  description:
    'Days that have not come are 422. Meals count in the community in which the point stood when the day ended, before it was known here in its first, and today where it stands: a point that moves takes no day along that is over. Where a community had gone out of use by that day, they count where the point stands now; while it still stands there, the day is 409: put the point into a community in use first.',
  access: 'signedIn',
  roles: ['worker'],
  params: dayParams,
  body: mealDayInput,
  alsoWrong: dayErrors,
  responses: { 200: mealDaySchema, 201: mealDaySchema },
  problems: ['forbidden', 'notFound', 'invalid', 'preconditionFailed', 'conflict'],
  ifMatch: true,
  uses: { places: 'write', divisions: 'read' },
  examples: { ...dayExamples, body: { served: 46, delivered: 12 } },
});

export const readMealDay = operation({
  id: 'readMealDay',
  method: 'GET',
  path: '/v1/meal-points/{id}/days/{date}',
  summary: 'The meals of a day',
  access: 'public',
  params: dayParams,
  responses: { 200: mealDaySchema },
  problems: ['notFound'],
  uses: { places: 'read' },
  examples: dayExamples,
});

export const readMealMonth = operation({
  id: 'readMealMonth',
  method: 'GET',
  path: '/v1/meal-points/{id}/days',
  summary: 'The days of a month that were entered, and their sum',
  access: 'public',
  params,
  query: z.strictObject({ month }),
  responses: { 200: z.object({ month, served: count, delivered: count, items: z.array(mealDaySchema), next: z.null() }) },
  problems: ['notFound'],
  uses: { places: 'read' },
  examples: { ...examples, query: { month: '2026-11' } },
});

export const mealPointOperations = { putMealPoint, readMealPoint, listMealPoints, putMealDay, readMealDay, readMealMonth };
