/** Money paid out of a fund, and the four eyes that it takes. Pure. */
import type { DivisionCode } from '../kernel/division.ts';
import type { Fen } from '../kernel/money.ts';
import { toInstant, type EpochMs, type Instant } from '../kernel/time.ts';
import type { GRANT_STATUSES, RECIPIENT_KINDS } from './names.ts';

export type GrantStatus = (typeof GRANT_STATUSES)[number];

export interface Grant {
  readonly id: string;
  readonly version: number;
  readonly change: 'proposed' | 'approved' | 'rejected' | 'paid' | 'reported';
  readonly changedAt: Instant;
  readonly fund: string;
  readonly division: DivisionCode;
  readonly purpose: string;
  readonly amount: Fen;
  readonly recipientKind: (typeof RECIPIENT_KINDS)[number];
  readonly recipientName: string;
  readonly reason: string;
  readonly administrative: boolean;
  readonly status: GrantStatus;
  readonly proposedAt: Instant;
  readonly proposedBy: string;
  readonly decidedAt?: Instant | undefined;
  readonly decidedBy?: string | undefined;
  /** Why it was rejected. */
  readonly note?: string | undefined;
  readonly paidAt?: Instant | undefined;
  readonly paidBy?: string | undefined;
  readonly reportText?: string | undefined;
  readonly media?: readonly string[] | undefined;
  readonly reportedAt?: Instant | undefined;
  readonly reportedBy?: string | undefined;
}

export type GrantAction = 'approve' | 'reject' | 'pay' | 'report';

/** What may be done with it now. */
export const actionsOf = ({ status, reportedAt }: Pick<Grant, 'status' | 'reportedAt'>): readonly GrantAction[] => {
  switch (status) {
    case 'proposed':
      return ['approve', 'reject'];
    case 'approved':
      return ['pay'];
    case 'paid':
      return reportedAt === undefined ? ['report'] : [];
    case 'rejected':
      return [];
  }
};

export const newGrant = (
  given: Pick<Grant, 'id' | 'fund' | 'division' | 'purpose' | 'amount' | 'recipientKind' | 'recipientName' | 'reason' | 'administrative'>,
  by: string,
  now: EpochMs,
): Grant => ({
  ...given,
  version: 1,
  change: 'proposed',
  changedAt: toInstant(now),
  status: 'proposed',
  proposedAt: toInstant(now),
  proposedBy: by,
});

const changed = (grant: Grant, now: EpochMs, to: Pick<Grant, 'change'> & Partial<Grant>): Grant => ({
  ...grant,
  ...to,
  version: grant.version + 1,
  changedAt: toInstant(now),
});

/** What each action makes of it; whether it is open is asked of {@link actionsOf}. */
export const afterAction = {
  approve: (grant: Grant, by: string, now: EpochMs): Grant =>
    changed(grant, now, { change: 'approved', status: 'approved', decidedAt: toInstant(now), decidedBy: by }),
  reject: (grant: Grant, by: string, now: EpochMs, note: string | undefined): Grant =>
    changed(grant, now, { change: 'rejected', status: 'rejected', decidedAt: toInstant(now), decidedBy: by, note }),
  pay: (grant: Grant, by: string, now: EpochMs): Grant =>
    changed(grant, now, { change: 'paid', status: 'paid', paidAt: toInstant(now), paidBy: by }),
  report: (grant: Grant, by: string, now: EpochMs, reportText: string, media: readonly string[]): Grant =>
    changed(grant, now, {
      change: 'reported',
      reportText,
      media: media.length === 0 ? undefined : media,
      reportedAt: toInstant(now),
      reportedBy: by,
    }),
} as const;

/**
 * How far a grant that was paid has been followed back to the gifts that it came from. Kept beside it: whoever has read a grant has read the
 * same one however far this is.
 */
export interface Trace {
  readonly id: string;
  readonly version: number;
  readonly fund: string;
  readonly purpose: string;
  readonly paidAt: Instant;
  readonly untraced: number;
}

export const newTrace = ({ id, fund, purpose, amount }: Grant, paidAt: Instant): Trace => ({
  id,
  version: 1,
  fund,
  purpose,
  paidAt,
  untraced: amount,
});

/** So much of it has been traced; less than 0 where a gift that it used goes back, and others take its place. */
export const traced = (trace: Trace, amount: number): Trace => ({
  ...trace,
  version: trace.version + 1,
  untraced: trace.untraced - amount,
});
