/** An alert: what an officer of a division tells residents of a danger. Pure. */
import type { Colour } from '../kernel/colour.ts';
import type { DivisionCode } from '../kernel/division.ts';
import type { Texts } from '../kernel/texts.ts';
import type { EpochMs, Instant } from '../kernel/time.ts';

/** CAP's own words in lower camel case; Draft and System are for nobody outside. */
export const ALERT_STATUSES = ['actual', 'exercise', 'test'] as const;
export type AlertStatus = (typeof ALERT_STATUSES)[number];

/** A first word, another in its place, the end. */
export const MESSAGE_TYPES = ['alert', 'update', 'cancel'] as const;
export type MessageType = (typeof MESSAGE_TYPES)[number];

/** `pending` waits for a second officer, and nobody else sees it. */
export type AlertState = 'pending' | 'issued';

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
  /** The newer one that stands in its place. */
  readonly supersededBy?: string | undefined;
}

/** Whether it holds at a moment: from when it takes effect until it expires, unless another stands in its place. */
export const isActive = ({ state, messageType, effective, expires, supersededBy }: AlertMessage, now: EpochMs): boolean =>
  state === 'issued' && messageType !== 'cancel' && supersededBy === undefined && Date.parse(effective) <= now && now < Date.parse(expires);
