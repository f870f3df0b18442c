/** An alert: what an officer of a division tells residents of a danger. Pure. */
import type { Failure } from '../http/problem.ts';
import { hasRoleFor, type Principal } from '../http/principal.ts';
import { STATUS_MARKS } from '../kernel/alert-marks.ts';
import type { Colour } from '../kernel/colour.ts';
import type { DivisionCode } from '../kernel/division.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import type { Texts } from '../kernel/texts.ts';
import { fromInstant, toInstant, type EpochMs, type Instant } from '../kernel/time.ts';
import type { CapReference } from './cap/cap.ts';
import { capTimeOf, type CapTime } from './cap/cap-time.ts';
import type { CategoryWord, CertaintyWord, ResponseWord, UrgencyWord } from './words.ts';

/** CAP's own words in lower camel case; Draft and System are for nobody outside. */
export const ALERT_STATUSES = ['actual', 'exercise', 'test'] as const;
export type AlertStatus = (typeof ALERT_STATUSES)[number];

/** A first word, another in its place, the end. */
export const MESSAGE_TYPES = ['alert', 'update', 'cancel'] as const;
export type MessageType = (typeof MESSAGE_TYPES)[number];

/** Divisions and shapes of one alert. */
export const MOST_AREAS = 100;

/** `pending` waits for a second officer, and nobody else sees it. */
export const LISTED_STATES = ['pending', 'issued'] as const;
/** `withdrawn` was ended while it waited, and never went out. */
export const ALERT_STATES = [...LISTED_STATES, 'withdrawn'] as const;
export type AlertState = (typeof ALERT_STATES)[number];

/** How grave something is, and where: whom it concerns. */
export interface Aim {
  readonly colour?: Colour | undefined;
  /** At most 2,000 divisions, none within another. */
  readonly cover: readonly DivisionCode[];
}

/** What of an alert its delivery needs to know. */
export interface AlertMessage {
  readonly id: string;
  readonly state: AlertState;
  readonly status: AlertStatus;
  readonly messageType: MessageType;
  readonly event: Texts;
  /** Undefined where whoever sent it did not know how grave it is. */
  readonly colour?: Colour | undefined;
  readonly headline: Texts;
  readonly description: Texts;
  readonly instruction?: Texts | undefined;
  /** Whose officer issued it. */
  readonly division: DivisionCode;
  /** In whose name. */
  readonly senderName: string;
  readonly sent: Instant;
  readonly effective: Instant;
  readonly expires: Instant;
  /** The divisions in which it holds, none within another; at most 2,000. */
  readonly cover: readonly DivisionCode[];
  /** By what it is told, where that is more than its own: what it takes the place of may have been graver, or have held elsewhere, too. */
  readonly aim?: Aim | undefined;
  /** One of ours gets it when it is issued. */
  readonly identifier?: string | undefined;
  /** Every earlier message of its chain, the first of all first. */
  readonly references: readonly CapReference[];
  /** The newer one that stands in its place. */
  readonly supersededBy?: string | undefined;
}

/** Whether it holds at a moment: from when it takes effect until it expires, unless another stands in its place. */
export const isActive = ({ state, messageType, effective, expires, supersededBy }: AlertMessage, now: EpochMs): boolean =>
  state === 'issued' && messageType !== 'cancel' && supersededBy === undefined && Date.parse(effective) <= now && now < Date.parse(expires);

export interface Alert extends AlertMessage {
  readonly version: number;
  readonly change: 'proposed' | 'issued' | 'superseded' | 'withdrawn';
  readonly changedAt: Instant;
  readonly sender: string;
  /** It came as CAP, and is published as it came. */
  readonly imported?: true | undefined;
  /** `sent` as such a one has it, whose offset is its sender's. */
  readonly sentAs?: CapTime | undefined;
  /** As it was sent: one word, or several. */
  readonly category: CategoryWord | readonly CategoryWord[];
  readonly urgency: UrgencyWord;
  readonly certainty: CertaintyWord;
  readonly responseTypes: readonly ResponseWord[];
  readonly onset?: Instant | undefined;
  readonly contact?: string | undefined;
  /** Why it is over. */
  readonly note?: string | undefined;
  /** Those of ours in whose place it stands. */
  readonly supersedes: readonly string[];
  readonly madeBy: string;
  readonly madeAt: Instant;
  readonly approvedBy?: string | undefined;
  /** When it was published here: what lists go by. An alert from elsewhere may have been sent long before. */
  readonly issuedAt?: Instant | undefined;
}

export const ALERT_ACTIONS = ['updates', 'cancel', 'approve'] as const;
export type AlertAction = (typeof ALERT_ACTIONS)[number];

/** Whether it is over or another stands in its place. */
const isPast = ({ messageType, expires, supersededBy }: AlertMessage, now: EpochMs): boolean =>
  messageType === 'cancel' || supersededBy !== undefined || fromInstant(expires) <= now;

const actsFor = (caller: Principal | undefined, alert: AlertMessage): boolean => hasRoleFor(caller, 'alertOfficer', alert.division);

/** Officers whose division covers the issuer's see what waits or was withdrawn; everybody else sees what has been issued. */
export const sees = (caller: Principal | undefined, alert: AlertMessage): boolean => alert.state === 'issued' || actsFor(caller, alert);

/** What somebody may do with it now. */
export const actionsOf = (alert: Alert, caller: Principal | undefined, now: EpochMs): readonly AlertAction[] => {
  if (!actsFor(caller, alert) || isPast(alert, now)) return [];
  switch (alert.state) {
    case 'issued':
      return ['updates', 'cancel'];
    case 'pending':
      return alert.madeBy === caller?.sub ? ['cancel'] : ['cancel', 'approve'];
    case 'withdrawn':
      return [];
  }
};

const OWN: Texts = {
  'zh-CN': '本人发布的预警须由另一名预警员核准。',
  en: 'Another officer has to approve what you have made.',
};

/** Whether an officer may do that with it: one whose division covers the issuer's, and nobody approves what they have made. */
export const mayDo = (alert: Alert, action: AlertAction, caller: Principal, now: EpochMs): Result<void, Failure> => {
  if (!sees(caller, alert)) return err({ code: 'notFound' });
  if (!actsFor(caller, alert)) return err({ code: 'forbidden' });
  const actions = actionsOf(alert, caller, now);
  if (actions.includes(action)) return ok(undefined);
  const isOwn = action === 'approve' && alert.state === 'pending' && alert.madeBy === caller.sub;
  return err(isOwn ? { code: 'forbidden', detail: OWN } : { code: 'wrongState', actions });
};

/** Whether a later message may take its place. What has expired may be prolonged by whoever warned of it. */
export const isStanding = ({ state, supersededBy, messageType }: AlertMessage): boolean =>
  state === 'issued' && supersededBy === undefined && messageType !== 'cancel';

/** How later messages refer to it; only what has been issued has a name. */
export const referenceTo = ({ sender, identifier, sent, sentAs }: Alert): CapReference => {
  if (identifier === undefined) throw new Error('what waits is referred to by nobody');
  return { sender, identifier, sent: sentAs ?? capTimeOf(fromInstant(sent)) };
};

/** A waiting one as it goes out: what is sent later than it was to take effect takes effect when it is sent. */
export const issued = (alert: Alert, now: EpochMs, approvedBy?: string): Alert => ({
  ...alert,
  state: 'issued',
  change: 'issued',
  changedAt: toInstant(now),
  issuedAt: toInstant(now),
  ...(alert.imported === true ? {} : { sent: toInstant(now) }),
  ...(approvedBy === undefined
    ? {}
    : { approvedBy, version: alert.version + 1, effective: fromInstant(alert.effective) < now ? toInstant(now) : alert.effective }),
});

export const superseded = (alert: Alert, by: string, now: EpochMs): Alert => ({
  ...alert,
  supersededBy: by,
  version: alert.version + 1,
  change: 'superseded',
  changedAt: toInstant(now),
});

/** What waited, ended before it went out: by an officer, who may say why, or by a later message that refers to it. */
export const withdrawn = (alert: Alert, now: EpochMs, by: { readonly note?: string | undefined; readonly later?: string }): Alert => ({
  ...alert,
  state: 'withdrawn',
  note: by.note ?? alert.note,
  supersededBy: by.later,
  version: alert.version + 1,
  change: 'withdrawn',
  changedAt: toInstant(now),
});

/** Of a text that is kept in one piece, as XML or as JSON; bytes. */
const LARGEST_TEXT = 390_000;
export const isTooLarge = (text: string): boolean => Buffer.byteLength(text) > LARGEST_TEXT;

/** So many at once may be replaced, ended or withdrawn by one message. */
export const MOST_SUPERSEDED = 8;

/** Its headline in Chinese; that of an exercise or a test says so before anything else. */
export const markedHeadline = ({ status, headline }: AlertMessage): string => STATUS_MARKS[status]['zh-CN'] + headline['zh-CN'];
