/** From what an officer wants to say to an alert that could go out, with all that is wrong with it and all that could be better. */
import type { Database } from '../data/database.ts';
import { catalogueReader } from '../catalogue/reader.ts';
import type { SignedInCall } from '../http/call.ts';
import type { DivisionCode } from '../kernel/division.ts';
import { UNKNOWN_COLOUR } from '../kernel/colour.ts';
import { newId } from '../kernel/id.ts';
import type { Position } from '../kernel/position.ts';
import { fromInstant, toInstant } from '../kernel/time.ts';
import { placesReader } from '../places/reader.ts';
import { isTooLarge, MOST_SUPERSEDED, referenceTo, type Alert, type AlertState } from './alert.ts';
import type { Help, Where } from './area.ts';
import type { CapReference } from './cap/cap.ts';
import { momentOf } from './cap/cap-time.ts';
import { identifierOf } from './cap/identifier.ts';
import { writeCap } from './cap/write-cap.ts';
import { composeCap } from './compose-cap.ts';
import { aimOver } from './cover.ts';
import type { Draft } from './draft.ts';
import { fault, type Fault } from './fault.ts';
import { locate, nameOfDivision } from './locate.ts';
import { helpView } from './view.ts';
import { HELP_KINDS } from './words.ts';

/** An alert of ours in whose place another is to stand, and where it holds. */
export interface Earlier {
  readonly alert: Alert;
  readonly where: Where;
}

/** Alerts that a message is about. */
export interface Concerned {
  /** Those in whose place it is to stand. */
  readonly earlier: readonly Earlier[];
  /** Those that still wait, and are not to go out any more. */
  readonly waiting: readonly Earlier[];
}

export interface Prepared {
  readonly alert: Alert;
  readonly where: Where;
  readonly faults: readonly Fault[];
}

const HELP_COUNT = 3;
const SENDER_DIGITS = 14;
const CHANGES = { pending: 'proposed', issued: 'issued', withdrawn: 'withdrawn' } as const satisfies Record<AlertState, Alert['change']>;

/** The nearest places of help. */
export const helpNear = async (database: Database, from: Position | undefined): Promise<readonly Help[]> => {
  if (from === undefined) return [];
  const places = placesReader(database);
  const nearest = HELP_KINDS.map(async (kind) => (await places.nearest(from, kind, HELP_COUNT)).map((each) => helpView(kind, each)));
  return (await Promise.all(nearest)).flat();
};

const referencesOf = ({ cap }: Draft, earlier: readonly Earlier[]): readonly CapReference[] =>
  cap === undefined ? earlier.flatMap(({ alert }) => [...alert.references, referenceTo(alert)]) : cap.references;

/** Where it holds: as it says, or where that holds which it ends. */
const placeOf = async (database: Database, draft: Draft, earlier: readonly Earlier[], within: DivisionCode) => {
  if (draft.areas.length === 0) {
    const missing = draft.isBare === true ? fault('infoMissing', 'info') : fault('areaMissing', 'info.0.area');
    return {
      cover: [...new Set(earlier.flatMap(({ alert }) => alert.cover))].toSorted(),
      where: {
        areas: earlier.flatMap(({ where }) => where.areas),
        facilities: earlier[0]?.where.facilities ?? [],
      },
      faults: earlier.length === 0 || draft.isBare === true ? [missing] : [],
    };
  }
  const { cover, areas, faults, middle } = await locate(database, draft.areas, within);
  return { cover, where: { areas, facilities: await helpNear(database, middle) }, faults };
};

/** The message in XML, under the alert's name or the first that it could have. */
export const xmlOf = (alert: Alert, { areas }: Where, draft: Pick<Draft, 'cap'>): string =>
  writeCap(draft.cap ?? composeCap(alert, areas, alert.identifier ?? identifierOf(alert.sender, fromInstant(alert.sent), 1)));

export const prepare = async (
  { runtime, caller, now }: Pick<SignedInCall, 'runtime' | 'caller' | 'now'>,
  division: DivisionCode,
  draft: Draft,
  { earlier, waiting }: Concerned,
): Promise<Prepared> => {
  const { database } = runtime;
  const ended = [...earlier, ...waiting];
  // What ends something here waits for nobody; what calls itself an end and ends nothing is news as any other.
  const isEnd = draft.messageType === 'cancel' && ended.length > 0;
  const [place, senderName, { colours }] = await Promise.all([
    placeOf(database, draft, ended, division),
    draft.senderName ?? nameOfDivision(database, division),
    isEnd ? { colours: [] } : catalogueReader(database).setting('alertSecondPerson'),
  ]);
  const isWaiting = colours.some((colour) => colour === (draft.colour ?? UNKNOWN_COLOUR));
  // Of what never went out there is no end to tell.
  const state: AlertState = isEnd && earlier.length === 0 ? 'withdrawn' : isWaiting ? 'pending' : 'issued';
  const { areas: _areas, expiresPath, cap, isBare: _isBare, senderName: _senderName, ...said } = draft;
  const alert: Alert = {
    ...said,
    id: newId(runtime.random),
    version: 1,
    state,
    change: CHANGES[state],
    changedAt: toInstant(now),
    sender: cap?.sender ?? division.padEnd(SENDER_DIGITS, '0'),
    identifier: cap?.identifier,
    imported: cap === undefined ? undefined : true,
    sentAs: cap?.sent,
    sent: toInstant(cap === undefined ? now : momentOf(cap.sent)),
    division,
    senderName,
    cover: place.cover,
    aim: aimOver(
      { colour: draft.colour, cover: place.cover },
      earlier.map((each) => each.alert),
    ),
    references: referencesOf(draft, earlier),
    supersedes: earlier.map((each) => each.alert.id),
    madeBy: caller.sub,
    madeAt: toInstant(now),
    issuedAt: state === 'issued' ? toInstant(now) : undefined,
  };
  const { areas, facilities } = place.where;
  const faults = [
    ...place.faults,
    ...(fromInstant(draft.expires) > fromInstant(draft.effective) ? [] : [fault('expiresEarly', expiresPath)]),
    ...(ended.length > MOST_SUPERSEDED ? [fault('referencesMany', 'references')] : []),
    ...(isTooLarge(xmlOf(alert, place.where, draft)) || isTooLarge(JSON.stringify([areas, alert])) ? [fault('tooLarge', 'alert')] : []),
  ];
  return { alert, where: { areas, facilities }, faults };
};
