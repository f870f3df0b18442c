import type { AnswerOf } from '../http/operation.ts';
import { toInstant, type EpochMs } from '../kernel/time.ts';
import type { NearFacility } from '../places/nearest.ts';
import type { Principal } from '../http/principal.ts';
import { actionsOf, isActive, type Alert } from './alert.ts';
import type { Help, PlacedPart, Where } from './area.ts';
import { momentOf } from './cap/cap-time.ts';
import type { listAlerts, readAlert } from './contract.ts';

export const helpView = (kind: Help['kind'], { facility, metres }: NearFacility): Help => {
  const { id, name, community, location, capacity, openingHours, barrierFree, phone } = facility;
  return { id, kind, name, community, location, capacity, openingHours, barrierFree, phone, distance: Math.round(metres) };
};

/** What a list shows of an alert. */
export const summaryView = (alert: Alert, now: EpochMs): AnswerOf<typeof listAlerts>['items'][number] => {
  const { id, state, status, messageType, identifier, sender, senderName, sent, division, event, colour } = alert;
  const { urgency, certainty, headline, description, instruction, effective, onset, expires, contact, note, supersededBy } = alert;
  return {
    id,
    state,
    status,
    messageType,
    identifier,
    sender,
    senderName,
    sent,
    division,
    category: typeof alert.category === 'string' ? alert.category : [...alert.category],
    event,
    colour,
    urgency,
    certainty,
    responseTypes: [...alert.responseTypes],
    headline,
    description,
    instruction,
    effective,
    onset,
    expires,
    contact,
    note,
    supersedes: [...alert.supersedes],
    supersededBy,
    active: isActive(alert, now),
  };
};

const partView = ({ areaDesc, ...part }: PlacedPart) => {
  if ('polygon' in part) return { polygon: part.polygon.map((point) => [...point]), areaDesc };
  return { ...part, areaDesc };
};

/** An alert as its readers see it. */
export const alertView = (
  alert: Alert,
  { areas, facilities }: Where,
  caller: Principal | undefined,
  now: EpochMs,
): AnswerOf<typeof readAlert> => ({
  ...summaryView(alert, now),
  areas: areas.map(partView),
  references: alert.references.map((each) => ({ ...each, sent: toInstant(momentOf(each.sent)) })),
  facilities: [...facilities],
  actions: [...actionsOf(alert, caller, now)],
});
