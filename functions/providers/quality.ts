/**
 * The quality score (质量综合评价) of a division's month: the weighted mean of what its indicators reach of their targets, by a method that
 * everybody can read. It is made of what its reader sees, so that it tells of no figure that is hidden from them. Pure.
 */
import { twoDecimals as rounded } from '../kernel/decimals.ts';

export interface QualityMethod {
  /** Grows each time that the setting is set. */
  readonly version: number;
  readonly parts: readonly QualityPart[];
}

export interface QualityPart {
  readonly indicator: string;
  readonly weight: number;
  /** The value that earns all of its points; the indicator's own target, or 1, where none is said. */
  readonly target?: number | undefined;
}

/** What a reader sees of an indicator. */
export interface SeenFigure {
  readonly id: string;
  readonly value: number | null;
  readonly target?: number | undefined;
  readonly suppressed?: string | undefined;
}

export type LeftOut = 'suppressed' | 'notPublicYet' | 'empty' | 'notCounted';

export interface ScoredPart {
  readonly indicator: string;
  readonly value: number;
  readonly target: number;
  readonly weight: number;
  /** Of `weight`. */
  readonly points: number;
}

export interface QualityScore {
  /** Of 100; null where nothing is to be seen. */
  readonly score: number | null;
  readonly parts: readonly ScoredPart[];
  readonly leftOut: readonly { readonly indicator: string; readonly why: LeftOut }[];
}

const FULL = 100;

const leftOut = (figure: SeenFigure | undefined, isCounted: boolean): LeftOut => {
  if (figure === undefined) return isCounted ? 'notPublicYet' : 'notCounted';
  return figure.suppressed === undefined ? 'empty' : 'suppressed';
};

/** 100 × the points of all parts that are seen ÷ their weights. */
export const qualityScore = (
  { parts }: QualityMethod,
  seen: readonly SeenFigure[],
  isCounted: (indicator: string) => boolean,
): QualityScore => {
  const scored: ScoredPart[] = [];
  const out: { indicator: string; why: LeftOut }[] = [];
  for (const { indicator, weight, target: said } of parts) {
    const figure = seen.find(({ id }) => id === indicator);
    const value = figure?.value ?? null;
    if (value === null) {
      out.push({ indicator, why: leftOut(figure, isCounted(indicator)) });
      continue;
    }
    const target = said ?? figure?.target ?? 1;
    scored.push({ indicator, value, target, weight, points: rounded(weight * Math.min(1, value / target)) });
  }
  const weights = scored.reduce((sum, { weight }) => sum + weight, 0);
  const points = scored.reduce((sum, each) => sum + each.points, 0);
  return { score: weights === 0 ? null : rounded((FULL * points) / weights), parts: scored, leftOut: out };
};
