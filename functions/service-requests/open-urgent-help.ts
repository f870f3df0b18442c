/**
 * Opens the request of somebody who has answered an alert with needing help, or was found to need it at a visit: one, however often and in
 * whatever order that is told.
 */
import type { EventBridgeEvent } from 'aws-lambda';
import type { Acknowledgement } from '../alerts/acknowledgements/acknowledgement.ts';
import { alertsReader } from '../alerts/reader.ts';
import { visitOf } from '../care/reader.ts';
import { catalogueReader } from '../catalogue/reader.ts';
import type { Database } from '../data/database.ts';
import { lambda } from '../data/lambda.ts';
import type { CloudEvent } from '../data/reaction.ts';
import type { Runtime } from '../data/runtime.ts';
import { withUses } from '../data/scope.ts';
import type { Channel } from '../kernel/channel.ts';
import { fromInstant } from '../kernel/time.ts';
import { urgentHelp, type HelpNeeded } from './opened.ts';
import { openUrgentHelp as declaration } from './reactions.ts';
import { serviceRequestRepository } from './repository.ts';

/** Always in the catalogue. Whether it is offered somewhere is for those who would ask for it: in danger it is opened all the same. */
const SERVICE = 'urgentHelp';

type Answered = CloudEvent<Acknowledgement>;
type Visited = CloudEvent<{ readonly id: string; readonly recipient: string }>;
const isVisited = (event: Answered | Visited): event is Visited => event.type === 'careVisit.needsHelp';

const neededInAlert = async (database: Database, { data }: Answered): Promise<HelpNeeded | undefined> => {
  const { request: id, alert: alertId, community, channel, told, resident, recordedBy, changedAt } = data.item;
  // An exercise or a test sends nobody out.
  if (id === undefined) return undefined;
  const alert = await alertsReader(database).read(alertId);
  const headline = alert?.headline['zh-CN'] ?? alertId;
  const { note = `收到预警“${headline}”后求助`, ...where } = told;
  const reason = `响应预警：${headline}`;
  return { ...where, id, community, now: fromInstant(changedAt), description: note, reason, channel, resident, recordedBy };
};

/** Whoever is looked after has no account: the visitor asks for them. */
const neededAtVisit = async (database: Database, { data }: Visited): Promise<HelpNeeded | undefined> => {
  const found = await visitOf(database, data.item.recipient, data.item.id);
  if (found === undefined) throw new Error(`the visit ${data.item.id} is not there: play this event again`);
  const { visit, recipient } = found;
  const { name, contact } = recipient;
  if (visit.request === undefined) return undefined;
  const channel: Channel = visit.mode === 'inPerson' ? 'proxy' : 'phone';
  return {
    id: visit.request,
    community: visit.community,
    now: fromInstant(visit.changedAt),
    description: visit.note ?? '探访时发现需要帮助',
    reason: '探访时发现需要帮助',
    address: contact?.address,
    contact: { name: contact?.name ?? name, phone: contact?.phone },
    onBehalfOf: { name, phone: contact?.phone },
    channel,
    recordedBy: visit.visitor,
  };
};

export const openUrgentHelp = (outer: Runtime) => {
  const { database } = withUses(outer, declaration.uses, declaration.name);
  const requests = serviceRequestRepository(database);
  return async ({ detail }: EventBridgeEvent<string, Answered | Visited>): Promise<void> => {
    const needed = await (isVisited(detail) ? neededAtVisit(database, detail) : neededInAlert(database, detail));
    if (needed === undefined) return;
    const service = await catalogueReader(database).current(SERVICE);
    if (service === undefined) throw new Error(`the catalogue has no service ${SERVICE}: put it, and play this event again`);
    const written = await requests.write([requests.makes(urgentHelp(needed, service), detail.id)]);
    if (written.ok || (await requests.readByNumber(needed.id))?.id === needed.id) return;
    throw new Error('the number of the request was taken while it was opened');
  };
};

export const handler = lambda(openUrgentHelp);
