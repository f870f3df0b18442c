import { divisionsReader } from '../divisions/reader.ts';
import type { Run } from '../http/call.ts';
import { wrongField } from '../http/problem.ts';
import type { DivisionCode } from '../kernel/division.ts';
import { err, ok } from '../kernel/result.ts';
import { addMonths, monthOf, type Month } from '../kernel/time.ts';
import type { readSeries as declaration, SeriesView } from './contract.ts';
import type { Asked } from './rank-children.ts';
import { cacheFor, indicatorNamed, placeFor, statusOf, useOf } from './read-metrics.ts';
import { metricsRepository, type MetricsRepository } from './repository.ts';
import { figureView, isFinal, seesAll } from './view.ts';

const MOST_MONTHS = 120;
const USUAL_MONTHS = 12;

/** Months from one to another, both included. */
export const monthsBetween = (from: Month, to: Month): readonly Month[] => {
  const months: Month[] = [];
  for (let month = from; month <= to && months.length <= MOST_MONTHS; month = addMonths(month, 1)) months.push(month);
  return months;
};

/** One indicator month by month. */
export const seriesOf = async (
  repository: MetricsRepository,
  {
    division,
    indicator,
    months,
    all,
    unseen,
    place,
    now,
  }: Asked & {
    readonly division: DivisionCode;
    readonly months: readonly Month[];
  },
): Promise<SeriesView['items']> => {
  const closings = await repository.findClosings();
  const figures = await repository.figures(division, months);
  const { division: placed, inLargeCity } = await place;
  const byMonth = new Map(figures.map((figure) => [figure.month, figure]));
  return months.flatMap((month) => {
    const standing = {
      figure: byMonth.get(month),
      final: isFinal(closings?.through, month),
      all,
      inLargeCity,
      inUse: useOf(placed, month, now),
    };
    const view = figureView(indicator, standing) ?? unseen;
    return view === undefined ? [] : [{ month, status: statusOf(standing), revision: standing.figure?.revision ?? 1, ...view }];
  });
};

export const readSeries: Run<typeof declaration> = async ({ runtime, caller, now, query }) => {
  const { division } = query;
  const indicator = indicatorNamed(query.indicator);
  if (!indicator.ok) return indicator;
  const to = query.to ?? (query.from === undefined ? monthOf(now) : addMonths(query.from, USUAL_MONTHS - 1));
  const from = query.from ?? addMonths(to, 1 - USUAL_MONTHS);
  if (from > to) return err(wrongField('to', { 'zh-CN': '不能早于 from', en: 'must not be before `from`' }));
  const months = monthsBetween(from, to);
  if (months.length > MOST_MONTHS)
    return err(wrongField('to', { 'zh-CN': `最多 ${MOST_MONTHS} 个月`, en: `may be at most ${MOST_MONTHS} months from \`from\`` }));
  const place = placeFor(divisionsReader(runtime.database), division, indicator.value);
  const asked = { division, indicator: indicator.value, months, all: seesAll(caller, division), place, now };
  const [{ division: found }, items] = await Promise.all([place, seriesOf(metricsRepository(runtime.database), asked)]);
  if (found === undefined) return err({ code: 'notFound' });
  return ok({ status: 200, body: { division, indicator: indicator.value.id, items }, ...cacheFor(caller, 'provisional') });
};
