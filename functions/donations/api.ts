import { lambda } from '../data/lambda.ts';
import { service } from '../http/service.ts';
import { changePurpose } from './change-purpose.ts';
import { confirm } from './confirm.ts';
import { donationOperations } from './contract.ts';
import { discloseGrants } from './disclose-grants.ts';
import { listDonations, listOwnDonations, readDonation, readRefund } from './donations.ts';
import { listEntries } from './entries.ts';
import { createFund, listFunds, readFund, widenFund } from './funds.ts';
import { createGrant, grantActions, listGrants, readGrant } from './grants.ts';
import { approveIncome, createIncome, listIncome, readIncome } from './incomes.ts';
import { checkReceipt, readReceipt } from './receipts.ts';
import { listReconciliations } from './reconciliations.ts';
import { refundDonation } from './refund-donation.ts';
import { readStatement } from './statements.ts';
import { donationsTable } from './table.ts';

export const donations = service({
  domain: 'donations',
  table: donationsTable,
  operations: donationOperations,
  handlers: {
    createFund,
    listFunds,
    readFund,
    widenFund,
    listDonations,
    listOwnDonations,
    readDonation,
    confirmDonation: confirm,
    refundDonation,
    readRefund,
    changePurpose,
    readReceipt,
    checkReceipt,
    createIncome,
    approveIncome,
    readIncome,
    listIncome,
    createGrant,
    ...grantActions,
    readGrant,
    listGrants,
    listEntries,
    readStatement,
    readThreeSixtyGiving: discloseGrants,
    listReconciliations,
  },
});

export const handler = lambda(donations.build);
