/** Who must not: made from who may. */
import { ROLES } from '../../functions/http/principal.ts';
import type { OperationSpec } from '../../functions/http/operation.ts';
import type { TokenClaims } from '../../lib/local/issuer.ts';
import { NAMED_VOLUNTEER } from './people.ts';
import type { Reach, Sample } from './samples.ts';

export interface Stranger {
  readonly name: string;
  readonly as: TokenClaims | undefined;
  readonly reach: Reach;
}

/** The same level in another county; another city's and province's where the level is higher. */
const elsewhereOf = (division: string | undefined): string =>
  division === undefined || division.length >= 6
    ? '510105006001'.slice(0, division?.length ?? 6)
    : '310101001001'.slice(0, division.length);

/** Everybody that an operation has to tell apart, and what must become of each. */
export const strangersOf = (operation: OperationSpec, sample: Sample, as: TokenClaims): readonly Stranger[] => {
  const allowed = operation.roles ?? sample.roles ?? [];
  const division = as.division ?? '510104';
  const { volunteer, anybody = 'refused', another = 'refused', elsewhere = 'refused', nowhere = 'refused', stranger = 'allowed' } = sample;
  const { division: _, ...rest } = as;
  const named = (name: string): string => `${name}-of-${operation.id}`;
  return [
    { name: 'nobody', as: undefined, reach: anybody },
    {
      name: 'somebody without a role',
      as: { sub: named('roleless'), roles: [], division },
      reach: allowed.length === ROLES.length ? stranger : anybody,
    },
    ...ROLES.map((role): Stranger => ({
      name: `a stranger who is ${role}`,
      as: { sub: named(role), roles: [role], division, ...(role === 'provider' ? { provider: 'strange' } : {}) },
      reach: allowed.includes(role) ? stranger : anybody,
    })),
    ...(volunteer === undefined ? [] : [{ name: 'a named volunteer', as: NAMED_VOLUNTEER, reach: volunteer }]),
    { name: 'another person', as: { ...as, sub: named('another') }, reach: another },
    { name: 'the same role elsewhere', as: { ...as, sub: named('elsewhere'), division: elsewhereOf(as.division) }, reach: elsewhere },
    { name: 'the same role without a division', as: { ...rest, sub: named('nowhere') }, reach: nowhere },
  ];
};
