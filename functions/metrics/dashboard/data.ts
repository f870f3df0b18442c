/** What the dashboard shows. */
import type { Language } from '../../kernel/texts.ts';

export interface DashboardFigure {
  readonly numerator: number | null;
  readonly denominator: number | null;
  /** A rate from 0 to 1, a count, or fen. */
  readonly value: number | null;
  readonly suppressed?: 'small' | 'secondary' | undefined;
}

export type DashboardUnit = 'count' | 'ratio' | 'fen';

export interface DashboardIndicator extends DashboardFigure {
  readonly id: string;
  readonly name: string;
  readonly definition: string;
  readonly unit: DashboardUnit;
  readonly target?: number | undefined;
  readonly met?: boolean | undefined;
}

export interface DashboardPlace {
  readonly code: string;
  readonly name: string;
}

export type DashboardStatus = 'provisional' | 'final';

export type DashboardMonth = { readonly month: string; readonly status: DashboardStatus } & DashboardFigure;

export type DashboardChild = DashboardPlace & DashboardFigure & { readonly met?: boolean | undefined };

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
