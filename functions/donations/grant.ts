/** Money paid out of a fund, and the four eyes that it takes. Pure. */
import type { DivisionCode } from '../kernel/division.ts';
import type { Fen } from '../kernel/money.ts';
import { toInstant, type EpochMs, type Instant } from '../kernel/time.ts';
import type { GRANT_STATUSES, RECIPIENT_KINDS } from './names.ts';

export type GrantStatus = (typeof GRANT_STATUSES)[number];

export interface Grant {
  readonly id: string;
  readonly version: number;
  readonly change: 'proposed' | 'approved' | 'rejected' | 'paid' | 'reported' | 'traced' | 'givenUp';
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
  /** Of what was paid, what has not been traced to gifts yet. */
  readonly untraced: number;
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
  untraced: 0,
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
    changed(grant, now, { change: 'paid', status: 'paid', paidAt: toInstant(now), paidBy: by, untraced: grant.amount }),
  report: (grant: Grant, by: string, now: EpochMs, reportText: string, media: readonly string[]): Grant =>
    changed(grant, now, {
      change: 'reported',
      reportText,
      media: media.length === 0 ? undefined : media,
      reportedAt: toInstant(now),
      reportedBy: by,
    }),
} as const;

/** So much of it has been traced to gifts. */
export const traced = (grant: Grant, amount: number, now: EpochMs): Grant =>
  changed(grant, now, { change: 'traced', untraced: grant.untraced - amount });

/** A gift that it used goes back: others take its place. */
export const givenUp = (grant: Grant, amount: number, now: EpochMs): Grant =>
  changed(grant, now, { change: 'givenUp', untraced: grant.untraced + amount });
