/** What the work of providers came to: each round that was resolved, and each rectification. Nothing that a person wrote. Pure. */
import type { DivisionCode } from '../kernel/division.ts';
import type { Instant } from '../kernel/time.ts';
import type { Rectification } from './rectification.ts';
import type { Round, ServiceRequest } from './service-request.ts';

interface WorkOfProviders {
  readonly version: number;
  readonly community: DivisionCode;
  /** Of a confidential request: nothing points to it. */
  readonly confidential: boolean;
  /** Whoever of the staff accepted or assigned it, called back or said that it was fixed. */
  readonly involved: readonly string[];
}

/** A round of a request that has been resolved. */
export interface RatedRound extends WorkOfProviders {
  readonly request: string;
  readonly round: number;
  /** Who resolved it; undefined where that was no provider. */
  readonly provider: string | undefined;
  /** Who had it when its deadline passed, where it was resolved after that; undefined where nobody, or no provider, had. */
  readonly lateBy: string | undefined;
  readonly resolvedAt: Instant;
  /** Without who gave it and what they wrote. */
  readonly rating?: { readonly level: number; readonly at: Instant; readonly counts: boolean } | undefined;
}

export interface RectifiedWork extends WorkOfProviders {
  readonly rectification: string;
  readonly provider: string;
  readonly callBackBy: Instant;
  readonly calledBackAt?: Instant | undefined;
  readonly fixBy: Instant;
  readonly fixedAt?: Instant | undefined;
  /** The rating that it follows no longer counts. */
  readonly struck: boolean;
}

/** The provider who had it in that round, at the last or at a moment; undefined where nobody had, or somebody else. */
const providerIn = ({ history }: ServiceRequest, round: number, at?: Instant): string | undefined => {
  const last = history.findLast(
    (entry) => entry.round === round && (at === undefined || entry.at <= at) && (entry.action === 'assign' || entry.action === 'transfer'),
  );
  return last?.to?.kind === 'provider' ? last.to.id : undefined;
};

/** Whoever accepted or assigned it in that round. */
const handlersIn = ({ history }: ServiceRequest, round: number): readonly string[] => [
  ...new Set(
    history.flatMap((entry) =>
      entry.round === round && (entry.action === 'accept' || entry.action === 'assign') && entry.by !== undefined ? [entry.by] : [],
    ),
  ),
];

export const ratedRounds = (request: ServiceRequest): readonly RatedRound[] => {
  const { id, version, community, visibility, round, respondBy, resolveBy, resolvedAt, rating } = request;
  const rounds: readonly Round[] = [...request.rounds, { round, respondBy, resolveBy, resolvedAt, rating }];
  return rounds.flatMap((each): RatedRound[] => {
    if (each.resolvedAt === undefined) return [];
    const { level, at, counts } = each.rating ?? {};
    return [
      {
        request: id,
        version,
        community,
        confidential: visibility === 'confidential',
        involved: handlersIn(request, each.round),
        round: each.round,
        provider: providerIn(request, each.round),
        lateBy: each.resolvedAt > each.resolveBy ? providerIn(request, each.round, each.resolveBy) : undefined,
        resolvedAt: each.resolvedAt,
        rating: level === undefined || at === undefined || counts === undefined ? undefined : { level, at, counts },
      },
    ];
  });
};

export const rectifiedWork = (rectification: Rectification, request: ServiceRequest | undefined): RectifiedWork | undefined => {
  const { id, version, community, confidential, round, assigned, acceptedBy, callBackBy, callback, fixBy, fix, status } = rectification;
  if (assigned?.kind !== 'provider') return undefined;
  const handlers = request === undefined ? [] : handlersIn(request, round);
  return {
    rectification: id,
    version,
    community,
    confidential,
    involved: [...new Set([...handlers, acceptedBy, callback?.by, fix?.by])].filter((each) => each !== undefined),
    provider: assigned.id,
    callBackBy,
    calledBackAt: callback?.at,
    fixBy,
    fixedAt: fix?.at,
    struck: status === 'struck',
  };
};
