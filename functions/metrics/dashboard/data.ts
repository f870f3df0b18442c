/** What the dashboard shows. */
import type { Language } from '../../kernel/texts.ts';
import type { ChildrenView, FigureView, MetricsView } from '../contract.ts';
import type { Unit } from '../indicator.ts';

/** As the public sees it: `value` is a rate from 0 to 1, a count, or fen. */
export type DashboardFigure = Pick<FigureView, 'numerator' | 'denominator' | 'value' | 'suppressed'>;

export interface DashboardIndicator extends FigureView {
  readonly id: string;
  readonly name: string;
  readonly definition: string;
  readonly unit: Unit;
}

export interface DashboardPlace {
  readonly code: string;
  readonly name: string;
}

export type DashboardStatus = MetricsView['status'];

export type DashboardMonth = { readonly month: string; readonly status: DashboardStatus } & DashboardFigure;

export type DashboardChild = DashboardPlace & DashboardFigure & Pick<ChildrenView['items'][number], 'rank' | 'met' | 'target'>;

export interface DashboardData {
  readonly language: Language;
  /** From the province down to the division itself; empty at the start page, which lists provinces. */
  readonly path: readonly DashboardPlace[];
  /** `2026-10`. */
  readonly month: string;
  /** To choose from, newest first. */
  readonly months: readonly string[];
  readonly status: DashboardStatus;
  readonly revision: number;
  /** RFC 3339 UTC; shown in Asia/Shanghai. */
  readonly computedAt: string | null;
  readonly indicators: readonly DashboardIndicator[];
  /** The id of the one that trend and ranking show. */
  readonly indicator: string;
  /** Oldest first, every month, those without a value too. */
  readonly trend: readonly DashboardMonth[];
  /** Ranked already. */
  readonly children: readonly DashboardChild[];
}
