/** Who calls: the claims of a verified token, and how far their right reaches. */
import { covers, isDivisionCode, type DivisionCode } from '../kernel/division.ts';

export const ROLES = ['resident', 'worker', 'dispatcher', 'provider', 'alertOfficer', 'treasurer', 'auditor', 'admin'] as const;
export type Role = (typeof ROLES)[number];

export interface Principal {
  readonly sub: string;
  readonly roles: ReadonlySet<Role>;
  /** The prefix that the person acts in; a resident's is the home community. */
  readonly division: DivisionCode | undefined;
  readonly provider: string | undefined;
}

const isRole = (text: string): text is Role => (ROLES as readonly string[]).includes(text);

/** API Gateway's JWT authorizer hands every claim over as a string, an array as `[a b]`; a token that we verify has the array itself. */
const words = (claim: unknown): readonly string[] => {
  if (Array.isArray(claim)) return claim.filter((each) => typeof each === 'string');
  return typeof claim === 'string' ? claim.replace(/^\[|\]$/g, '').split(/[\s,]+/) : [];
};

const text = (claim: unknown): string | undefined => (typeof claim === 'string' && claim !== '' ? claim : undefined);

const MAX_SUB = 255;
/** Clients of the outer faces act under names that begin so; no token may. */
export const CLIENT_SUB = 'client#';

/** Reads the claims of a verified token; undefined where it names nobody. What it does not know, it gives no right for. */
export const principalOf = (claims: Readonly<Record<string, unknown>>): Principal | undefined => {
  const sub = text(claims['sub']);
  if (sub === undefined || sub.length > MAX_SUB || sub.startsWith(CLIENT_SUB)) return undefined;
  const claimed = claims['division'];
  const division = typeof claimed === 'string' && isDivisionCode(claimed) ? claimed : undefined;
  const roles = words(claims['roles']).filter(isRole);
  // An administrator without a division has the whole country; one whose division cannot be read has nothing.
  const isUnreadable = division === undefined && claimed !== undefined && claimed !== '';
  return {
    sub,
    roles: new Set(isUnreadable ? roles.filter((role) => role !== 'admin') : roles),
    division,
    provider: text(claims['provider']),
  };
};

/** Whether the caller has that role for that place. */
export const hasRoleFor = (caller: Principal | undefined, role: Role, place: string): boolean =>
  caller !== undefined && caller.roles.has(role) && covers(caller.division, place);

/** The provider that somebody acts for: the claim counts with the role. The register may say otherwise. */
export const actingFor = (caller: Principal | undefined): string | undefined =>
  caller?.roles.has('provider') === true ? caller.provider : undefined;

/** The division that a list is asked for: the caller's own where none is named; undefined where it lies outside that. */
export const divisionAsked = (caller: Principal, asked: DivisionCode | undefined): DivisionCode | undefined => {
  const division = asked ?? caller.division;
  return division !== undefined && covers(caller.division, division) ? division : undefined;
};

/** Staff of a community: a worker or dispatcher whose division covers it. Admin is not staff. */
export const isStaffOf = (caller: Principal | undefined, place: string): boolean =>
  hasRoleFor(caller, 'worker', place) || hasRoleFor(caller, 'dispatcher', place);

/** An administrator's right reaches their division; without one, the whole country. */
export const administers = (caller: Principal | undefined, place: string): boolean =>
  caller !== undefined && caller.roles.has('admin') && (caller.division === undefined || covers(caller.division, place));
