import { isMatch, type Run } from '../../http/call.ts';
import { hasRoleFor } from '../../http/principal.ts';
import { wrongField } from '../../http/problem.ts';
import { err, ok } from '../../kernel/result.ts';
import { placesRepository } from '../repository.ts';
import type { putMealDay } from './contract.ts';
import { FIRST_DAY, isOpenDay, mealDayFrom } from './meal-day.ts';
import { mealDayView } from './view.ts';

/** Enters the meals of a day, or corrects them: for workers of the community in which they count, and have counted. */
export const putDay: Run<typeof putMealDay> = async ({ runtime, caller, params, body, ifMatch, requestId, now }) => {
  const { id, date } = params;
  const repository = placesRepository(runtime.database);
  const [point, before] = await Promise.all([repository.read(id), repository.readDay(id, date)]);
  if (point?.kind !== 'mealPoint') return err({ code: 'notFound' });
  const day = mealDayFrom(point, date, body, before, caller.sub, now);
  const places = [day.community, ...(before === undefined ? [] : [before.community])];
  if (!places.every((place) => hasRoleFor(caller, 'worker', place))) return err({ code: 'forbidden' });
  if (!isOpenDay(date, now))
    return err(
      wrongField('date', {
        'zh-CN': `应在 ${FIRST_DAY} 至今天之间`,
        en: `must be a day from ${FIRST_DAY} to today`,
      }),
    );
  if (!isMatch(ifMatch, before?.version)) return err({ code: 'preconditionFailed' });
  const written = await repository.putDay(day, before, requestId);
  if (!written.ok) return err({ code: ifMatch === undefined ? 'conflict' : 'preconditionFailed' });
  return ok({
    status: before === undefined ? 201 : 200,
    body: mealDayView(day),
    version: day.version,
    location: `/v1/meal-points/${point.id}/days/${date}`,
  });
};
