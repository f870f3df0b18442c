/**
 * What a service point (服务网点) is entitled to: water, power, gas and heat at the rates of residents (plan for urban and rural community
 * services in the 14th five-year period: 社区服务网点水、电、气、热执行居民生活类价格). Claimed by a worker, checked by a dispatcher. What was
 * once checked is kept, so that a past month stays as it was. Pure.
 */
import { addDays, dayOf, fromInstant, toInstant, type Day, type EpochMs, type Instant } from '../../kernel/time.ts';
import { err, ok, type Result } from '../../kernel/result.ts';

/** Water 水, power 电, gas 气, heat 热. */
export const ENTITLEMENT_KINDS = ['water', 'power', 'gas', 'heat'] as const;
export type EntitlementKind = (typeof ENTITLEMENT_KINDS)[number];

export const ENTITLEMENT_STATUSES = ['claimed', 'granted', 'refused'] as const;
export type EntitlementStatus = (typeof ENTITLEMENT_STATUSES)[number];

/** As many checks of a kind are kept, the newest: no month that anybody asks for lies before them. Of four kinds 44 KB. */
const MOST_CHECKS = 100;

/** One check of a claim. */
export interface Check {
  /** The version of the point that it made, by which it is found again. */
  readonly version: number;
  readonly at: Instant;
  readonly by: string;
  readonly granted: boolean;
  readonly reason?: string | undefined;
  /** The last day on which what was granted holds; until it is checked otherwise, without one. */
  readonly validUntil?: Day | undefined;
}

/** What is claimed of a kind under one account, and all that became of it. */
export interface Entitlement {
  readonly kind: EntitlementKind;
  /** By which the utility knows who is supplied; absent until somebody knows it. */
  readonly account?: string | undefined;
  readonly claimedAt: Instant;
  readonly claimedBy: string;
  /** Oldest first. */
  readonly checks: readonly Check[];
  /** Since when it is claimed no more; absent of what is. */
  readonly endedAt?: Instant | undefined;
}

/** What a worker says: when it was claimed may lie back, where it came on paper. */
export interface ClaimInput {
  readonly kind: EntitlementKind;
  /** Whatever is known already, without one. */
  readonly account?: string | undefined;
  readonly claimedAt?: Instant | undefined;
}

const isClaimed = ({ endedAt }: Entitlement): boolean => endedAt === undefined;

/** What is claimed now. */
export const claimsIn = (entitlements: readonly Entitlement[] = []): readonly Entitlement[] => entitlements.filter(isClaimed);

/** What was claimed once and checked, and is claimed no more. */
export const endedIn = (entitlements: readonly Entitlement[] = []): readonly Entitlement[] =>
  entitlements.filter((each) => !isClaimed(each));

/** Keeps the newest checks of each kind, and of what is claimed no more only what was checked. */
const bounded = (entitlements: readonly Entitlement[]): readonly Entitlement[] => {
  const left = new Map<EntitlementKind, number>();
  return entitlements
    .toReversed()
    .flatMap((each): Entitlement[] => {
      const most = left.get(each.kind) ?? MOST_CHECKS;
      const checks = each.checks.slice(Math.max(0, each.checks.length - most));
      left.set(each.kind, most - checks.length);
      return isClaimed(each) || checks.length > 0 ? [{ ...each, checks }] : [];
    })
    .toReversed();
};

/** Whether it is the claim that stands, and keeps its checks. */
const isSame = (known: Entitlement, { account, claimedAt }: ClaimInput): boolean =>
  (account === undefined || account === known.account) && (claimedAt === undefined || claimedAt === known.claimedAt);

/** Whether what is said is what is claimed already, no more and no less. */
export const claimsTheSame = (before: readonly Entitlement[] | undefined, inputs: readonly ClaimInput[]): boolean => {
  const claims = claimsIn(before);
  return claims.length === inputs.length && inputs.every((input) => claims.some((each) => each.kind === input.kind && isSame(each, input)));
};

/** After a worker has said what is claimed: a claim that stands keeps its checks, another account is another claim, what is not named ends. */
export const claimsAfter = (
  before: readonly Entitlement[] | undefined,
  inputs: readonly ClaimInput[],
  by: string,
  now: EpochMs,
): readonly Entitlement[] => {
  const claims = claimsIn(before);
  const next = inputs.map((input): Entitlement => {
    const known = claims.find((each) => each.kind === input.kind && isSame(each, input));
    const { kind, account, claimedAt = toInstant(now) } = input;
    return known ?? { kind, account, claimedAt, claimedBy: by, checks: [] };
  });
  const ended = claims.filter((each) => !next.includes(each)).map((each) => ({ ...each, endedAt: toInstant(now) }));
  return bounded([...endedIn(before), ...ended, ...next]);
};

/** What a dispatcher finds. */
export type Finding = Pick<Check, 'granted' | 'reason' | 'validUntil'>;

/** What is wrong with a finding: nobody checks a claim of their own; a refusal has a reason; nothing is granted until a day that is past. */
export type CheckFault = 'ownClaim' | readonly ('reasonMissing' | 'endsBefore')[];

/**
 * What a point has claimed, after a check of one of its claims that makes a version of it. A claim may be checked again at any time, since a
 * point may lose what it had; nobody checks a claim of their own.
 */
export const checkedIn = (
  entitlements: readonly Entitlement[] | undefined = [],
  claim: Entitlement,
  { granted, reason, validUntil }: Finding,
  { by, now, version }: { readonly by: string; readonly now: EpochMs; readonly version: number },
): Result<readonly Entitlement[], CheckFault> => {
  if (claim.claimedBy === by) return err('ownClaim');
  const wrong = [
    ...(granted || reason !== undefined ? [] : (['reasonMissing'] as const)),
    ...(validUntil === undefined || validUntil >= dayOf(now) ? [] : (['endsBefore'] as const)),
  ];
  if (wrong.length > 0) return err(wrong);
  // Clocks of machines differ: what was found later is never told as if it had been found before.
  const last = claim.checks.at(-1)?.at ?? toInstant(now);
  const check: Check = {
    version,
    at: last > toInstant(now) ? last : toInstant(now),
    by,
    granted,
    reason,
    validUntil: granted ? validUntil : undefined,
  };
  return ok(bounded(entitlements.map((each) => (each === claim ? { ...claim, checks: [...claim.checks, check] } : each))));
};

/** The claim as the check left it that made that version of the point; undefined where no check that is still kept did. */
export const asCheckedIn = (entitlements: readonly Entitlement[] | undefined = [], version: number): Entitlement | undefined => {
  const claim = entitlements.find(({ checks }) => checks.some((each) => each.version === version));
  if (claim === undefined) return undefined;
  const { endedAt: _, ...claimed } = claim;
  return { ...claimed, checks: claim.checks.filter((each) => each.version <= version) };
};

/** Days on which it holds, both included; without an end until it is checked otherwise. */
export interface Span {
  readonly from: Day;
  readonly until: Day | undefined;
}

const isOpenOn = (span: Span | undefined, day: Day): span is Span => span !== undefined && (span.until === undefined || span.until >= day);

/** The spans after what holds has ended the day before; what began on that day has held on none. */
const endedBefore = (spans: readonly Span[], day: Day): readonly Span[] => {
  const last = spans.at(-1);
  if (!isOpenOn(last, day)) return spans;
  return [...spans.slice(0, -1), ...(last.from < day ? [{ from: last.from, until: addDays(day, -1) }] : [])];
};

/**
 * The days on which it holds, oldest first, as all that happened before a moment says: from the day of a check that grants it on; one that
 * grants it again extends that, one that refuses it, and the end of the claim, let it end the day before.
 */
export const spansOf = ({ checks, endedAt }: Pick<Entitlement, 'checks' | 'endedAt'>, asOf?: Instant): readonly Span[] => {
  const isTold = (at: Instant): boolean => asOf === undefined || at < asOf;
  let spans: readonly Span[] = [];
  for (const { at, granted, validUntil: until } of checks.filter((each) => isTold(each.at))) {
    const day = dayOf(fromInstant(at));
    const last = spans.at(-1);
    if (!granted) spans = endedBefore(spans, day);
    else if (isOpenOn(last, addDays(day, -1))) spans = [...spans.slice(0, -1), { from: last.from, until }];
    else spans = [...spans, { from: day, until }];
  }
  return endedAt === undefined || !isTold(endedAt) ? spans : endedBefore(spans, dayOf(fromInstant(endedAt)));
};

/** Whether any of its days is one of those from one to another, both included. */
export const meets = ({ from, until }: Span, first: Day, last: Day): boolean => from <= last && (until === undefined || until >= first);

/** What the last check has made of it. */
export const statusOf = ({ checks }: Entitlement): EntitlementStatus => {
  const last = checks.at(-1);
  return last === undefined ? 'claimed' : last.granted ? 'granted' : 'refused';
};
