/** Figures as a caller may see them. Pure. */
import { hasRoleFor, isStaffOf, type Principal } from '../http/principal.ts';
import { sixDecimals } from '../kernel/decimals.ts';
import type { DivisionCode } from '../kernel/division.ts';
import type { Month } from '../kernel/time.ts';
import type { FigureView } from './contract.ts';
import type { Indicator } from './indicator.ts';
import type { Figure } from './repository.ts';
import { INDICATORS } from './sources.ts';
import type { Suppressed } from '../kernel/suppression.ts';

/** Staff and auditors of the division see all. */
export const seesAll = (caller: Principal | undefined, division: DivisionCode): boolean =>
  isStaffOf(caller, division) || hasRoleFor(caller, 'auditor', division);

/** A division's month as it is stored, or nothing where nothing was counted; and whether it is final. */
export interface Standing {
  readonly figure: Figure | undefined;
  readonly final: boolean;
  readonly all: boolean;
  /** The division lies in a large city: some targets are set there alone. */
  readonly inLargeCity: boolean;
  /** Of a community: whether it is one of those that some indicators are a part of, which its street counts; undefined of a larger division. */
  readonly inUse: boolean | undefined;
}

const targetOf = ({ target, targetIn }: Indicator, inLargeCity: boolean): number | undefined =>
  targetIn === undefined || inLargeCity ? target : undefined;

export const isFinal = (through: Month | undefined, month: Month): boolean => through !== undefined && month <= through;

/** What was computed while the month was open is judged when it closes; every revision after that by itself. */
const isJudged = (figure: Figure | undefined): boolean =>
  figure === undefined || figure.revision === 1 || figure.judged === figure.revision;

const suppressed = (label: Suppressed): FigureView => ({ numerator: null, denominator: null, value: null, suppressed: label });

const shown = ({ unit }: Indicator, target: number | undefined, [numerator, denominator]: readonly [number, number]): FigureView => {
  if (unit !== 'ratio') return { numerator, denominator: null, value: numerator };
  const value = denominator === 0 ? null : sixDecimals(numerator / denominator);
  // As it is, not as it is rounded.
  const met = target === undefined || value === null ? {} : { met: numerator >= target * denominator };
  return { numerator, denominator, value, ...met };
};

/** Numerator and denominator. A community by itself is one of one, or of none. */
const partsOf = ({ id, ofCommunities }: Indicator, { figure, inUse }: Pick<Standing, 'figure' | 'inUse'>): readonly [number, number] => {
  const [numerator, denominator] = figure?.sums[id] ?? [0, 0];
  return ofCommunities === undefined || inUse === undefined ? [numerator, denominator] : inUse ? [numerator, 1] : [0, 0];
};

/** One indicator; undefined where the caller does not see it at all. */
export const figureView = (indicator: Indicator, standing: Standing): FigureView | undefined => {
  const { figure, final, all, inLargeCity } = standing;
  if (indicator.sensitive && !all && !(final && isJudged(figure))) return undefined;
  const target = targetOf(indicator, inLargeCity);
  const label = all ? undefined : figure?.hidden?.[indicator.id];
  const view = label === undefined ? shown(indicator, target, partsOf(indicator, standing)) : suppressed(label);
  return target === undefined ? view : { ...view, target };
};

/** All indicators that the caller sees. */
export const figureViews = (standing: Standing): readonly ({ readonly id: string } & FigureView)[] =>
  INDICATORS.flatMap((indicator) => {
    const view = figureView(indicator, standing);
    return view === undefined ? [] : [{ id: indicator.id, ...view }];
  });

const sumsOf = (figure: Figure | undefined, id: string): string => (figure?.sums[id] ?? [0, 0]).join();

/** Of what a revision has changed: how it was before. Of what is hidden, or was, nothing: that it has changed would say too much. */
export const previousViews = (before: Standing, { figure, all }: Standing): readonly ({ readonly id: string } & FigureView)[] =>
  figureViews(before).filter(({ id, suppressed: label }) => {
    const isHidden = label !== undefined || (!all && figure?.hidden?.[id] !== undefined);
    return !isHidden && sumsOf(before.figure, id) !== sumsOf(figure, id);
  });
