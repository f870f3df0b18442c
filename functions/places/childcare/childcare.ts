/** A childcare place (托育机构): how many children it can take, takes, and has waiting. Pure. */
import type { DivisionCode } from '../../kernel/division.ts';
import type { Position } from '../../kernel/position.ts';
import type { Texts } from '../../kernel/texts.ts';
import type { EpochMs } from '../../kernel/time.ts';
import { stampAfter, type Stamped } from '../facility.ts';

/** Places for children under three (托位). */
export interface Places {
  readonly offered: number;
  readonly taken: number;
  /** Children who wait for one. */
  readonly waiting: number;
}

export interface ChildcareFacts extends Places {
  readonly name: Texts;
  readonly community: DivisionCode;
  readonly location?: Position | undefined;
  readonly openingHours?: string | undefined;
  readonly barrierFree?: boolean | undefined;
  readonly phone?: string | undefined;
}

export interface Childcare extends ChildcareFacts, Stamped {
  readonly id: string;
}

/** All of it is replaced by what is said of it now. */
export const childcareFrom = (id: string, facts: ChildcareFacts, before: Childcare | undefined, by: string, now: EpochMs): Childcare => ({
  ...facts,
  id,
  ...stampAfter(before, by, now),
});

export const freeOf = ({ offered, taken }: Places): number => offered - taken;

export const NO_PLACES: Places = { offered: 0, taken: 0, waiting: 0 };
export const added = (one: Places, other: Places): Places => ({
  offered: one.offered + other.offered,
  taken: one.taken + other.taken,
  waiting: one.waiting + other.waiting,
});
