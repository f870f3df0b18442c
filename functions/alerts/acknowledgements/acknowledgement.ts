/** What a resident answers to an alert: that they are safe, or need help. One standing answer a person and alert. Pure. */
import { hasRoleFor, isStaffOf, type Principal } from '../../http/principal.ts';
import type { Channel } from '../../kernel/channel.ts';
import { levelOf, type DivisionCode } from '../../kernel/division.ts';
import type { Represented } from '../../kernel/represented.ts';
import type { Position } from '../../kernel/position.ts';
import { toInstant, type EpochMs, type Instant } from '../../kernel/time.ts';
import type { AlertStatus } from '../alert.ts';
import type { ANSWERS } from './names.ts';

export type Answer = (typeof ANSWERS)[number];

/** What is for helpers and the person alone. */
export interface Told {
  readonly note?: string | undefined;
  readonly address?: string | undefined;
  readonly location?: Position | undefined;
  readonly contact?: { readonly name?: string | undefined; readonly phone?: string | undefined } | undefined;
  /** For whom a worker took it down. */
  readonly onBehalfOf?: Represented | undefined;
}

/** What somebody says now. */
export interface Saying {
  readonly state: Answer;
  readonly community: DivisionCode;
  readonly channel: Channel;
  readonly told: Told;
  /** The resident's `sub`; absent where a worker took it down for somebody without one. */
  readonly resident?: string | undefined;
  /** Who took it down, where that was not the resident. */
  readonly recordedBy?: string | undefined;
}

export interface Acknowledgement extends Saying {
  readonly id: string;
  readonly version: number;
  readonly change: 'safe' | 'needsHelp';
  readonly changedAt: Instant;
  readonly madeAt: Instant;
  readonly alert: string;
  /** The alert's: what answers an exercise or a test counts nowhere else and opens nothing. */
  readonly status: AlertStatus;
  /** The request that is opened for this person: named when help is first needed, and the same from then on. */
  readonly request?: string | undefined;
}

/** Whether an answer opens a request for help. A drill sends nobody out. */
export const opensRequest = (state: Answer, status: AlertStatus): boolean => state === 'needHelp' && status === 'actual';

/** The standing answer from now on. All that was said before is replaced; the request stays. */
export const answered = (
  before: Acknowledgement | undefined,
  saying: Saying,
  of: Pick<Acknowledgement, 'id' | 'alert' | 'status' | 'request'>,
  now: EpochMs,
): Acknowledgement => ({
  ...saying,
  id: of.id,
  alert: of.alert,
  status: of.status,
  request: before?.request ?? of.request,
  version: (before?.version ?? 0) + 1,
  change: saying.state === 'safe' ? 'safe' : 'needsHelp',
  changedAt: toInstant(now),
  madeAt: before?.madeAt ?? toInstant(now),
});

export type Sums = Readonly<Partial<Record<Answer, number>>>;

/** What a new answer adds to the sums of communities; one that takes the place of another takes that away where it stood. */
export const sumsOf = (
  before: Pick<Acknowledgement, 'state' | 'community'> | undefined,
  after: Pick<Acknowledgement, 'state' | 'community'>,
): readonly { readonly community: DivisionCode; readonly amounts: Sums }[] => {
  if (before === undefined) return [{ community: after.community, amounts: { [after.state]: 1 } }];
  if (before.community !== after.community)
    return [
      { community: before.community, amounts: { [before.state]: -1 } },
      { community: after.community, amounts: { [after.state]: 1 } },
    ];
  return before.state === after.state ? [] : [{ community: after.community, amounts: { [before.state]: -1, [after.state]: 1 } }];
};

/** +86 and 0086 are China's own. */
const digitsOf = (phone: string): string => phone.replaceAll(/\D/g, '').replace(/^(?:00)?86(?=\d{11}$)/, '');

/**
 * Words that tell a person from others who answer the same alert: the `sub`; where somebody has none, name and telephone, or name, community
 * and address. Undefined of a name alone, which many have: then each answer is a person's of its own, since help that is asked for twice does
 * less harm than help that is lost.
 */
export const personIn = ({ resident, community, told: { onBehalfOf, contact, address } }: Saying): readonly string[] | undefined => {
  if (resident !== undefined) return ['sub', resident];
  if (onBehalfOf === undefined) return undefined;
  const phone = onBehalfOf.phone ?? contact?.phone;
  if (phone !== undefined) return ['phone', onBehalfOf.name, digitsOf(phone)];
  return address === undefined ? undefined : ['address', onBehalfOf.name, community, address];
};

/** Where somebody answers from, who does not say: the home community. */
export const homeOf = ({ division }: Principal): DivisionCode | undefined =>
  division !== undefined && levelOf(division) === 'community' ? division : undefined;

/** Who may put another answer in the place of one: its owner, and staff of where it stands. */
export const mayReplace = ({ resident, community }: Acknowledgement, caller: Principal): boolean =>
  resident === caller.sub || isStaffOf(caller, community);

/** Its owner, staff of its community, and officers whose division covers it; to others it is not there. */
export const sees = (acknowledgement: Acknowledgement, caller: Principal): boolean =>
  mayReplace(acknowledgement, caller) || hasRoleFor(caller, 'alertOfficer', acknowledgement.community);
