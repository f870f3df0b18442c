/** What the work of providers came to: each round that one resolved, and each rectification of such work. Nothing that a person wrote. Pure. */
import type { DivisionCode } from '../kernel/division.ts';
import type { Instant } from '../kernel/time.ts';
import type { Rectification } from './rectification.ts';
import type { Round, ServiceRequest } from './service-request.ts';

/** A round of a request that a provider has resolved. */
export interface RatedRound {
  readonly request: string;
  readonly version: number;
  readonly community: DivisionCode;
  readonly round: number;
  readonly provider: string;
  readonly resolveBy: Instant;
  readonly resolvedAt: Instant;
  /** Without who gave it and what they wrote. */
  readonly rating?: { readonly level: number; readonly at: Instant; readonly counts: boolean } | undefined;
}

export interface RectifiedWork {
  readonly rectification: string;
  readonly version: number;
  readonly community: DivisionCode;
  readonly provider: string;
  readonly openedAt: Instant;
  readonly fixBy: Instant;
  readonly fixedAt?: Instant | undefined;
  /** The rating that it follows no longer counts. */
  readonly struck: boolean;
}

/** The provider who had it last in that round; undefined where it was somebody else. */
const providerIn = ({ history }: ServiceRequest, round: number): string | undefined => {
  const to = history.findLast((entry) => entry.action === 'assign' && entry.round === round)?.to;
  return to?.kind === 'provider' ? to.id : undefined;
};

export const ratedRounds = (request: ServiceRequest): readonly RatedRound[] => {
  const { round, respondBy, resolveBy, resolvedAt, rating } = request;
  const rounds: readonly Round[] = [...request.rounds, { round, respondBy, resolveBy, resolvedAt, rating }];
  return rounds.flatMap((each): RatedRound[] => {
    const provider = providerIn(request, each.round);
    if (provider === undefined || each.resolvedAt === undefined) return [];
    const { level, at, counts } = each.rating ?? {};
    const given = level === undefined || at === undefined || counts === undefined ? undefined : { level, at, counts };
    return [
      {
        request: request.id,
        version: request.version,
        community: request.community,
        round: each.round,
        provider,
        resolveBy: each.resolveBy,
        resolvedAt: each.resolvedAt,
        rating: given,
      },
    ];
  });
};

export const rectifiedWork = (rectification: Rectification): RectifiedWork | undefined => {
  const { id, version, community, assigned, openedAt, fixBy, fix, status } = rectification;
  if (assigned?.kind !== 'provider') return undefined;
  return { rectification: id, version, community, provider: assigned.id, openedAt, fixBy, fixedAt: fix?.at, struck: status === 'struck' };
};
