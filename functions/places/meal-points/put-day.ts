import { divisionsReader, goneSince } from '../../divisions/reader.ts';
import { isMatch, type Run } from '../../http/call.ts';
import { hasRoleFor } from '../../http/principal.ts';
import type { Failure } from '../../http/problem.ts';
import { untilWritten } from '../../http/until-written.ts';
import type { DivisionCode } from '../../kernel/division.ts';
import { err, ok } from '../../kernel/result.ts';
import { facilityFrom, saysMore } from '../facility.ts';
import { placesRepository } from '../repository.ts';
import type { putMealDay } from './contract.ts';
import { countsIn, keepersOf, mealDayFrom, stoodOn } from './meal-day.ts';
import { mealDayView } from './view.ts';

/** The point stands where nothing counts any more: whoever moves it first can enter the day. */
const gone = (community: DivisionCode, into: DivisionCode | undefined): Failure => ({
  code: 'conflict',
  detail:
    into === undefined
      ? {
          'zh-CN': `社区 ${community} 当日已停用，供餐不再计入。请先将助餐点改到在用的社区，再填报。`,
          en: `Community ${community} was out of use by that day, and no meals count in it: put the meal point into one that is in use first, then enter the day.`,
        }
      : {
          'zh-CN': `社区 ${community} 当日已并入 ${into}，供餐不再计入。请先将助餐点改到 ${into}，再填报。`,
          en: `Community ${community} had become part of ${into} by that day, and no meals count in it: put the meal point into ${into} first, then enter the day.`,
        },
});

/** Enters the meals of a day, or corrects them: for workers of the community in which they count, or where the point stands now. */
export const putDay: Run<typeof putMealDay> = (call) =>
  untilWritten<typeof putMealDay>(async () => {
    const { runtime, caller, params, body, ifMatch, requestId, now } = call;
    const { id, date } = params;
    const repository = placesRepository(runtime.database);
    const [point, before] = await Promise.all([repository.read(id), repository.readDay(id, date)]);
    if (point?.kind !== 'mealPoint') return err({ code: 'notFound' });
    const stood = stoodOn(point, date, now);
    const divisions = divisionsReader(runtime.database);
    const communities = await Promise.all([...new Set([stood.community, point.community])].map((each) => divisions.find(each)));
    const byCode = new Map(communities.map((each) => [each?.code, each]));
    const counts = countsIn(point, stood, (community, at) => {
      const since = goneSince(byCode.get(community));
      return since !== undefined && since <= at;
    });
    if (!keepersOf(point, counts ?? stood.community, before).some((place) => hasRoleFor(caller, 'worker', place)))
      return err({ code: 'forbidden' });
    if (!isMatch(ifMatch, before?.version)) return err({ code: 'preconditionFailed' });
    if (counts === undefined) return err(gone(point.community, byCode.get(point.community)?.mergedInto));
    const day = mealDayFrom(point, counts, date, body, before, caller.sub, now);
    // The first day keeps a point that was put as a facility from becoming another kind: the point is another by it.
    const bindsPoint = before === undefined && !saysMore(point) && !(await repository.hasDays(id));
    const written = bindsPoint
      ? await repository.put(facilityFrom(id, point, point, caller.sub, now), point, requestId, [
          repository.putsDay(day, before, requestId),
        ])
      : await repository.putDay(day, before, point, requestId);
    if (!written.ok) return 'lost';
    return ok({
      status: before === undefined ? 201 : 200,
      body: mealDayView(day),
      version: day.version,
      location: `/v1/meal-points/${point.id}/days/${date}`,
    });
  });
