/** What the figures of a month need to know of a request: places and dates, and nothing that a person wrote. Pure. */
import type { DivisionCode } from '../kernel/division.ts';
import type { Instant } from '../kernel/time.ts';
import type { Rating, Round, ServiceRequest, Status } from './service-request.ts';

/** `ended`: rejected, cancelled or a duplicate. */
export type Phase = 'open' | 'resolved' | 'ended';

/** Their changes are kept in the request's trail. */
export interface RequestMarks {
  readonly community: DivisionCode;
  readonly phase: Phase;
  /** The first response is the first there ever was: another round does not ask for it again. */
  readonly respondBy: Instant;
  readonly respondedAt?: Instant | undefined;
  readonly resolveBy: Instant;
  readonly resolvedAt?: Instant | undefined;
  /** Waiting for the resident since then: meanwhile it does not become late. */
  readonly pausedAt?: Instant | undefined;
}

/** What each status comes to. */
export const PHASES: Readonly<Record<Status, Phase>> = {
  submitted: 'open',
  accepted: 'open',
  assigned: 'open',
  inProgress: 'open',
  resolved: 'resolved',
  closed: 'resolved',
  rejected: 'ended',
  cancelled: 'ended',
  duplicate: 'ended',
};

type Response = Pick<Round, 'respondBy' | 'respondedAt'>;

/** The clock of the first response: of the round that had it, or of the one that still waits for it. */
export const firstResponse = ({ rounds, respondBy, respondedAt }: Pick<ServiceRequest, 'rounds'> & Response): Response => {
  const answered = rounds.find((round) => round.respondedAt !== undefined);
  return { respondBy: answered?.respondBy ?? respondBy, respondedAt: answered?.respondedAt ?? respondedAt };
};

export const marksOf = (request: ServiceRequest): RequestMarks => ({
  community: request.community,
  phase: PHASES[request.status],
  ...firstResponse(request),
  resolveBy: request.resolveBy,
  resolvedAt: request.resolvedAt,
  pausedAt: request.paused?.at,
});

/** A rating that counts, without who gave it and what they wrote. */
export interface CountedRating {
  readonly at: Instant;
  readonly level: number;
}

/** The ratings of all rounds that no review has struck, oldest first. */
export const countedRatings = ({ rounds, rating }: Pick<ServiceRequest, 'rounds' | 'rating'>): readonly CountedRating[] =>
  [...rounds.map((round) => round.rating), rating]
    .filter((each): each is Rating => each?.counts === true)
    .map(({ at, level }) => ({ at, level }));
