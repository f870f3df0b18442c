import type { Run } from '../../http/call.ts';
import { err, ok } from '../../kernel/result.ts';
import type { Day } from '../../kernel/time.ts';
import { pageOf } from '../list.ts';
import { placesRepository } from '../repository.ts';
import type { listMealPoints, readMealDay, readMealMonth, readMealPoint } from './contract.ts';
import { mealDayView, mealPointView } from './view.ts';

/** A facility of that kind is one, also where it was put as a facility. */
export const read: Run<typeof readMealPoint> = async ({ runtime, params }) => {
  const point = await placesRepository(runtime.database).find(params.id);
  return point?.kind === 'mealPoint' ? ok({ status: 200, body: mealPointView(point), version: point.version }) : err({ code: 'notFound' });
};

export const list: Run<typeof listMealPoints> = async (call) => {
  const { runtime, query } = call;
  const page = await pageOf(call, { what: 'mealPoint', query, read: placesRepository(runtime.database).readMany });
  if (!page.ok) return page;
  const { items, next } = page.value;
  return ok({ status: 200, body: { items: items.filter(({ kind }) => kind === 'mealPoint').map(mealPointView), next } });
};

export const readDay: Run<typeof readMealDay> = async ({ runtime, params }) => {
  const day = await placesRepository(runtime.database).findDay(params.id, params.date);
  return day === undefined ? err({ code: 'notFound' }) : ok({ status: 200, body: mealDayView(day), version: day.version });
};

/** The days of a month that were entered; those of a point that is something else by now, too. */
export const readMonth: Run<typeof readMealMonth> = async ({ runtime, params, query: { month } }) => {
  const repository = placesRepository(runtime.database);
  const [point, days] = await Promise.all([
    repository.find(params.id),
    repository.days(params.id, `${month}-01` as Day, `${month}-31` as Day),
  ]);
  if (point?.kind !== 'mealPoint') return err({ code: 'notFound' });
  const sumOf = (part: 'served' | 'delivered'): number => days.reduce((sum, day) => sum + day[part], 0);
  return ok({
    status: 200,
    body: { month, served: sumOf('served'), delivered: sumOf('delivered'), items: days.map(mealDayView), next: null },
  });
};
