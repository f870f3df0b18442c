/** The demo's meal points with the meals of its months, its childcare, and service points of which some pay residential rates. */
import type { Runtime } from '../../functions/data/runtime.ts';
import { addDays, dayOf, HOUR, monthOf, plus, startOfDay, startOfMonth, type Day, type EpochMs } from '../../functions/kernel/time.ts';
import { places } from '../../functions/places/api.ts';
import { historyMonths } from './demo-history.ts';
import { dice } from './dice.ts';
import { inProcess } from './in-process.ts';
import type { TokenClaims } from './issuer.ts';

type Place = { readonly id: string } & Readonly<Record<string, unknown>>;

export interface DemoPlaces {
  readonly mealPoints: readonly Place[];
  readonly childcare: readonly Place[];
  /** `granted`: the kinds that a dispatcher has found right. */
  readonly servicePoints: readonly (Place & { readonly granted: readonly string[] })[];
}

const WORKER: TokenClaims = { sub: 'demo-worker', roles: ['worker'], division: '510104' };
const DISPATCHER: TokenClaims = { sub: 'demo-dispatcher', roles: ['dispatcher'], division: '510104' };

/** Of a month that is over, so many days are told of; of the one that runs, the last ones. */
const DAYS_OF_A_MONTH = 3;
const LAST_DAYS = 6;

/** Days on which meals are given out, oldest first. */
const mealDays = (now: EpochMs): readonly Day[] => {
  const past = historyMonths(now).flatMap((month) =>
    Array.from({ length: DAYS_OF_A_MONTH }, (_, index) => addDays(dayOf(startOfMonth(month)), 4 + 9 * index)),
  );
  const last = Array.from({ length: LAST_DAYS }, (_, index) => addDays(dayOf(now), index + 1 - LAST_DAYS));
  return [...past, ...last.filter((day) => day >= `${monthOf(now)}-01`)];
};

/** What is put twice is the same; the keys make a demo that was killed half-way go on where it was. */
export const playPlaces = async (runtime: Runtime, demo: DemoPlaces, now: EpochMs): Promise<void> => {
  const [first = monthOf(now)] = historyMonths(now);
  const at = (moment: EpochMs) => inProcess(places.build({ ...runtime, now: () => moment }));
  const began = at(startOfMonth(first));
  const put = async (path: string, { id, ...body }: Place): Promise<void> =>
    void (await began({ method: 'PUT', path: `/v1/${path}/${id}`, as: WORKER, body }));
  for (const point of demo.mealPoints) await put('meal-points', point);
  for (const place of demo.childcare) await put('childcare', place);
  for (const { granted, ...point } of demo.servicePoints) {
    await put('service-points', point);
    for (const kind of granted)
      await began({
        method: 'POST',
        path: `/v1/service-points/${point.id}/entitlements/${kind}/check`,
        as: DISPATCHER,
        body: { granted: true },
        key: `demo-check-${point.id}-${kind}`,
      });
  }
  const roll = dice(20_260_102);
  for (const day of mealDays(now))
    for (const { id } of demo.mealPoints)
      await at(plus(startOfDay(day), Math.min(19 * HOUR, now - startOfDay(day))))({
        method: 'PUT',
        path: `/v1/meal-points/${id}/days/${day}`,
        as: WORKER,
        body: { served: 20 + roll(30), delivered: roll(15) },
      });
};
