/** A visit: what somebody found who called on a recipient, by whichever way. It stays as it was recorded. Pure. */
import type { DivisionCode } from '../kernel/division.ts';
import type { Instant } from '../kernel/time.ts';
import type { VISIT_MODES, VISIT_OUTCOMES } from './names.ts';

export type VisitMode = (typeof VISIT_MODES)[number];
export type VisitOutcome = (typeof VISIT_OUTCOMES)[number];

export interface Visit {
  readonly id: string;
  readonly version: 1;
  /** When it was recorded; it may have taken place long before. */
  readonly changedAt: Instant;
  readonly recipient: string;
  /** The recipient's when it was recorded. */
  readonly community: DivisionCode;
  readonly at: Instant;
  readonly mode: VisitMode;
  readonly outcome: VisitOutcome;
  readonly note?: string | undefined;
  readonly visitor: string;
  /** The request for help that it opens. */
  readonly request?: string | undefined;
}

/** That a visit has found that help is needed: all that anybody else is told of visits. */
export interface HelpCall {
  /** The request for help that is to be opened, by which it is known. */
  readonly request: string;
  readonly version: 1;
  readonly change: 'needed';
  readonly changedAt: Instant;
  readonly community: DivisionCode;
  readonly recipient: string;
  readonly visit: string;
}

export const helpCallOf = ({ id, request, changedAt, community, recipient }: Visit): HelpCall | undefined =>
  request === undefined ? undefined : { request, version: 1, change: 'needed', changedAt, community, recipient, visit: id };
