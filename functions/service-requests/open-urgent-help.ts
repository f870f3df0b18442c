/**
 * Opens the request of somebody who has answered an alert with needing help, or was found to need it at a visit: one, however often and in
 * whatever order that is told. What those say later who have answered is added to it as a comment for helpers, once for each answer.
 */
import type { EventBridgeEvent } from 'aws-lambda';
import type { Acknowledgement } from '../alerts/acknowledgements/acknowledgement.ts';
import { alertsReader } from '../alerts/reader.ts';
import { helpedBy } from '../care/reader.ts';
import { catalogueReader } from '../catalogue/reader.ts';
import { lambda } from '../data/lambda.ts';
import type { CloudEvent } from '../data/reaction.ts';
import type { Runtime } from '../data/runtime.ts';
import { withUses } from '../data/scope.ts';
import type { Channel } from '../kernel/channel.ts';
import { derivedFrom, newId } from '../kernel/id.ts';
import { fromInstant } from '../kernel/time.ts';
import { helpNews, isSaidBy, urgentHelp, type HelpNeeded } from './opened.ts';
import { openUrgentHelp as declaration } from './reactions.ts';
import { serviceRequestRepository } from './repository.ts';
import type { Comment } from './service-request.ts';
import { commented } from './transitions.ts';

/** Always in the catalogue. Whether it is offered somewhere is for those who would ask for it: in danger it is opened all the same. */
const SERVICE = 'urgentHelp';
/** Helpers may be working on the request meanwhile. */
const ATTEMPTS = 8;

type Answered = CloudEvent<Omit<Acknowledgement, 'told' | 'resident' | 'recordedBy'>>;
type Visited = CloudEvent<{ readonly request: string }>;
const isVisited = (event: Answered | Visited): event is Visited => event.type === 'careHelp.needed';

export const openUrgentHelp = (outer: Runtime) => {
  const runtime = withUses(outer, declaration.uses, declaration.name);
  const { database } = runtime;
  const requests = serviceRequestRepository(database);
  const alerts = alertsReader(database);

  const neededInAlert = async (answer: Acknowledgement, id: string, { data }: Answered): Promise<HelpNeeded> => {
    const { alert: alertId, community, channel, told, resident, recordedBy } = answer;
    const headline = (await alerts.read(alertId))?.headline['zh-CN'] ?? alertId;
    const { note = `收到预警“${headline}”后求助`, ...where } = told;
    const reason = `响应预警：${headline}`;
    const now = fromInstant(data.item.changedAt);
    return { ...where, id, community, now, description: note, reason, channel, resident, recordedBy };
  };

  /** Whoever is looked after has no account: the visitor asks for them. */
  const neededAtVisit = async ({ data }: Visited): Promise<HelpNeeded> => {
    const { request } = data.item;
    const found = await helpedBy(database, request);
    if (found === undefined) throw new Error(`the visit that asks for ${request} is not there: play this event again`);
    const { visit, recipient } = found;
    const { name, contact } = recipient;
    const channel: Channel = visit.mode === 'inPerson' ? 'proxy' : 'phone';
    return {
      id: request,
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

  /** Opens the request, unless it has been. */
  const open = async (needed: HelpNeeded, event: string): Promise<void> => {
    const service = await catalogueReader(database).current(SERVICE);
    if (service === undefined) throw new Error(`the catalogue has no service ${SERVICE}: put it, and play this event again`);
    const written = await requests.write([requests.makes(urgentHelp(needed, service), event)]);
    if (written.ok || (await requests.readByNumber(needed.id))?.id === needed.id) return;
    throw new Error('the number of the request was taken while it was opened');
  };

  const addNews = async (answer: Acknowledgement, id: string, event: string): Promise<void> => {
    const by = answer.recordedBy ?? answer.resident ?? '';
    const comment: Comment = {
      id: newId(derivedFrom('helpNews', event)),
      at: answer.changedAt,
      by,
      text: helpNews(answer),
      internal: true,
    };
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const [request, comments] = await Promise.all([requests.read(id), requests.comments(id)]);
      if (request === undefined || comments.some((each) => each.id === comment.id)) return;
      if (comments.length === 0 && isSaidBy(request, answer)) return;
      const after = commented(request, runtime.now(), by);
      if (after === undefined) return runtime.log({ level: 'warn', code: 'helpNewsLeftOut', request: id });
      const writes = [requests.changes(after, request.version, event), requests.addsComment(after, comment)];
      if ((await requests.write(writes)).ok) return;
    }
    throw new Error(`the request ${id} is changed by too many at once: try again`);
  };

  const followAnswer = async (event: Answered): Promise<void> => {
    const { id, request } = event.data.item;
    // An exercise or a test sends nobody out.
    if (request === undefined) return;
    const answer = await alerts.answer(id);
    if (answer === undefined) throw new Error(`there is no answer ${id}`);
    if ((await requests.read(request)) === undefined) await open(await neededInAlert(answer, request, event), event.id);
    // The first says what has been opened; where a newer answer stands by now, its own event tells of it.
    if (answer.version > 1 && answer.version === event.data.version) await addNews(answer, request, event.id);
  };

  return async ({ detail }: EventBridgeEvent<string, Answered | Visited>): Promise<void> => {
    if (!isVisited(detail)) return followAnswer(detail);
    await open(await neededAtVisit(detail), detail.id);
  };
};

export const handler = lambda(openUrgentHelp);
