/** What the system consists of, as its domains declare it. AWS and one machine are both made from this; a new domain adds its lines here. */
import * as alertReactions from '../functions/alerts/reactions.ts';
import { alertsTable } from '../functions/alerts/table.ts';
import { auditTable } from '../functions/audit/table.ts';
import * as careReactions from '../functions/care/reactions.ts';
import * as careSchedules from '../functions/care/schedules.ts';
import { careTable } from '../functions/care/table.ts';
import { catalogueTable } from '../functions/catalogue/table.ts';
import type { ReactionDeclaration } from '../functions/data/reaction.ts';
import type { Schedule } from '../functions/data/schedule.ts';
import type { TableDescription } from '../functions/data/table.ts';
import { divisionsTable } from '../functions/divisions/table.ts';
import * as donationReactions from '../functions/donations/reactions.ts';
import * as donationSchedules from '../functions/donations/schedules.ts';
import { donationsTable } from '../functions/donations/table.ts';
import { placesTable } from '../functions/places/table.ts';
import * as exportReactions from '../functions/exports/reactions.ts';
import { exportsTable } from '../functions/exports/table.ts';
import * as mediaReactions from '../functions/media/reactions.ts';
import * as mediaSchedules from '../functions/media/schedules.ts';
import { mediaTable } from '../functions/media/table.ts';
import * as metricsReactions from '../functions/metrics/reactions.ts';
import * as metricsSchedules from '../functions/metrics/schedules.ts';
import { metricsTable } from '../functions/metrics/table.ts';
import * as notificationReactions from '../functions/notifications/reactions.ts';
import * as notificationSchedules from '../functions/notifications/schedules.ts';
import { notificationsTable } from '../functions/notifications/table.ts';
import * as providerReactions from '../functions/providers/reactions.ts';
import { providersTable } from '../functions/providers/table.ts';
import * as serviceRequestReactions from '../functions/service-requests/reactions.ts';
import * as serviceRequestSchedules from '../functions/service-requests/schedules.ts';
import { serviceRequestsTable } from '../functions/service-requests/table.ts';
import * as surveyReactions from '../functions/surveys/reactions.ts';
import * as surveySchedules from '../functions/surveys/schedules.ts';
import { surveysTable } from '../functions/surveys/table.ts';

/** Tables by domain; one domain, one table. */
export const TABLES: Readonly<Record<string, TableDescription>> = {
  divisions: divisionsTable,
  catalogue: catalogueTable,
  'service-requests': serviceRequestsTable,
  donations: donationsTable,
  places: placesTable,
  providers: providersTable,
  alerts: alertsTable,
  surveys: surveysTable,
  care: careTable,
  exports: exportsTable,
  audit: auditTable,
  notifications: notificationsTable,
  media: mediaTable,
  metrics: metricsTable,
};

/** Outer faces: functions of their own beside their domain's, since what one loads the other need not; they have their domain's table. */
export const FACES: Readonly<Record<string, { readonly domain: string; readonly folder: string }>> = {
  open311: { domain: 'service-requests', folder: 'service-requests/open311' },
  payments: { domain: 'donations', folder: 'donations/payments' },
  dashboard: { domain: 'metrics', folder: 'metrics/dashboard' },
  acknowledgements: { domain: 'alerts', folder: 'alerts/acknowledgements' },
};

export const REACTIONS: readonly ReactionDeclaration[] = [
  ...Object.values(notificationReactions),
  ...Object.values(mediaReactions),
  ...Object.values(metricsReactions),
  ...Object.values(exportReactions),
  ...Object.values(donationReactions),
  ...Object.values(alertReactions),
  ...Object.values(careReactions),
  ...Object.values(serviceRequestReactions),
  ...Object.values(providerReactions),
  ...Object.values(surveyReactions),
];

export const SCHEDULES: readonly Schedule[] = [
  ...Object.values(serviceRequestSchedules),
  ...Object.values(mediaSchedules),
  ...Object.values(metricsSchedules),
  ...Object.values(donationSchedules),
  ...Object.values(notificationSchedules),
  ...Object.values(surveySchedules),
  ...Object.values(careSchedules),
];

/** Which personal attributes reactions have declared to need, by event type: the relay lets no other through. */
export const personalNeeds = (): Readonly<Record<string, readonly string[]>> => {
  const needs = new Map<string, Set<string>>();
  for (const { on, needs: names } of REACTIONS) {
    if (names.length > 0) for (const type of on) needs.set(type, new Set([...(needs.get(type) ?? []), ...names]));
  }
  return Object.fromEntries([...needs].map(([type, names]) => [type, [...names]]));
};
