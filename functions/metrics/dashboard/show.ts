/** Puts together what the page shows: figures as the public sees them, whoever asks. */
import { divisionsReader } from '../../divisions/reader.ts';
import type { Run } from '../../http/call.ts';
import { csvOf, CSV_TYPE } from '../../http/csv.ts';
import type { Table } from '../../http/operation.ts';
import { ancestorOf, LEVELS, levelOf, type DivisionCode } from '../../kernel/division.ts';
import { err, ok } from '../../kernel/result.ts';
import { inLanguage, type Language } from '../../kernel/texts.ts';
import { addMonths, monthOf, type Month } from '../../kernel/time.ts';
import { childrenOf } from '../rank-children.ts';
import { rankChildren, readMetrics, readSeries, type readDashboard } from '../contract.ts';
import { indicatorNamed, metricsOf } from '../read-metrics.ts';
import { metricsRepository } from '../repository.ts';
import { monthsBetween, seriesOf } from '../read-series.ts';
import { INDICATORS } from '../sources.ts';
import type { DashboardData, DashboardPlace } from './data.ts';
import { DASHBOARD_HEADERS, pageHeaders } from './headers.ts';
import { dashboardPage } from './page.ts';

const MONTHS_TO_CHOOSE = 24;
const MONTHS_OF_TREND = 12;
/** The page says that it is shown when the month is final. */
const UNSEEN = { numerator: null, denominator: null, value: null };
const FIRST = 'resolvedOnTimeRate';

const CACHED = { 'cache-control': 'public, max-age=60' };

export const show: Run<typeof readDashboard> = async (call) => {
  const { runtime, now, query } = call;
  const { database } = runtime;
  const language: Language = query.lang ?? call.language;
  const divisions = divisionsReader(database);
  const repository = metricsRepository(database);
  const indicator = indicatorNamed(query.indicator ?? FIRST);
  if (!indicator.ok) return indicator;
  const { division } = query;
  const closings = await repository.findClosings();
  const newest = monthOf(now);
  // The last month that is final says more than one that has just begun.
  const month: Month = query.month ?? closings?.through ?? newest;
  const months = monthsBetween(addMonths(newest, 1 - MONTHS_TO_CHOOSE), newest).toReversed();

  if (division === undefined) {
    const provinces = await divisions.children(undefined);
    return page(language, {
      path: [],
      month,
      months,
      status: 'provisional',
      revision: 1,
      computedAt: null,
      indicators: [],
      indicator: indicator.value.id,
      trend: [],
      children: provinces.map(({ code, name }) => ({ code, name, rank: null, ...UNSEEN })),
    });
  }

  const codes = LEVELS.slice(0, LEVELS.indexOf(levelOf(division)) + 1).map((level) => ancestorOf(division, level));
  const line = divisions.findMany(codes);
  const place = line.then((all) => ({
    division: all.find(({ code }) => code === division),
    inLargeCity: all.some(({ largeCity }) => largeCity === true),
  }));
  const [places, , metrics, { items: children }, trend] = await Promise.all([
    line,
    place,
    metricsOf(repository, { division, month, now }, place, false),
    childrenOf(database, { division, month, indicator: indicator.value, all: false, unseen: UNSEEN, place, now }),
    seriesOf(repository, {
      division,
      indicator: indicator.value,
      months: monthsBetween(addMonths(month, 1 - MONTHS_OF_TREND), month),
      all: false,
      unseen: UNSEEN,
      place,
      now,
    }),
  ]);
  if (metrics === undefined || places.length < codes.length) return err({ code: 'notFound' });
  const about = { division, month, indicator: indicator.value.id };
  switch (query.download) {
    case 'month':
      return download(about, 'month', readMetrics.csv(metrics));
    case 'children':
      return download(about, 'children', rankChildren.csv({ ...about, status: metrics.status, items: [...children], next: null }));
    case 'series':
      return download(about, 'series', readSeries.csv({ division, indicator: about.indicator, items: trend }));
    case undefined:
  }
  const nameOf = (code: DivisionCode): DashboardPlace => ({ code, name: places.find((each) => each.code === code)?.name ?? code });
  return page(language, {
    path: codes.map(nameOf),
    month,
    months: months.includes(month) ? months : [...months, month].toSorted().toReversed(),
    status: metrics.status,
    revision: metrics.revision,
    computedAt: metrics.computedAt,
    indicators: INDICATORS.map(({ id, names, definition, unit }) => ({
      id,
      ...(metrics.indicators.find((each) => each.id === id) ?? UNSEEN),
      name: inLanguage(names, language),
      definition: inLanguage(definition, language),
      unit,
    })),
    indicator: indicator.value.id,
    trend,
    children: children.map(({ division: code, ...child }) => ({ code, ...child })),
  });
};

const page = (language: Language, data: Omit<DashboardData, 'language'>) =>
  ok({ status: 200, body: dashboardPage({ language, ...data }), headers: { ...pageHeaders(language), ...CACHED } });

const download = (about: { readonly division: string; readonly month: string; readonly indicator: string }, what: string, table: Table) =>
  ok({
    status: 200,
    body: csvOf(table),
    headers: {
      ...DASHBOARD_HEADERS,
      ...CACHED,
      'content-type': CSV_TYPE,
      'content-disposition': `attachment; filename="linli-${about.division}-${about.month}-${what}.csv"`,
    },
  });
