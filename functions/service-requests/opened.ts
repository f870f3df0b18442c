/** A request as it begins, whichever way it came in. */
import type { Acknowledgement } from '../alerts/acknowledgements/acknowledgement.ts';
import type { CatalogueService } from '../catalogue/service.ts';
import type { Channel } from '../kernel/channel.ts';
import type { DivisionCode } from '../kernel/division.ts';
import type { Represented } from '../kernel/represented.ts';
import type { Position } from '../kernel/position.ts';
import { toInstant, type EpochMs } from '../kernel/time.ts';
import type { ServiceRequest } from './service-request.ts';
import { clocksFrom } from './transitions.ts';

export interface Opening {
  readonly id: string;
  readonly service: CatalogueService;
  readonly community: DivisionCode;
  readonly now: EpochMs;
  /** Who sent it in, or wrote it down. */
  readonly by: string | undefined;
}

/** What every new request has: its first status, its clocks, and no past. */
export const opened = ({ id, service, community, now, by }: Opening): Omit<ServiceRequest, 'channel' | 'description'> => {
  const at = toInstant(now);
  return {
    id,
    version: 1,
    change: 'submitted',
    service: service.code,
    serviceVersion: service.version,
    community,
    visibility: service.visibility,
    status: 'submitted',
    priority: 'normal',
    requestedAt: at,
    changedAt: at,
    round: 1,
    ...clocksFrom(now, service),
    pausedWorkingMs: 0,
    escalation: { respond: 0, resolve: 0 },
    rounds: [],
    history: [{ at, action: 'submit', status: 'submitted', round: 1, by }],
    trail: [],
    comments: 0,
  };
};

/** What somebody says who needs help in an emergency. */
interface HelpNeeded extends Omit<Opening, 'by'> {
  /** Of the alert that they answer. */
  readonly headline: string;
  readonly note?: string | undefined;
  readonly address?: string | undefined;
  readonly location?: Position | undefined;
  readonly contact?: ServiceRequest['contact'];
  readonly onBehalfOf?: Represented | undefined;
  readonly channel: Channel;
  readonly resident?: string | undefined;
  readonly recordedBy?: string | undefined;
}

/** Of somebody who has answered an alert, what whoever helps them has to know now. For helpers alone, who speak Chinese. */
export const helpNews = ({
  state,
  community,
  told: { note, address, location, contact, onBehalfOf },
}: Pick<Acknowledgement, 'state' | 'community' | 'told'>): string => {
  const people = [contact?.name, contact?.phone, onBehalfOf?.name, onBehalfOf?.phone].filter((each) => each !== undefined);
  const parts = [
    state === 'safe' ? '对方最新回复：已安全' : '对方最新回复：仍需帮助',
    ...(note === undefined ? [] : [`说明：${note}`]),
    `社区：${community}`,
    ...(address === undefined ? [] : [`地址：${address}`]),
    ...(location === undefined ? [] : [`位置：${location.lat},${location.long}`]),
    ...(people.length === 0 ? [] : [`联系：${[...new Set(people)].join(' ')}`]),
  ];
  return parts.join('\n');
};

/** Whether a request says as it was opened what an answer says. */
export const isSaidBy = (
  { community, description, address, location, contact, onBehalfOf }: ServiceRequest,
  answer: Acknowledgement,
): boolean =>
  helpNews({ state: 'needHelp', community, told: { note: description, address, location, contact, onBehalfOf } }) ===
  helpNews({ ...answer, told: { ...answer.told, note: answer.told.note ?? description } });

/** The request of who answers an alert with needing help; which alert stands in its history. */
export const urgentHelp = (needed: HelpNeeded): ServiceRequest => {
  const { headline, note, address, location, contact, onBehalfOf, channel, resident, recordedBy } = needed;
  const request = opened({ ...needed, by: recordedBy ?? resident });
  return {
    ...request,
    priority: 'urgent',
    channel,
    description: note ?? `收到预警“${headline}”后求助`,
    address,
    location,
    contact,
    onBehalfOf,
    requester: resident,
    recordedBy,
    history: request.history.map((entry) => ({ ...entry, note: `响应预警：${headline}` })),
  };
};
