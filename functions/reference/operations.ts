/** Every operation of the system by domain, in the order in which the contract shows them. A new domain adds its line here. */
import { acknowledgementOperations } from '../alerts/acknowledgements/contract.ts';
import { alertOperations } from '../alerts/contract.ts';
import { auditOperations } from '../audit/contract.ts';
import { careOperations } from '../care/contract.ts';
import { catalogueOperations } from '../catalogue/contract.ts';
import { divisionOperations } from '../divisions/contract.ts';
import { exportOperations } from '../exports/contract.ts';
import { donationOperations, paymentOperations } from '../donations/contract.ts';
import type { OperationSpec } from '../http/operation.ts';
import { mediaOperations } from '../media/contract.ts';
import { dashboardOperations, metricsOperations } from '../metrics/contract.ts';
import { notificationOperations } from '../notifications/contract.ts';
import { placeOperations } from '../places/contract.ts';
import { providerOperations } from '../providers/contract.ts';
import { serviceRequestOperations } from '../service-requests/contract.ts';
import { surveyOperations } from '../surveys/contract.ts';
import { open311Operations } from '../service-requests/open311/contract.ts';
import { referenceOperations } from './contract.ts';

export const OPERATIONS: Readonly<Record<string, readonly OperationSpec[]>> = {
  divisions: Object.values(divisionOperations),
  catalogue: Object.values(catalogueOperations),
  'service-requests': Object.values(serviceRequestOperations),
  open311: Object.values(open311Operations),
  media: Object.values(mediaOperations),
  metrics: Object.values(metricsOperations),
  dashboard: Object.values(dashboardOperations),
  donations: Object.values(donationOperations),
  payments: Object.values(paymentOperations),
  places: Object.values(placeOperations),
  providers: Object.values(providerOperations),
  alerts: Object.values(alertOperations),
  acknowledgements: Object.values(acknowledgementOperations),
  care: Object.values(careOperations),
  notifications: Object.values(notificationOperations),
  surveys: Object.values(surveyOperations),
  exports: Object.values(exportOperations),
  audit: Object.values(auditOperations),
  reference: Object.values(referenceOperations),
};
