/** Public and collective money that comes into a fund, counted once a second person has said so. Pure. */
import type { DivisionCode } from '../kernel/division.ts';
import type { Fen } from '../kernel/money.ts';
import { toInstant, type EpochMs, type Instant } from '../kernel/time.ts';
import type { INCOME_SOURCES, INCOME_STATUSES } from './names.ts';

export interface Income {
  readonly id: string;
  readonly version: number;
  readonly change: 'proposed' | 'approved' | 'used';
  readonly changedAt: Instant;
  readonly fund: string;
  readonly division: DivisionCode;
  readonly purpose: string;
  readonly source: (typeof INCOME_SOURCES)[number];
  readonly amount: Fen;
  /** The document that it stands in: a number of a budget, a statement of a bank. */
  readonly reference: string;
  readonly status: (typeof INCOME_STATUSES)[number];
  readonly proposedAt: Instant;
  readonly proposedBy: string;
  readonly approvedAt?: Instant | undefined;
  readonly approvedBy?: string | undefined;
  /** Of it, what no grant has used yet. */
  readonly unused: number;
}

export const newIncome = (
  given: Pick<Income, 'id' | 'fund' | 'division' | 'purpose' | 'source' | 'amount' | 'reference'>,
  by: string,
  now: EpochMs,
): Income => ({
  ...given,
  version: 1,
  change: 'proposed',
  changedAt: toInstant(now),
  status: 'proposed',
  proposedAt: toInstant(now),
  proposedBy: by,
  unused: 0,
});

/** What may be done with it now. */
export const actionsOf = ({ status }: Pick<Income, 'status'>): readonly 'approve'[] => (status === 'proposed' ? ['approve'] : []);

export const approved = (income: Income, by: string, now: EpochMs): Income => ({
  ...income,
  version: income.version + 1,
  change: 'approved',
  changedAt: toInstant(now),
  status: 'approved',
  approvedAt: toInstant(now),
  approvedBy: by,
  unused: income.amount,
});

export const used = (income: Income, amount: number, now: EpochMs): Income => ({
  ...income,
  version: income.version + 1,
  change: 'used',
  changedAt: toInstant(now),
  unused: income.unused - amount,
});
