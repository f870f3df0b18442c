/** What the system consists of, as its domains declare it. AWS and one machine are both made from this; a new domain adds its lines here. */
import { auditTable } from '../functions/audit/table.ts';
import { catalogueTable } from '../functions/catalogue/table.ts';
import type { ReactionDeclaration } from '../functions/data/reaction.ts';
import type { Schedule } from '../functions/data/schedule.ts';
import type { TableDescription } from '../functions/data/table.ts';
import { divisionsTable } from '../functions/divisions/table.ts';
import * as metricsReactions from '../functions/metrics/reactions.ts';
import * as metricsSchedules from '../functions/metrics/schedules.ts';
import { metricsTable } from '../functions/metrics/table.ts';
import * as notificationReactions from '../functions/notifications/reactions.ts';
import { notificationsTable } from '../functions/notifications/table.ts';
import * as serviceRequestSchedules from '../functions/service-requests/schedules.ts';
import { serviceRequestsTable } from '../functions/service-requests/table.ts';

/** Tables by domain; one domain, one table. */
export const TABLES: Readonly<Record<string, TableDescription>> = {
  divisions: divisionsTable,
  catalogue: catalogueTable,
  'service-requests': serviceRequestsTable,
  audit: auditTable,
  notifications: notificationsTable,
  metrics: metricsTable,
};

export const REACTIONS: readonly ReactionDeclaration[] = [...Object.values(notificationReactions), ...Object.values(metricsReactions)];

export const SCHEDULES: readonly Schedule[] = [...Object.values(serviceRequestSchedules), ...Object.values(metricsSchedules)];

/** Which personal attributes reactions have declared to need, by event type: the relay lets no other through. */
export const personalNeeds = (): Readonly<Record<string, readonly string[]>> => {
  const needs = new Map<string, Set<string>>();
  for (const { on, needs: names } of REACTIONS) {
    if (names.length > 0) for (const type of on) needs.set(type, new Set([...(needs.get(type) ?? []), ...names]));
  }
  return Object.fromEntries([...needs].map(([type, names]) => [type, [...names]]));
};
