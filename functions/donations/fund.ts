/** A fund of a community foundation (社区基金会): whose it is, and what may be given for. Pure. */
import { hasRoleFor, type Principal } from '../http/principal.ts';
import type { DivisionCode } from '../kernel/division.ts';
import type { Texts } from '../kernel/texts.ts';
import { toInstant, type EpochMs, type Instant } from '../kernel/time.ts';
import { GENERAL } from './names.ts';

export interface Purpose {
  readonly code: string;
  readonly name: Texts;
}

export interface Fund {
  readonly id: string;
  readonly version: number;
  readonly change: 'founded' | 'widened';
  readonly changedAt: Instant;
  readonly name: Texts;
  readonly division: DivisionCode;
  readonly purposes: readonly Purpose[];
  /** Accounts of each purpose, on which gifts are spread; it may be raised and not lowered. */
  readonly accounts: number;
  readonly createdAt: Instant;
  readonly createdBy: string;
}

const GENERAL_NAME: Texts = { 'zh-CN': '不限定用途', en: 'Unrestricted' };

/** Codes of everything that can be given for: what has no purpose of its own first. */
export const purposeCodes = ({ purposes }: Pick<Fund, 'purposes'>): readonly string[] => [
  ...new Set([GENERAL, ...purposes.map(({ code }) => code)]),
];

export const purposeName = ({ purposes }: Pick<Fund, 'purposes'>, code: string): Texts =>
  purposes.find((each) => each.code === code)?.name ?? GENERAL_NAME;

export const newFund = (
  { id, name, division, purposes }: Pick<Fund, 'id' | 'name' | 'division' | 'purposes'>,
  by: string,
  now: EpochMs,
): Fund => ({
  id,
  version: 1,
  change: 'founded',
  changedAt: toInstant(now),
  name,
  division,
  purposes,
  accounts: 1,
  createdAt: toInstant(now),
  createdBy: by,
});

export const keepsBooksOf = (caller: Principal | undefined, { division }: { readonly division: string }): boolean =>
  hasRoleFor(caller, 'treasurer', division);

/** Treasurers and auditors of the division. */
export const seesBooksOf = (caller: Principal | undefined, of: { readonly division: string }): boolean =>
  keepsBooksOf(caller, of) || hasRoleFor(caller, 'auditor', of.division);
