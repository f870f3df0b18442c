/** What clients see of metrics. */
import * as z from 'zod/mini';
import { operation, type Table } from '../http/operation.ts';
import { divisionCode, instant, month, named, page, paging, revisionNumber } from '../http/schema.ts';
import { UNITS } from './indicator.ts';

const shownTexts = z.object({ 'zh-CN': z.string(), en: z.optional(z.string()) });
const status = z.enum(['provisional', 'final']);
const number = z.nullable(z.number());

/** Another is told which there are; the names themselves are checked where they are known. */
const indicatorId = z.string().check(z.regex(/^[a-zA-Z]{1,64}$/));

/** `value` of a count is the number, of a rate 6 decimals; null without a denominator, and where it is suppressed. */
const figure = {
  numerator: number,
  denominator: number,
  value: number,
  target: z.optional(z.number()),
  met: z.optional(z.boolean()),
  suppressed: z.optional(z.enum(['small', 'secondary'])),
};

const indicatorFigure = named('IndicatorFigure', z.object({ id: z.string(), ...figure }));
export type FigureView = Omit<z.output<typeof indicatorFigure>, 'id'>;

const metricsSchema = named(
  'Metrics',
  z.object({
    division: divisionCode,
    month,
    status,
    revision: z.int(),
    /** Null as long as nothing has been computed. */
    computedAt: z.nullable(instant),
    indicators: z.array(indicatorFigure),
    /** Of a revision: the figures that it changed, as they were before. */
    previous: z.optional(z.array(indicatorFigure)),
  }),
);
export type MetricsView = z.output<typeof metricsSchema>;

const FIGURE_COLUMNS = ['numerator', 'denominator', 'value', 'target', 'met', 'suppressed'] as const;
const cells = (shown: FigureView): Table[number] => FIGURE_COLUMNS.map((name) => shown[name]);

const place = { division: divisionCode, month };
const example = { division: '510104', month: '2026-10' };

const indicatorSchema = named(
  'Indicator',
  z.object({
    id: z.string(),
    names: shownTexts,
    definition: shownTexts,
    numerator: shownTexts,
    denominator: z.nullable(shownTexts),
    unit: z.enum(UNITS),
    target: z.nullable(z.number()),
    /** Where it is aimed at: `largeCities`, those divisions that say so and what is in them; everywhere where there is a target and none of these. */
    targetIn: z.nullable(z.enum(['largeCities'])),
    source: shownTexts,
    /** Small figures are hidden from the public, and it is shown only when the month is final. */
    sensitive: z.boolean(),
  }),
);
type IndicatorView = z.output<typeof indicatorSchema>;
const TEXT_COLUMNS = ['names', 'definition', 'numerator', 'denominator', 'source'] as const;

export const listIndicators = operation({
  id: 'listIndicators',
  method: 'GET',
  path: '/v1/indicators',
  summary: 'What is counted each month: definition, numerator, denominator, unit, target and source of each indicator',
  access: 'optional',
  query: z.strictObject({}),
  responses: { 200: page(indicatorSchema) },
  csv: ({ items }: { items: readonly IndicatorView[] }) => [
    ['id', ...TEXT_COLUMNS.flatMap((name) => [name, `${name}En`]), 'unit', 'target', 'targetIn'],
    ...items.map((each) => [
      each.id,
      ...TEXT_COLUMNS.flatMap((name) => [each[name]?.['zh-CN'], each[name]?.en]),
      each.unit,
      each.target,
      each.targetIn,
    ]),
  ],
  tag: 'content',
  uses: {},
});

export const readMetrics = operation({
  id: 'readMetrics',
  method: 'GET',
  path: '/v1/metrics',
  summary: 'A division’s month; staff and auditors of the division see all of it',
  description:
    'To the public, sensitive indicators are shown when the month is final, and small figures are suppressed: a denominator of 1 to 4 (`small`), and others as far as they would give it away (`secondary`, which in a later revision may also stand for a small one).',
  access: 'optional',
  query: z.strictObject({ ...place, revision: z.optional(revisionNumber) }),
  responses: { 200: metricsSchema },
  problems: ['notFound'],
  csv: ({ division, month: of, status: is, revision, computedAt, indicators }: MetricsView) => [
    ['division', 'month', 'status', 'revision', 'computedAt', 'indicator', ...FIGURE_COLUMNS],
    ...indicators.map((each) => [division, of, is, revision, computedAt, each.id, ...cells(each)]),
  ],
  tag: 'content',
  uses: { metrics: 'read', divisions: 'read' },
  examples: { query: example },
});

const childFigure = named('ChildFigure', z.object({ division: divisionCode, name: z.string(), rank: z.nullable(z.int()), ...figure }));

const childrenSchema = z.object({
  division: divisionCode,
  month,
  indicator: z.string(),
  status,
  items: z.array(childFigure),
  next: z.nullable(z.string()),
});
export type ChildrenView = z.output<typeof childrenSchema>;

export const rankChildren = operation({
  id: 'rankChildren',
  method: 'GET',
  path: '/v1/metrics/children',
  summary: 'One indicator of the divisions one level below, the best first; what has no value comes last, by code',
  access: 'optional',
  query: z.strictObject({ ...place, indicator: indicatorId, ...paging }),
  responses: { 200: childrenSchema },
  problems: ['notFound', 'cursorInvalid'],
  csv: ({ month: of, indicator, status: is, items }: ChildrenView) => [
    ['division', 'name', 'month', 'status', 'indicator', 'rank', ...FIGURE_COLUMNS],
    ...items.map((each) => [each.division, each.name, of, is, indicator, each.rank, ...cells(each)]),
  ],
  tag: 'content',
  uses: { metrics: 'read', divisions: 'read' },
  examples: { query: { ...example, indicator: 'resolvedOnTimeRate' } },
});

const seriesSchema = z.object({
  division: divisionCode,
  indicator: z.string(),
  items: z.array(named('MonthFigure', z.object({ month, status, revision: z.int(), ...figure }))),
});
export type SeriesView = z.output<typeof seriesSchema>;

export const readSeries = operation({
  id: 'readSeries',
  method: 'GET',
  path: '/v1/metrics/series',
  summary: 'One indicator of a division month by month, at most ten years; the last twelve months unless said',
  access: 'optional',
  query: z.strictObject({ division: divisionCode, indicator: indicatorId, from: z.optional(month), to: z.optional(month) }),
  responses: { 200: seriesSchema },
  problems: ['notFound'],
  csv: ({ division, indicator, items }: SeriesView) => [
    ['division', 'indicator', 'month', 'status', 'revision', ...FIGURE_COLUMNS],
    ...items.map((each) => [division, indicator, each.month, each.status, each.revision, ...cells(each)]),
  ],
  tag: 'content',
  uses: { metrics: 'read', divisions: 'read' },
  examples: { query: { division: '510104', indicator: 'requestsReceived', from: '2026-01', to: '2026-10' } },
});

const factSchema = named(
  'FactRecord',
  z.object({
    /** `requests/<id>`, as its path names it; null of what was asked for in confidence. */
    record: z.nullable(z.string()),
    kind: z.string(),
    /** Or the division above communities in which it lies itself. */
    community: divisionCode,
    /** What it adds to the figure. */
    numerator: z.number(),
    denominator: number,
  }),
);
const factsSchema = page(factSchema);

export const listFacts = operation({
  id: 'listFacts',
  method: 'GET',
  path: '/v1/metrics/facts',
  summary: 'The records behind a figure, by community, from the facts as they are now; for staff and auditors of the division',
  description:
    'Of a final month too: what has come in since its figure was computed is listed at once, where the community counts anything yet, and is in the figure from its next revision on.',
  access: 'signedIn',
  roles: ['worker', 'dispatcher', 'auditor'],
  query: z.strictObject({ ...place, indicator: indicatorId, ...paging }),
  responses: { 200: factsSchema },
  problems: ['notFound', 'cursorInvalid'],
  csv: ({ items }: z.output<typeof factsSchema>) => [
    ['record', 'kind', 'community', 'numerator', 'denominator'],
    ...items.map((each) => [each.record, each.kind, each.community, each.numerator, each.denominator]),
  ],
  uses: { metrics: 'read', divisions: 'read' },
  examples: { query: { ...example, indicator: 'resolvedOnTimeRate' } },
});

export const listRuns = operation({
  id: 'listRuns',
  method: 'GET',
  path: '/v1/metrics/runs',
  summary: 'How far the runs of the schedules have come, newest first: pieces done of those planned',
  access: 'signedIn',
  roles: ['admin', 'auditor'],
  query: z.strictObject({ limit: paging.limit }),
  responses: {
    200: page(
      z.object({
        schedule: z.string(),
        scheduledTime: instant,
        status: z.enum(['planning', 'working', 'done', 'givenUp']),
        closes: z.optional(month),
        pieces: z.int(),
        done: z.int(),
        /** Divisions whose pieces are not done, of a run that works: at most 20. */
        open: z.array(divisionCode),
      }),
    ),
  },
  uses: { metrics: 'read' },
});

export const readDashboard = operation({
  id: 'readDashboard',
  method: 'GET',
  path: '/dashboard',
  summary: 'A page that shows a division’s month as the public sees it, in zh-CN or en',
  access: 'public',
  query: z.strictObject({
    division: z.optional(divisionCode),
    month: z.optional(month),
    indicator: z.optional(indicatorId),
    lang: z.optional(z.enum(['zh-CN', 'en'])),
    download: z.optional(z.enum(['month', 'children', 'series'])),
  }),
  responses: { 200: z.string() },
  media: ['text/html; charset=utf-8', 'text/csv; charset=utf-8'],
  problems: ['notFound'],
  problemPage: true,
  tag: 'content',
  uses: { metrics: 'read', divisions: 'read' },
  examples: { query: { division: '510104', month: '2026-10', lang: 'en' } },
});

export const metricsOperations = {
  listIndicators,
  readMetrics,
  rankChildren,
  readSeries,
  listFacts,
  listRuns,
};

export const dashboardOperations = { readDashboard };
