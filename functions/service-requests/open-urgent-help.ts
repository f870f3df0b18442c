/**
 * Opens the request of somebody who has answered an alert with needing help: one, however often and in whatever order that is told. What they
 * say later is added to it as a comment for helpers, once for each answer.
 */
import type { EventBridgeEvent } from 'aws-lambda';
import type { Acknowledgement } from '../alerts/acknowledgements/acknowledgement.ts';
import { alertsReader } from '../alerts/reader.ts';
import { catalogueReader } from '../catalogue/reader.ts';
import { lambda } from '../data/lambda.ts';
import type { CloudEvent } from '../data/reaction.ts';
import type { Runtime } from '../data/runtime.ts';
import { withUses } from '../data/scope.ts';
import { derivedFrom, newId } from '../kernel/id.ts';
import { fromInstant } from '../kernel/time.ts';
import { helpNews, isSaidBy, urgentHelp } from './opened.ts';
import { openUrgentHelp as declaration } from './reactions.ts';
import { serviceRequestRepository } from './repository.ts';
import type { Comment } from './service-request.ts';
import { commented } from './transitions.ts';

/** Always in the catalogue. Whether it is offered somewhere is for those who would ask for it: in danger it is opened all the same. */
const SERVICE = 'urgentHelp';
/** Helpers may be working on the request meanwhile. */
const ATTEMPTS = 8;

type Answered = EventBridgeEvent<string, CloudEvent<Omit<Acknowledgement, 'told' | 'resident' | 'recordedBy'>>>;

export const openUrgentHelp = (outer: Runtime) => {
  const runtime = withUses(outer, declaration.uses, declaration.name);
  const requests = serviceRequestRepository(runtime.database);
  const alerts = alertsReader(runtime.database);

  /** Opens the request, unless it has been. */
  const open = async (answer: Acknowledgement, request: string, { detail }: Pick<Answered, 'detail'>): Promise<void> => {
    const [service, alert] = await Promise.all([catalogueReader(runtime.database).current(SERVICE), alerts.read(answer.alert)]);
    if (service === undefined) throw new Error(`the catalogue has no service ${SERVICE}: put it, and play this event again`);
    const { community, channel, told, resident, recordedBy } = answer;
    const opening = urgentHelp({
      ...told,
      id: request,
      service,
      community,
      now: fromInstant(detail.data.item.changedAt),
      headline: alert?.headline['zh-CN'] ?? answer.alert,
      channel,
      resident,
      recordedBy,
    });
    const written = await requests.write([requests.makes(opening, detail.id)]);
    if (written.ok || (await requests.readByNumber(request))?.id === request) return;
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

  return async (event: Answered): Promise<void> => {
    const { id: eventId, data } = event.detail;
    const { id, request } = data.item;
    // An exercise or a test sends nobody out.
    if (request === undefined) return;
    const answer = await alerts.answer(id);
    if (answer === undefined) throw new Error(`there is no answer ${id}`);
    if ((await requests.read(request)) === undefined) await open(answer, request, event);
    // The first says what has been opened; where a newer answer stands by now, its own event tells of it.
    if (answer.version > 1 && answer.version === data.version) await addNews(answer, request, eventId);
  };
};

export const handler = lambda(openUrgentHelp);
