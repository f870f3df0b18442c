/** What this domain does when something happened; each is `<name>.ts` beside this file. */
import { reaction } from '../data/reaction.ts';

/** What has come in gets its number. */
export const issueReceipts = reaction({
  name: 'issue-receipts',
  domain: 'donations',
  on: ['donation.received'],
  needs: [],
  uses: { donations: 'write' },
});

/** What was paid out is followed back to the gifts that it came from, and so is what a gift that goes back has left open. */
export const traceUses = reaction({
  name: 'trace-uses',
  domain: 'donations',
  on: [
    'grant.paid',
    'income.approved',
    'donation.refunding',
    'donation.refunded',
    'donation.refundFailed',
    'donation.borne',
    'donation.purposeChanged',
  ],
  needs: [],
  uses: { donations: 'write' },
});

/** Money that is to go back is sent. */
export const sendRefunds = reaction({
  name: 'send-refunds',
  domain: 'donations',
  on: ['refund.requested'],
  needs: [],
  uses: { donations: 'write' },
  payments: true,
});

/** What went through a provider is listed by its day. */
export const listBooked = reaction({
  name: 'list-booked',
  domain: 'donations',
  on: ['journal.posted'],
  // Grants, incomes and what moves within a fund went through none.
  changing: ['channel'],
  needs: [],
  uses: { donations: 'write' },
});

/** A step of a disclosure, told of by the table itself. */
export const discloseFunds = reaction({
  name: 'disclose-funds',
  domain: 'donations',
  on: ['disclosure.begun', 'disclosure.continued'],
  needs: [],
  uses: { donations: 'write', catalogue: 'read' },
  size: 'large',
});
