import { divisionsReader } from '../divisions/reader.ts';
import type { Database } from '../data/database.ts';
import type { Run } from '../http/call.ts';
import { nextOf, positionOf } from '../http/page.ts';
import { limitOf } from '../http/schema.ts';
import type { DivisionCode } from '../kernel/division.ts';
import { err, ok } from '../kernel/result.ts';
import type { EpochMs, Month } from '../kernel/time.ts';
import type { ChildrenView, FigureView, rankChildren as declaration } from './contract.ts';
import type { Indicator } from './indicator.ts';
import { cacheFor, indicatorNamed, placeFor, useOf, type Placing } from './read-metrics.ts';
import { metricsRepository } from './repository.ts';
import { figureView, isFinal, seesAll } from './view.ts';

type Child = ChildrenView['items'][number];

/** Best first; what has no value to be ranked by comes last, by code, which says nothing of it. */
const ranked = (children: readonly Omit<Child, 'rank'>[]): readonly Child[] => {
  const sorted = children.toSorted(
    (a, b) => Number(a.value === null) - Number(b.value === null) || (b.value ?? 0) - (a.value ?? 0) || (a.division < b.division ? -1 : 1),
  );
  // As many are better as stand before the first of its value.
  return sorted.map((child) => ({
    ...child,
    rank: child.value === null ? null : sorted.findIndex(({ value }) => value === child.value) + 1,
  }));
};

export interface Asked {
  readonly indicator: Indicator;
  readonly all: boolean;
  readonly place: Placing;
  readonly now: EpochMs;
  /** What stands for a figure that the caller may not see yet; without it, there is nothing. */
  readonly unseen?: FigureView;
}

/** All children of a division by one indicator. */
export const childrenOf = async (
  database: Database,
  { division, month, indicator, all, unseen, place, now }: Asked & { readonly division: DivisionCode; readonly month: Month },
): Promise<{ readonly final: boolean; readonly items: readonly Child[] }> => {
  const repository = metricsRepository(database);
  const closings = await repository.findClosings();
  const [places, figures, { inLargeCity }] = await Promise.all([
    divisionsReader(database).children(division),
    repository.children(division, month),
    place,
  ]);
  const byCode = new Map(figures.map((figure) => [figure.division, figure]));
  const final = isFinal(closings?.through, month);
  const items = places.flatMap((each) => {
    const { code, name, active, largeCity } = each;
    const figure = byCode.get(code);
    if (!active && figure === undefined) return [];
    const view =
      figureView(indicator, { figure, final, all, inLargeCity: inLargeCity || largeCity === true, inUse: useOf(each, month, now) }) ??
      unseen;
    return view === undefined ? [] : [{ division: code, name, ...view }];
  });
  return { final, items: ranked(items) };
};

export const rankChildren: Run<typeof declaration> = async (call) => {
  const { runtime, caller, query, now, asTable } = call;
  const { division, month } = query;
  const indicator = indicatorNamed(query.indicator);
  if (!indicator.ok) return indicator;
  const after = positionOf<number>(call, query.cursor);
  if (!after.ok) return after;
  const place = placeFor(divisionsReader(runtime.database), division, indicator.value);
  const asked = { division, month, indicator: indicator.value, all: seesAll(caller, division), place, now };
  const [{ division: found }, { final, items }] = await Promise.all([place, childrenOf(runtime.database, asked)]);
  if (found === undefined) return err({ code: 'notFound' });
  const status = final ? 'final' : 'provisional';
  const start = after.value ?? 0;
  // A table has no `next`: unless it is asked for a page, it has all of them.
  const limit = asTable && query.limit === undefined ? items.length : limitOf(query.limit);
  return ok({
    status: 200,
    body: {
      division,
      month,
      indicator: indicator.value.id,
      status,
      items: items.slice(start, start + limit),
      next: nextOf(call, start + limit < items.length ? start + limit : undefined),
    },
    ...cacheFor(caller, status),
  });
};
