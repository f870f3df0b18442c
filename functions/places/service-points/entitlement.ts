/**
 * What a service point (服务网点) is entitled to: water, power, gas and heat at the rates of residents (plan for urban and rural community
 * services in the 14th five-year period: 社区服务网点水、电、气、热执行居民生活类价格). Claimed by a worker, checked by a dispatcher. Pure.
 */
import { addDays, dayOf, fromInstant, toInstant, type Day, type EpochMs, type Instant } from '../../kernel/time.ts';
import { err, ok, type Result } from '../../kernel/result.ts';

/** Water 水, power 电, gas 气, heat 热. */
export const ENTITLEMENT_KINDS = ['water', 'power', 'gas', 'heat'] as const;
export type EntitlementKind = (typeof ENTITLEMENT_KINDS)[number];

export const ENTITLEMENT_STATUSES = ['claimed', 'granted', 'refused'] as const;
export type EntitlementStatus = (typeof ENTITLEMENT_STATUSES)[number];

export interface Claim {
  readonly kind: EntitlementKind;
  /** By which the utility knows who is supplied. */
  readonly account: string;
  readonly claimedAt: Instant;
  readonly claimedBy: string;
}

export interface Entitlement extends Claim {
  readonly status: EntitlementStatus;
  readonly checkedAt?: Instant | undefined;
  readonly checkedBy?: string | undefined;
  readonly reason?: string | undefined;
  /** The last day on which it holds; until it is checked otherwise, without one. */
  readonly validUntil?: Day | undefined;
}

/** What a worker says: when it was claimed may lie back, where it came on paper. */
export interface ClaimInput {
  readonly kind: EntitlementKind;
  readonly account: string;
  readonly claimedAt?: Instant | undefined;
}

/** What is claimed after a worker has put the point: a claim that stands keeps its check, another account is another claim. */
export const claimsAfter = (
  before: readonly Entitlement[],
  inputs: readonly ClaimInput[],
  by: string,
  now: EpochMs,
): readonly Entitlement[] =>
  inputs.map(({ kind, account, claimedAt }) => {
    const known = before.find((each) => each.kind === kind);
    const stands = known?.account === account && (claimedAt === undefined || claimedAt === known.claimedAt);
    return stands ? known : { kind, account, claimedAt: claimedAt ?? toInstant(now), claimedBy: by, status: 'claimed' };
  });

export interface Check {
  readonly granted: boolean;
  readonly reason?: string | undefined;
  readonly validUntil?: Day | undefined;
}

export type CheckFault = 'ownClaim' | 'reasonMissing' | 'endsBefore';

/** What a check makes of a claim. It may be checked again, since a point may lose what it was entitled to; nobody checks a claim of their own. */
export const checked = (
  claim: Entitlement,
  { granted, reason, validUntil }: Check,
  by: string,
  now: EpochMs,
): Result<Entitlement, CheckFault> => {
  if (claim.claimedBy === by) return err('ownClaim');
  if (!granted && reason === undefined) return err('reasonMissing');
  if (validUntil !== undefined && validUntil < dayOf(now)) return err('endsBefore');
  const { kind, account, claimedAt, claimedBy } = claim;
  return ok({
    kind,
    account,
    claimedAt,
    claimedBy,
    status: granted ? 'granted' : 'refused',
    checkedAt: toInstant(now),
    checkedBy: by,
    reason,
    validUntil: granted ? validUntil : undefined,
  });
};

/** The days on which what was granted holds: from the day of the check on. Undefined of what was not granted. */
export const validity = ({
  status,
  checkedAt,
  validUntil,
}: Entitlement): { readonly from: Day; readonly until: Day | undefined } | undefined =>
  status === 'granted' && checkedAt !== undefined ? { from: dayOf(fromInstant(checkedAt)), until: validUntil } : undefined;

/** Whether it holds on any day of a span, both its days included. */
export const holdsWithin = (entitlement: Entitlement, first: Day, last: Day): boolean => {
  const valid = validity(entitlement);
  return valid !== undefined && valid.from < addDays(last, 1) && (valid.until === undefined || valid.until >= first);
};
