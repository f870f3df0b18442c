import { lambda } from '../../data/lambda.ts';
import { service } from '../../http/service.ts';
import { paymentOperations } from '../contract.ts';
import { donate } from '../donate.ts';
import { notify } from '../notify.ts';
import { donationsTable } from '../table.ts';

/** What speaks to payment providers, and alone of all that answers clients may know their keys. */
export const payments = service({
  domain: 'payments',
  table: donationsTable,
  operations: paymentOperations,
  handlers: { createDonation: donate, receiveNotification: notify },
});

export const handler = lambda(payments.build);
