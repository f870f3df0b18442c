/** Opens the request of somebody who has answered an alert with needing help: one, however often and in whatever order that is told. */
import type { EventBridgeEvent } from 'aws-lambda';
import type { Acknowledgement } from '../alerts/acknowledgements/acknowledgement.ts';
import { alertsReader } from '../alerts/reader.ts';
import { catalogueReader } from '../catalogue/reader.ts';
import { lambda } from '../data/lambda.ts';
import type { CloudEvent } from '../data/reaction.ts';
import type { Runtime } from '../data/runtime.ts';
import { withUses } from '../data/scope.ts';
import { fromInstant } from '../kernel/time.ts';
import { urgentHelp } from './opened.ts';
import { openUrgentHelp as declaration } from './reactions.ts';
import { serviceRequestRepository } from './repository.ts';

/** Always in the catalogue. Whether it is offered somewhere is for those who would ask for it: in danger it is opened all the same. */
const SERVICE = 'urgentHelp';

export const openUrgentHelp = (outer: Runtime) => {
  const runtime = withUses(outer, declaration.uses, declaration.name);
  const requests = serviceRequestRepository(runtime.database);
  return async ({ detail }: EventBridgeEvent<string, CloudEvent<Acknowledgement>>): Promise<void> => {
    const { request: id, alert: alertId, community, channel, told, resident, recordedBy, changedAt } = detail.data.item;
    // An exercise or a test sends nobody out.
    if (id === undefined) return;
    const [service, alert] = await Promise.all([
      catalogueReader(runtime.database).current(SERVICE),
      alertsReader(runtime.database).read(alertId),
    ]);
    if (service === undefined) throw new Error(`the catalogue has no service ${SERVICE}: put it, and play this event again`);
    const request = urgentHelp({
      ...told,
      id,
      service,
      community,
      now: fromInstant(changedAt),
      headline: alert?.headline['zh-CN'] ?? alertId,
      channel,
      resident,
      recordedBy,
    });
    const written = await requests.write([requests.makes(request, detail.id)]);
    if (written.ok || (await requests.readByNumber(id))?.id === id) return;
    throw new Error('the number of the request was taken while it was opened');
  };
};

export const handler = lambda(openUrgentHelp);
