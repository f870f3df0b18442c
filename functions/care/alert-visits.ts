/**
 * Notes where an alert makes visits due: an item for each division that it covers, however many people live there. What was noted of those in whose
 * place it stands goes.
 */
import type { EventBridgeEvent } from 'aws-lambda';
import { alertsReader } from '../alerts/reader.ts';
import { lambda } from '../data/lambda.ts';
import type { CloudEvent } from '../data/reaction.ts';
import type { Runtime } from '../data/runtime.ts';
import { withUses } from '../data/scope.ts';
import { inParallel } from '../kernel/parallel.ts';
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
      const found = [...(await alerts.readMany(ids)).values()];
      for (const each of found) earlier.set(each.id, each);
      ids = [...new Set(found.flatMap(({ supersedes }) => supersedes))].filter((id) => !earlier.has(id));
    }
    return earlier;
  };

  return async ({ detail }: EventBridgeEvent<string, CloudEvent<{ readonly id: string }>>): Promise<void> => {
    const alert = await alerts.read(detail.data.item.id);
    if (alert === undefined) return;
    const earlier = await earlierOf(alert);
    // One in whose place another stands by now has no more to say.
    const places = alert.supersededBy === undefined ? alertedPlaces(alert, earlier) : [];
    await inParallel(places, AT_ONCE, (place) => repository.write([repository.putsAlerted(place)]));
    const over = alert.supersedes.flatMap((id) => {
      const before = earlier.get(id);
      return before === undefined || !makesDue(before) ? [] : before.cover.map((division) => ({ division, alert: id }));
    });
    await inParallel(over, AT_ONCE, (place) => repository.write([repository.removesAlerted(place)]));
  };
};

export const handler = lambda(alertVisits);
