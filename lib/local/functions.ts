/** The code of everything that runs in Lambda, by what calls it. A new domain adds its lines here. */
import type { EventBridgeEvent } from 'aws-lambda';
import { alerts } from '../../functions/alerts/api.ts';
import * as alertReactions from '../../functions/alerts/reactions.ts';
import { alertsRelay } from '../../functions/alerts/relay.ts';
import { retireListings } from '../../functions/alerts/retire-listings.ts';
import { alertsTable } from '../../functions/alerts/table.ts';
import { auditService } from '../../functions/audit/api.ts';
import { alertVisits } from '../../functions/care/alert-visits.ts';
import { care } from '../../functions/care/api.ts';
import { careDue } from '../../functions/care/care-due.ts';
import * as careReactions from '../../functions/care/reactions.ts';
import { careRelay } from '../../functions/care/relay.ts';
import * as careSchedules from '../../functions/care/schedules.ts';
import { careTable } from '../../functions/care/table.ts';
import { catalogue } from '../../functions/catalogue/api.ts';
import { catalogueRelay } from '../../functions/catalogue/relay.ts';
import { catalogueTable } from '../../functions/catalogue/table.ts';
import type { CloudEvent, ReactionDeclaration } from '../../functions/data/reaction.ts';
import type { relay } from '../../functions/data/relay.ts';
import type { Runtime } from '../../functions/data/runtime.ts';
import type { Schedule, ScheduledEvent } from '../../functions/data/schedule.ts';
import type { TableDescription } from '../../functions/data/table.ts';
import { divisions } from '../../functions/divisions/api.ts';
import { divisionsRelay } from '../../functions/divisions/relay.ts';
import { divisionsTable } from '../../functions/divisions/table.ts';
import { donations } from '../../functions/donations/api.ts';
import { discloseFunds } from '../../functions/donations/disclose-funds.ts';
import { foundationDisclosure } from '../../functions/donations/foundation-disclosure.ts';
import { issueReceipts } from '../../functions/donations/issue-receipts.ts';
import { listBooked } from '../../functions/donations/list-booked.ts';
import { paymentReconciliation } from '../../functions/donations/payment-reconciliation.ts';
import { paymentSettlement } from '../../functions/donations/payment-settlement.ts';
import * as donationReactions from '../../functions/donations/reactions.ts';
import { donationsRelay } from '../../functions/donations/relay.ts';
import * as donationSchedules from '../../functions/donations/schedules.ts';
import { acknowledgements } from '../../functions/alerts/acknowledgements/api.ts';
import { dashboard } from '../../functions/metrics/dashboard/api.ts';
import { payments } from '../../functions/donations/payments/api.ts';
import { sendRefunds } from '../../functions/donations/send-refunds.ts';
import { donationsTable } from '../../functions/donations/table.ts';
import { traceUsesReaction } from '../../functions/donations/trace-uses.ts';
import { places } from '../../functions/places/api.ts';
import { placesRelay } from '../../functions/places/relay.ts';
import { placesTable } from '../../functions/places/table.ts';
import { exportsService } from '../../functions/exports/api.ts';
import * as exportReactions from '../../functions/exports/reactions.ts';
import { exportsRelay } from '../../functions/exports/relay.ts';
import { exportsTable } from '../../functions/exports/table.ts';
import { writeExport } from '../../functions/exports/write-export.ts';
import type { Service } from '../../functions/http/service.ts';
import { mediaService } from '../../functions/media/api.ts';
import { attachMedia } from '../../functions/media/attach-media.ts';
import { processMedia } from '../../functions/media/process-media.ts';
import { receiveMedia } from '../../functions/media/receive-media.ts';
import * as mediaReactions from '../../functions/media/reactions.ts';
import { retention } from '../../functions/media/retention.ts';
import * as mediaSchedules from '../../functions/media/schedules.ts';
import { metrics } from '../../functions/metrics/api.ts';
import { computeMetrics } from '../../functions/metrics/compute-metrics.ts';
import { metricsRefresh } from '../../functions/metrics/metrics-refresh.ts';
import { monthlyMetrics } from '../../functions/metrics/monthly-metrics.ts';
import * as metricsReactions from '../../functions/metrics/reactions.ts';
import { recordFacts } from '../../functions/metrics/record-facts.ts';
import { metricsRelay } from '../../functions/metrics/relay.ts';
import * as metricsSchedules from '../../functions/metrics/schedules.ts';
import { metricsTable } from '../../functions/metrics/table.ts';
import { notifications } from '../../functions/notifications/api.ts';
import * as notificationReactions from '../../functions/notifications/reactions.ts';
import { notificationsRelay } from '../../functions/notifications/relay.ts';
import { sendCode } from '../../functions/notifications/send-code.ts';
import { deliverAlert } from '../../functions/notifications/deliver-alert.ts';
import { deliverRedAlert } from '../../functions/notifications/deliver-red-alert.ts';
import { deliveryRetries } from '../../functions/notifications/delivery-retries.ts';
import { planAlert } from '../../functions/notifications/plan-alert.ts';
import * as notificationSchedules from '../../functions/notifications/schedules.ts';
import { notificationsTable } from '../../functions/notifications/table.ts';
import { heldNotices } from '../../functions/notifications/held-notices.ts';
import { inviteToSurvey } from '../../functions/notifications/invite-to-survey.ts';
import { walkReaders } from '../../functions/notifications/walk-readers.ts';
import { tellCareDesk } from '../../functions/notifications/tell-care-desk.ts';
import { tellProvider } from '../../functions/notifications/tell-provider.ts';
import { tellReassignment } from '../../functions/notifications/tell-reassignment.ts';
import { tellDonor } from '../../functions/notifications/tell-donor.ts';
import { tellRequester } from '../../functions/notifications/tell-requester.ts';
import { tellResponsible } from '../../functions/notifications/tell-responsible.ts';
import { walkSubscribers } from '../../functions/notifications/walk-subscribers.ts';
import { providers } from '../../functions/providers/api.ts';
import * as providerReactions from '../../functions/providers/reactions.ts';
import { recordCredit } from '../../functions/providers/record-credit.ts';
import { providersRelay } from '../../functions/providers/relay.ts';
import { providersTable } from '../../functions/providers/table.ts';
import { reference } from '../../functions/reference/api.ts';
import { serviceRequests } from '../../functions/service-requests/api.ts';
import { open311 } from '../../functions/service-requests/open311/api.ts';
import { openUrgentHelp } from '../../functions/service-requests/open-urgent-help.ts';
import * as serviceRequestReactions from '../../functions/service-requests/reactions.ts';
import { serviceRequestsRelay } from '../../functions/service-requests/relay.ts';
import { requestClocks } from '../../functions/service-requests/request-clocks.ts';
import * as serviceRequestSchedules from '../../functions/service-requests/schedules.ts';
import { serviceRequestsTable } from '../../functions/service-requests/table.ts';
import { surveys } from '../../functions/surveys/api.ts';
import * as surveyReactions from '../../functions/surveys/reactions.ts';
import { surveysRelay } from '../../functions/surveys/relay.ts';
import * as surveySchedules from '../../functions/surveys/schedules.ts';
import { surveyTally } from '../../functions/surveys/survey-tally.ts';
import { surveysTable } from '../../functions/surveys/table.ts';
import { countClosedSurvey } from '../../functions/surveys/count-closed-survey.ts';
import type { LocalHandler } from './invoke.ts';

export const SERVICES: readonly Service[] = [
  divisions,
  catalogue,
  serviceRequests,
  open311,
  mediaService,
  metrics,
  donations,
  places,
  providers,
  alerts,
  care,
  notifications,
  surveys,
  payments,
  dashboard,
  acknowledgements,
  exportsService,
  auditService,
  reference,
];

/** What stands behind `$default`. */
export const FALLBACK: Service = reference;

export const RELAYS: readonly { readonly table: TableDescription; readonly build: ReturnType<typeof relay> }[] = [
  { table: divisionsTable, build: divisionsRelay },
  { table: catalogueTable, build: catalogueRelay },
  { table: serviceRequestsTable, build: serviceRequestsRelay },
  { table: metricsTable, build: metricsRelay },
  { table: exportsTable, build: exportsRelay },
  { table: donationsTable, build: donationsRelay },
  { table: placesTable, build: placesRelay },
  { table: providersTable, build: providersRelay },
  { table: alertsTable, build: alertsRelay },
  { table: careTable, build: careRelay },
  { table: notificationsTable, build: notificationsRelay },
  { table: surveysTable, build: surveysRelay },
];

interface ReactionFunction {
  readonly declaration: ReactionDeclaration;
  readonly build: (runtime: Runtime) => (event: EventBridgeEvent<string, CloudEvent<never>>) => Promise<void>;
}

export const REACTIONS: readonly ReactionFunction[] = [
  { declaration: notificationReactions.tellResponsible, build: tellResponsible },
  { declaration: notificationReactions.tellCareDesk, build: tellCareDesk },
  { declaration: notificationReactions.tellReassignment, build: tellReassignment },
  { declaration: notificationReactions.tellProvider, build: tellProvider },
  { declaration: notificationReactions.tellRequester, build: tellRequester },
  { declaration: notificationReactions.tellDonor, build: tellDonor },
  { declaration: notificationReactions.inviteToSurvey, build: inviteToSurvey },
  { declaration: notificationReactions.walkReaders, build: (runtime) => walkReaders(runtime) },
  { declaration: notificationReactions.sendCode, build: sendCode },
  { declaration: notificationReactions.planAlert, build: planAlert },
  { declaration: notificationReactions.walkSubscribers, build: (runtime) => walkSubscribers(runtime) },
  { declaration: notificationReactions.deliverAlert, build: (runtime) => deliverAlert(runtime) },
  { declaration: notificationReactions.deliverRedAlert, build: (runtime) => deliverRedAlert(runtime) },
  { declaration: mediaReactions.processMedia, build: processMedia },
  { declaration: mediaReactions.attachMedia, build: attachMedia },
  { declaration: mediaReactions.receiveMedia, build: receiveMedia },
  { declaration: metricsReactions.recordFacts, build: recordFacts },
  { declaration: metricsReactions.computeMetrics, build: computeMetrics },
  { declaration: exportReactions.writeExport, build: writeExport },
  { declaration: donationReactions.issueReceipts, build: issueReceipts },
  { declaration: donationReactions.traceUses, build: traceUsesReaction },
  { declaration: donationReactions.sendRefunds, build: sendRefunds },
  { declaration: donationReactions.listBooked, build: listBooked },
  { declaration: donationReactions.discloseFunds, build: (runtime) => discloseFunds(runtime) },
  { declaration: alertReactions.retireListings, build: retireListings },
  { declaration: careReactions.alertVisits, build: alertVisits },
  { declaration: serviceRequestReactions.openUrgentHelp, build: openUrgentHelp },
  { declaration: surveyReactions.countClosedSurvey, build: (runtime) => countClosedSurvey(runtime) },
  { declaration: providerReactions.recordCredit, build: recordCredit },
];

interface ScheduledFunction {
  readonly declaration: Schedule;
  readonly build: (runtime: Runtime) => LocalHandler<ScheduledEvent, unknown>;
}

export const SCHEDULES: readonly ScheduledFunction[] = [
  { declaration: serviceRequestSchedules.requestClocks, build: requestClocks },
  { declaration: mediaSchedules.retention, build: retention },
  { declaration: metricsSchedules.monthlyMetrics, build: monthlyMetrics },
  { declaration: metricsSchedules.metricsRefresh, build: metricsRefresh },
  { declaration: donationSchedules.paymentSettlement, build: paymentSettlement },
  { declaration: donationSchedules.paymentReconciliation, build: paymentReconciliation },
  { declaration: donationSchedules.foundationDisclosure, build: foundationDisclosure },
  { declaration: notificationSchedules.deliveryRetries, build: deliveryRetries },
  { declaration: notificationSchedules.heldNotices, build: heldNotices },
  { declaration: surveySchedules.surveyTally, build: surveyTally },
  { declaration: careSchedules.careDue, build: careDue },
];
