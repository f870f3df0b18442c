/** Notes where an alert makes visits due: an item for each division that it covers, however many people live there. */
import type { EventBridgeEvent } from 'aws-lambda';
import { alertsReader } from '../alerts/reader.ts';
import { lambda } from '../data/lambda.ts';
import type { CloudEvent } from '../data/reaction.ts';
import type { Runtime } from '../data/runtime.ts';
import { withUses } from '../data/scope.ts';
import { alertedPlaces, makesDue, type ChainedAlert } from './alerted.ts';
import { alertVisits as declaration } from './reactions.ts';
import { careRepository } from './repository.ts';

const AT_ONCE = 16;
/** An event that goes on longer asks for visits since the oldest of so many messages. */
const MOST_EARLIER = 200;

export const alertVisits = (outer: Runtime) => {
  const { database } = withUses(outer, declaration.uses, declaration.name);
  const alerts = alertsReader(database);
  const repository = careRepository(database);

  const earlierOf = async (alert: ChainedAlert): Promise<ReadonlyMap<string, ChainedAlert>> => {
    const earlier = new Map<string, ChainedAlert>();
    for (let ids = alert.supersedes; ids.length > 0 && earlier.size < MOST_EARLIER;) {
      const found = (await Promise.all(ids.map(alerts.read))).filter((each) => each !== undefined);
      for (const each of found) earlier.set(each.id, each);
      ids = found.flatMap(({ supersedes }) => supersedes).filter((id) => !earlier.has(id));
    }
    return earlier;
  };

  return async ({ detail }: EventBridgeEvent<string, CloudEvent<{ readonly id: string }>>): Promise<void> => {
    const alert = await alerts.read(detail.data.item.id);
    if (alert === undefined || !makesDue(alert)) return;
    const places = alertedPlaces(alert, await earlierOf(alert));
    for (let start = 0; start < places.length; start += AT_ONCE)
      await Promise.all(places.slice(start, start + AT_ONCE).map((place) => repository.write([repository.putsAlerted(place)])));
  };
};

export const handler = lambda(alertVisits);
