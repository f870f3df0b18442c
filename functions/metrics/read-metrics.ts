import { divisionsReader, inUseIn, type DivisionImage, type DivisionsReader } from '../divisions/reader.ts';
import type { Run } from '../http/call.ts';
import { keptFor } from '../http/kept.ts';
import type { Principal } from '../http/principal.ts';
import { wrongField, type Failure } from '../http/problem.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import type { DivisionCode } from '../kernel/division.ts';
import type { EpochMs, Month } from '../kernel/time.ts';
import type { MetricsView, readMetrics as declaration } from './contract.ts';
import type { Indicator } from './indicator.ts';
import { metricsRepository, type Figure, type MetricsRepository } from './repository.ts';
import { indicatorOf, INDICATORS } from './sources.ts';
import { figureViews, isFinal, previousViews, seesAll, type Standing } from './view.ts';

/** A final month changes seldom, and by revisions; one that is under way by the hour. */
const KEPT_SECONDS = { final: 300, provisional: 60 } as const;

/** Everybody's figures may be kept on the way; those of staff are theirs alone. */
export const cacheFor = (caller: Principal | undefined, status: 'final' | 'provisional'): ReturnType<typeof keptFor> =>
  keptFor(caller, KEPT_SECONDS[status]);

export const indicatorNamed = (id: string): Result<Indicator, Failure> => {
  const found = indicatorOf(id);
  const known = INDICATORS.map((each) => each.id).join(', ');
  return found === undefined
    ? err(wrongField('indicator', { 'zh-CN': `没有这个指标；现有：${known}`, en: `is no indicator; there are ${known}` }))
    : ok(found);
};

/** A division; whether it lies in a large city is asked only where a target depends on it. */
export const placeFor = async (
  divisions: DivisionsReader,
  division: DivisionCode,
  { targetIn }: Pick<Indicator, 'targetIn'>,
): ReturnType<DivisionsReader['findPlaced']> =>
  targetIn === undefined ? { division: await divisions.find(division), inLargeCity: false } : divisions.findPlaced(division);

export const statusOf = ({ final }: Standing): 'final' | 'provisional' => (final ? 'final' : 'provisional');

/** A figure of the revision that is asked for; undefined where there is no such revision. What was nothing has left nothing behind. */
const ofRevision = async (
  repository: MetricsRepository,
  newest: Figure | undefined,
  { division, month, revision }: { readonly division: DivisionCode; readonly month: Month; readonly revision: number | undefined },
): Promise<{ readonly figure: Figure | undefined } | undefined> => {
  const last = newest?.revision ?? 1;
  if (revision === undefined || revision === last) return { figure: newest };
  if (revision > last) return undefined;
  return { figure: await repository.revision(division, month, revision) };
};

/** Where a division lies: read while its figures are. Whoever hands it on waits for it as well, so that its failure is heard. */
export type Placing = Promise<{ readonly division: DivisionImage | undefined; readonly inLargeCity: boolean }>;

/** Of a community, whether it was in use in a month. */
export const useOf = (division: DivisionImage | undefined, month: Month, now: EpochMs): boolean | undefined =>
  division === undefined ? undefined : inUseIn(division, month, now);

/** How a division's month stands; undefined where there is no such revision. */
export const metricsOf = async (
  repository: MetricsRepository,
  asked: { readonly division: DivisionCode; readonly month: Month; readonly revision?: number | undefined; readonly now: EpochMs },
  place: Placing,
  all: boolean,
): Promise<MetricsView | undefined> => {
  const { division, month } = asked;
  const closings = await repository.findClosings();
  const newest = await repository.figure(division, month);
  const found = await ofRevision(repository, newest, { division, month, revision: asked.revision });
  if (found === undefined) return undefined;
  const { figure } = found;
  const final = isFinal(closings?.through, month);
  const { division: placed, inLargeCity } = await place;
  const standing: Standing = { figure, final, all, inLargeCity, inUse: useOf(placed, month, asked.now) };
  const revision = asked.revision ?? figure?.revision ?? 1;
  const changedAt = all || final ? figure?.computedAt : figure?.publicAt;
  const computedAt = changedAt ?? (final ? (await repository.closing(month))?.closedAt : undefined) ?? null;
  const before = revision === 1 ? undefined : { ...standing, figure: await repository.revision(division, month, revision - 1) };
  return {
    division,
    month,
    status: statusOf(standing),
    revision,
    computedAt,
    indicators: [...figureViews(standing)],
    ...(before === undefined ? {} : { previous: [...previousViews(before, standing)] }),
  };
};

export const readMetrics: Run<typeof declaration> = async ({ runtime, caller, now, query: { division, month, revision } }) => {
  const repository = metricsRepository(runtime.database);
  const place = divisionsReader(runtime.database).findPlaced(division);
  const asked = { division, month, now, revision: revision === undefined ? undefined : Number(revision) };
  const [{ division: found }, metrics] = await Promise.all([place, metricsOf(repository, asked, place, seesAll(caller, division))]);
  if (found === undefined || metrics === undefined) return err({ code: 'notFound' });
  return ok({ status: 200, body: metrics, ...cacheFor(caller, metrics.status) });
};
