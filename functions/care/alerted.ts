/** Which alerts make visits due, where, and since when. Pure. */
import type { Alert, AlertMessage } from '../alerts/alert.ts';
import { covers, type DivisionCode } from '../kernel/division.ts';
import type { Instant } from '../kernel/time.ts';

/** What an alert makes due in one of the divisions that it covers. */
export interface AlertedPlace {
  readonly division: DivisionCode;
  readonly alert: string;
  readonly since: Instant;
  /** Of this very alert: it is kept from then on. */
  readonly issuedAt: Instant;
}

/** An alert with those of ours in whose place it stands. */
export type ChainedAlert = AlertMessage & Pick<Alert, 'supersedes' | 'issuedAt'>;

const GRAVE: ReadonlySet<string> = new Set(['orange', 'red']);

/** Actual ones that are orange or red; exercises, tests, and the end of an alert do not. */
export const makesDue = ({ state, status, messageType, colour }: AlertMessage): boolean =>
  state === 'issued' && status === 'actual' && messageType !== 'cancel' && colour !== undefined && GRAVE.has(colour);

/** When it was published here: one from elsewhere may have been sent long before. */
const issuedAtOf = ({ issuedAt, sent }: ChainedAlert): Instant => issuedAt ?? sent;

/** Since when: an update asks for no second visit where the alert that it stands in the place of made one due already. */
const sinceIn = (division: DivisionCode, alert: ChainedAlert, earlier: ReadonlyMap<string, ChainedAlert>): Instant => {
  const before = alert.supersedes.flatMap((id) => {
    const each = earlier.get(id);
    return each !== undefined && makesDue(each) && each.cover.some((code) => covers(code, division))
      ? [sinceIn(division, each, earlier)]
      : [];
  });
  return [issuedAtOf(alert), ...before].toSorted()[0] ?? issuedAtOf(alert);
};

/** Where an alert makes visits due; `earlier` are those that it follows upon, by id. */
export const alertedPlaces = (alert: ChainedAlert, earlier: ReadonlyMap<string, ChainedAlert>): readonly AlertedPlace[] =>
  makesDue(alert)
    ? alert.cover.map((division) => ({
        division,
        alert: alert.id,
        since: sinceIn(division, alert, earlier),
        issuedAt: issuedAtOf(alert),
      }))
    : [];
