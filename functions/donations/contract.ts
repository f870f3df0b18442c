/** What clients see of the community foundation (社区基金会): funds, gifts, receipts, income, grants, the public books. */
import * as z from 'zod/mini';
import { mediaSchema } from '../http/media.ts';
import { onBehalfOf } from '../http/on-behalf.ts';
import { operation } from '../http/operation.ts';
import {
  code,
  count,
  divisionCode,
  flag,
  id,
  instant,
  line,
  momentOrDay,
  named,
  page,
  paging,
  phone,
  prose,
  texts,
} from '../http/schema.ts';
import {
  CHANNELS,
  DONATION_STATUSES,
  GRANT_STATUSES,
  INCOME_SOURCES,
  INCOME_STATUSES,
  ONLINE_CHANNELS,
  PURPOSE_GROUNDS,
  RECIPIENT_KINDS,
  REFUND_GROUNDS,
  REFUND_STATUSES,
} from './names.ts';
import { PAYMENT_METHODS } from '../kernel/payment-words.ts';
import { JOURNAL_KINDS } from './ledger.ts';
import { PERIOD_PATTERN } from './statement.ts';

/** Fen: 10^12 are 10,000 million yuan. */
const MOST = 10 ** 12;
export const ONLINE_LEAST = 100;
export const ONLINE_MOST = 5_000_000;
const MAX_PURPOSES = 20;
const MAX_ACCOUNTS = 32;
const MAX_REPORT_MEDIA = 10;

const amount = z.int().check(z.gte(1), z.lte(MOST));
const currency = z.literal('CNY');
const sums = z.record(z.string(), z.int());
const sub = z.string();

/** A name of a channel; which there are is the system's own matter, so that one that only exists on one machine is none of the contract's. */
const channelName = (all: readonly string[]) => {
  const schema = z.string().check(z.regex(/^[a-zA-Z]{1,32}$/));
  z.globalRegistry.add(schema, { enum: [...all] });
  return schema;
};
const channel = channelName(CHANNELS);
const onlineChannel = channelName(ONLINE_CHANNELS);

const purposeSchema = named('Purpose', z.strictObject({ code, name: texts(100) }));

const fundSchema = named(
  'Fund',
  z.object({
    id,
    name: texts(100),
    division: divisionCode,
    purposes: z.array(purposeSchema),
    currency,
    /** Fen by purpose, unrestricted money under `general`; `available` is their sum. */
    balance: z.object({ available: z.int(), byPurpose: sums }),
    /** Accounts of each purpose, on which gifts are spread. */
    accounts: z.int(),
    createdAt: instant,
  }),
);

/** Asked for by a treasurer; or the order was paid twice, and the second payment, none of the gift's own money, goes back by itself. */
const ground = z.enum(REFUND_GROUNDS);
const refundSummary = z.object({ id, amount, status: z.enum(REFUND_STATUSES), ground });

/** How somebody is reached: a line, or its parts. */
const contact = z.union([
  line(100),
  z.strictObject({ name: z.optional(line(50)), phone: z.optional(phone), email: z.optional(line(254)) }),
]);
const donorInput = z.strictObject({ name: z.optional(line(50)), anonymous: z.boolean(), contact: z.optional(contact) });

const instructions = named(
  'PaymentInstructions',
  z.object({
    method: z.string(),
    /** `native`: shown as a QR code. */
    codeUrl: z.optional(z.string()),
    /** `h5`, `page`: where the browser goes. */
    url: z.optional(z.string()),
    /** `jsapi`: what WeChat's bridge takes. */
    jsapi: z.optional(
      z.object({
        appId: z.string(),
        timeStamp: z.string(),
        nonceStr: z.string(),
        package: z.string(),
        signType: z.literal('RSA'),
        paySign: z.string(),
      }),
    ),
    /** `app`: what Alipay's app takes. */
    orderString: z.optional(z.string()),
    /** `card`: what Stripe.js takes. */
    clientSecret: z.optional(z.string()),
    publishableKey: z.optional(z.string()),
  }),
);

const donationFields = {
  id,
  fund: id,
  purpose: z.string(),
  amount,
  currency,
  channel,
  method: z.optional(z.string()),
  status: z.enum(DONATION_STATUSES),
  createdAt: instant,
  /** Until then it can be paid, or handed over. */
  payBy: instant,
  receivedAt: z.optional(instant),
  /** Fen of the gift that have gone back. */
  refunded: count,
  /** Fen that the payer's bank has taken back for good. */
  lost: z.optional(count),
  /** The bank is still to decide, or what it has decided is not borne yet. */
  disputed: z.optional(z.boolean()),
  receipt: z.optional(z.string()),
};

const donationSchema = named(
  'Donation',
  z.object({
    ...donationFields,
    donor: z.object({ name: z.optional(z.string()), anonymous: z.boolean(), contact: z.optional(z.unknown()) }),
    message: z.optional(z.string()),
    onBehalfOf: z.optional(onBehalfOf),
    refunds: z.array(refundSummary),
    /** What it was used for: first in, first out within its purpose. */
    usedBy: z.array(z.object({ grant: id, amount })),
    /** Fen that no grant has used yet. */
    unused: count,
    /** What this caller may do with it now. */
    actions: z.array(z.string()),
  }),
);
const listedDonation = named('ListedDonation', z.object(donationFields));

const promisedDonation = named(
  'PromisedDonation',
  z.object({
    id,
    status: z.enum(DONATION_STATUSES),
    /** What the client does next; null where it is handed over or transferred. */
    payment: z.nullable(instructions),
    /** The secret by which who gave is known, in `X-Linli-Claim`; shown this once. */
    claim: z.string(),
  }),
);

const refundSchema = named(
  'Refund',
  z.object({
    id,
    donation: id,
    amount,
    currency,
    ground,
    reason: z.string(),
    status: z.enum(REFUND_STATUSES),
    createdAt: instant,
    settledAt: z.optional(instant),
  }),
);

const receiptSchema = named(
  'Receipt',
  z.object({
    number: z.string(),
    payer: z.string(),
    anonymous: z.boolean(),
    amount,
    currency,
    /** 大写金额. */
    amountInWords: z.string(),
    fund: z.object({ id, name: texts(100), division: divisionCode }),
    purpose: z.object({ code: z.string(), name: texts(100) }),
    channel,
    donatedAt: instant,
    issuedAt: instant,
    checkCode: z.string(),
    /** It has been shown before. */
    reprint: z.boolean(),
    /** Nothing is left of it: it has gone back, or the payer's bank has taken it. */
    void: z.boolean(),
    donation: id,
    /** That it is a record, and no 票据 of the finance authority. */
    notice: texts(500),
  }),
);

const incomeSchema = named(
  'Income',
  z.object({
    id,
    fund: id,
    purpose: z.string(),
    source: z.enum(INCOME_SOURCES),
    amount,
    currency,
    reference: z.string(),
    status: z.enum(INCOME_STATUSES),
    proposedAt: instant,
    proposedBy: sub,
    approvedAt: z.optional(instant),
    approvedBy: z.optional(sub),
    /** What may be done with it next. */
    actions: z.array(z.string()),
  }),
);

const warning = z.object({ code: z.enum(['administrativeCap', 'yearlySpending']), share: z.number(), limit: z.number() });

const grantFields = {
  id,
  fund: id,
  purpose: z.string(),
  amount,
  currency,
  /** A person who receives is never named in public. */
  recipient: z.object({ kind: z.enum(RECIPIENT_KINDS), name: z.optional(z.string()) }),
  reason: z.optional(z.string()),
  administrative: z.boolean(),
  status: z.enum(GRANT_STATUSES),
  proposedAt: instant,
  decidedAt: z.optional(instant),
  paidAt: z.optional(instant),
  report: z.optional(z.object({ text: z.string(), at: instant, media: z.array(mediaSchema) })),
  /** What may be done with it next. */
  actions: z.array(z.string()),
};
const grantSchema = named(
  'Grant',
  z.object({
    ...grantFields,
    /** For treasurers and auditors of the division. */
    proposedBy: z.optional(sub),
    decidedBy: z.optional(sub),
    paidBy: z.optional(sub),
    note: z.optional(z.string()),
    /** Spending that is beyond what the settings foresee. */
    warnings: z.optional(z.array(warning)),
  }),
);
const listedGrant = named('ListedGrant', z.object({ ...grantFields, report: z.optional(z.object({ text: z.string(), at: instant })) }));

const entrySchema = named(
  'LedgerEntry',
  z.object({
    id,
    at: instant,
    kind: z.enum(JOURNAL_KINDS),
    purpose: z.string(),
    /** What the purpose has more, or less, by it: fen. What it had is the sum of its entries. */
    amount: z.int(),
    /** Above 0 debited, below 0 credited; their sum is 0. */
    postings: z.array(z.object({ account: z.string(), amount: z.int() })),
    channel: z.optional(z.string()),
    /** Who gave, where they are not anonymous. */
    donor: z.optional(z.string()),
    grant: z.optional(id),
    recipient: z.optional(z.string()),
    reason: z.optional(z.string()),
    source: z.optional(z.string()),
    reference: z.optional(z.string()),
    administrative: z.optional(z.boolean()),
  }),
);
type EntryView = z.output<typeof entrySchema>;

const purposeSums = z.object({ opening: z.int(), in: z.int(), out: z.int(), moved: z.int(), closing: z.int() });
const LATE = ['disclosure', 'report'] as const;
const statementSchema = named(
  'Statement',
  z.object({
    fund: id,
    period: z.string(),
    status: z.enum(['running', 'over', 'final']),
    currency,
    opening: z.int(),
    /** Gifts, income, and refunds that failed: what was to go back, or had gone, and came back to the fund. */
    in: z.int(),
    /** Grants, refunds, disputes that were lost. */
    out: z.int(),
    closing: z.int(),
    /** Fen at its end, by purpose. */
    byPurpose: sums,
    purposes: z.record(z.string(), purposeSums),
    grants: z.int(),
    administrative: z.int(),
    /** Of the grants paid; null where none was. */
    administrativeShare: z.nullable(z.number()),
    administrativeCap: z.number(),
    /** Of a year: what was paid out, of the income of the year before. */
    spendingShare: z.optional(z.nullable(z.number())),
    spendingGoal: z.optional(z.number()),
    warnings: z.array(warning),
    /** When it was frozen; from then on it stands. */
    disclosedAt: z.optional(instant),
    /** What should have been done by then and was not. */
    late: z.array(z.object({ kind: z.enum(LATE), grant: z.optional(id), since: instant })),
    /** How many reports are late in all, where only the hundred that have waited longest are named. */
    lateReports: z.optional(z.int()),
  }),
);
export type StatementView = z.input<typeof statementSchema>;

const fundParams = z.object({ id });
const ID = '00000000000000000000000000';
const fundExample = {
  name: { 'zh-CN': '水井坊社区微基金', en: 'Shuijingfang community fund' },
  division: '510104017001',
  purposes: [{ code: 'elders', name: { 'zh-CN': '助老', en: 'Elders' } }],
};
const claimHeader = z.object({ 'x-linli-claim': z.optional(z.string()) });
const OF_DONOR =
  'For whoever gave it, signed in or with the `claim` in `X-Linli-Claim`, and for treasurers of the division; for anybody else it is not there.';

export const createFund = operation({
  id: 'createFund',
  method: 'POST',
  path: '/v1/funds',
  summary: 'Opens a fund of a division',
  access: 'signedIn',
  roles: ['treasurer'],
  body: z.strictObject({ name: texts(100), division: divisionCode, purposes: z.array(purposeSchema).check(z.maxLength(MAX_PURPOSES)) }),
  responses: { 201: fundSchema },
  problems: ['forbidden', 'invalid'],
  uses: { donations: 'write', divisions: 'read' },
  examples: { body: fundExample },
});

export const listFunds = operation({
  id: 'listFunds',
  method: 'GET',
  path: '/v1/funds',
  summary: 'Funds by division, of a division and all within it where it is given',
  access: 'public',
  query: z.strictObject({ division: z.optional(divisionCode), ...paging }),
  responses: { 200: page(fundSchema) },
  problems: ['cursorInvalid'],
  tag: 'content',
  uses: { donations: 'read' },
});

export const readFund = operation({
  id: 'readFund',
  method: 'GET',
  path: '/v1/funds/{id}',
  summary: 'A fund, with what it has',
  access: 'public',
  params: fundParams,
  responses: { 200: fundSchema },
  problems: ['notFound'],
  uses: { donations: 'read' },
  examples: { params: { id: ID } },
});

export const widenFund = operation({
  id: 'widenFund',
  method: 'POST',
  path: '/v1/funds/{id}/accounts',
  summary: 'Spreads the gifts of a fund on more accounts, for a campaign in which hundreds come in a second',
  description:
    'A purpose then has so many accounts; what lies on them is swept to the main one when it is needed, and daily. It cannot be lowered.',
  access: 'signedIn',
  roles: ['treasurer'],
  params: fundParams,
  body: z.strictObject({ accounts: z.int().check(z.gte(1), z.lte(MAX_ACCOUNTS)) }),
  responses: { 200: fundSchema },
  problems: ['forbidden', 'notFound', 'invalid', 'conflict'],
  ifMatch: true,
  inSteps: true,
  uses: { donations: 'write' },
  examples: { params: { id: ID }, body: { accounts: 8 } },
});

export const createDonation = operation({
  id: 'createDonation',
  method: 'POST',
  path: '/v1/donations',
  summary: 'Promises a gift, and answers with how it is paid',
  description: `Through a provider from ${ONLINE_LEAST} to ${ONLINE_MOST} fen; cash and bank transfers count once a treasurer has confirmed them. Without a purpose it is for anything the fund does. The same Idempotency-Key gives the same donation, and how to pay it, again.`,
  access: 'optional',
  body: z.strictObject({
    fund: id,
    amount,
    purpose: z.optional(code),
    donor: donorInput,
    channel,
    payment: z.optional(
      z.strictObject({
        method: z.enum(PAYMENT_METHODS),
        openId: z.optional(line(128)),
        returnUrl: z.optional(z.url({ protocol: /^https?$/ }).check(z.maxLength(500))),
      }),
    ),
    message: z.optional(prose(200)),
    onBehalfOf: z.optional(onBehalfOf),
  }),
  responses: { 201: promisedDonation },
  problems: ['forbidden', 'invalid', 'providerUnavailable', 'tooManyRequests'],
  limit: { per: 'ip', count: 60, window: 60 },
  inSteps: true,
  uses: { donations: 'write' },
  payments: true,
  examples: {
    body: { fund: ID, amount: 1000, donor: { name: '王芳', anonymous: false }, channel: 'cash', message: '给社区食堂' },
  },
});

export const listDonations = operation({
  id: 'listDonations',
  method: 'GET',
  path: '/v1/donations',
  summary: 'Gifts to a fund, newest first, for treasurers and auditors of its division',
  access: 'signedIn',
  roles: ['treasurer', 'auditor'],
  query: z.strictObject({ fund: id, status: z.optional(z.enum(DONATION_STATUSES)), ...paging }),
  responses: { 200: page(listedDonation) },
  problems: ['notFound', 'cursorInvalid'],
  uses: { donations: 'read' },
  examples: { query: { fund: ID } },
});

export const listOwnDonations = operation({
  id: 'listOwnDonations',
  method: 'GET',
  path: '/v1/me/donations',
  summary: 'What the caller has given, newest first',
  access: 'signedIn',
  query: z.strictObject(paging),
  responses: { 200: page(listedDonation) },
  problems: ['cursorInvalid'],
  uses: { donations: 'read' },
});

export const readDonation = operation({
  id: 'readDonation',
  method: 'GET',
  path: '/v1/donations/{id}',
  summary: 'A gift, and what it was used for',
  description: OF_DONOR,
  access: 'optional',
  params: fundParams,
  headers: claimHeader,
  responses: { 200: donationSchema },
  problems: ['notFound'],
  uses: { donations: 'read' },
  examples: { params: { id: ID } },
});

export const confirmDonation = operation({
  id: 'confirmDonation',
  method: 'POST',
  path: '/v1/donations/{id}/confirm',
  summary: 'Says that cash or a bank transfer has come in; once more changes nothing',
  access: 'signedIn',
  roles: ['treasurer'],
  params: fundParams,
  body: z.strictObject({}),
  responses: { 200: donationSchema },
  problems: ['forbidden', 'notFound', 'wrongState', 'conflict'],
  ifMatch: true,
  uses: { donations: 'write' },
  examples: { params: { id: ID }, body: {} },
});

export const refundDonation = operation({
  id: 'refundDonation',
  method: 'POST',
  path: '/v1/donations/{id}/refunds',
  summary: 'Gives a gift back, or part of it',
  description:
    'No more than is left of it, nor than its purpose has. Through a provider the money is reserved and the refund `pending` until it has gone; cash and bank transfers are `succeeded` at once.',
  access: 'signedIn',
  roles: ['treasurer'],
  params: fundParams,
  body: z.strictObject({ amount, reason: prose(200) }),
  responses: { 201: refundSchema },
  problems: ['forbidden', 'notFound', 'wrongState', 'notEnoughMoney', 'conflict'],
  ifMatch: true,
  uses: { donations: 'remove' },
  examples: { params: { id: ID }, body: { amount: 500, reason: '重复捐赠' } },
});

export const readRefund = operation({
  id: 'readRefund',
  method: 'GET',
  path: '/v1/donations/{id}/refunds/{refund}',
  summary: 'How far a refund is',
  description: OF_DONOR,
  access: 'optional',
  params: z.object({ id, refund: id }),
  headers: claimHeader,
  responses: { 200: refundSchema },
  problems: ['notFound'],
  uses: { donations: 'read' },
  examples: { params: { id: ID, refund: ID } },
});

export const changePurpose = operation({
  id: 'changePurpose',
  method: 'POST',
  path: '/v1/donations/{id}/purpose',
  summary: 'Gives what is unused of a gift another purpose: with the donor’s consent, or to a similar one with the reason published',
  description:
    'Charity Law of the PRC (2023), articles 57 and 58. The consent, and when it was given, is recorded; the reason stands in the public entries.',
  access: 'signedIn',
  roles: ['treasurer'],
  params: fundParams,
  body: z.strictObject({
    purpose: code,
    ground: z.enum(PURPOSE_GROUNDS),
    reason: prose(200),
    /** When and how the donor agreed. */
    consent: z.optional(z.strictObject({ at: momentOrDay, reference: line(200) })),
  }),
  responses: { 200: donationSchema },
  problems: ['forbidden', 'notFound', 'wrongState', 'notEnoughMoney', 'conflict'],
  ifMatch: true,
  uses: { donations: 'write' },
  examples: {
    params: { id: ID },
    body: { purpose: 'elders', ground: 'similarPurpose', reason: '原用途已完成，结余用于相近用途' },
  },
});

export const readReceipt = operation({
  id: 'readReceipt',
  method: 'GET',
  path: '/v1/donations/{id}/receipt',
  summary: 'The receipt of a gift, or a page to print for who prefers HTML',
  description: `${OF_DONOR} A record of the gift, and no 票据 of the finance authority. Shown once more to who gave, it is a reprint; void once it has gone back in full, or was lost to the payer’s bank.`,
  access: 'optional',
  params: fundParams,
  headers: claimHeader,
  responses: { 200: receiptSchema },
  page: true,
  problems: ['notFound', 'receiptPending', 'conflict'],
  uses: { donations: 'write', divisions: 'read' },
  examples: { params: { id: ID } },
});

export const checkReceipt = operation({
  id: 'checkReceipt',
  method: 'GET',
  path: '/v1/donations/{id}/receipt/check',
  summary: 'Whether a receipt is one of ours: for anybody who holds it, by its check code',
  access: 'public',
  params: fundParams,
  query: z.strictObject({ checkCode: line(40) }),
  responses: { 200: z.object({ number: z.string(), amount, currency, donatedAt: instant, void: z.boolean() }) },
  problems: ['notFound'],
  limit: { per: 'ip', count: 60, window: 60 },
  tag: 'content',
  uses: { donations: 'write' },
  examples: { params: { id: ID }, query: { checkCode: 'ABCD-EFGH-JKMN' } },
});

/** Words of the provider's own. */
const told = z.unknown();

export const receiveNotification = operation({
  id: 'receiveNotification',
  method: 'POST',
  path: '/v1/payments/{channel}/notifications',
  summary: 'Takes what a payment provider tells, verified by its signature on the body as it came',
  description: 'The answers are those that the provider wants. What is not genuine, in time and exact changes nothing and is refused.',
  access: 'signature',
  raw: true,
  params: z.object({ channel: onlineChannel }),
  responses: { 200: told, 400: told, 401: told, 503: told },
  media: ['application/json; charset=utf-8', 'text/plain; charset=utf-8'],
  problems: ['notFound'],
  uses: { donations: 'remove' },
  payments: true,
  examples: { params: { channel: 'wechatPay' } },
});

export const createIncome = operation({
  id: 'createIncome',
  method: 'POST',
  path: '/v1/funds/{id}/income',
  summary: 'Enters public or collective money; it counts once another treasurer has approved it',
  access: 'signedIn',
  roles: ['treasurer'],
  params: fundParams,
  body: z.strictObject({ source: z.enum(INCOME_SOURCES), amount, purpose: z.optional(code), reference: line(200) }),
  responses: { 201: incomeSchema },
  problems: ['forbidden', 'notFound'],
  uses: { donations: 'write' },
  examples: { params: { id: ID }, body: { source: 'government', amount: 5_000_000, reference: '锦江财社〔2026〕12号' } },
});

const incomeParams = z.object({ id, income: id });
export const approveIncome = operation({
  id: 'approveIncome',
  method: 'POST',
  path: '/v1/funds/{id}/income/{income}/approve',
  summary: 'Approves what another treasurer has entered',
  access: 'signedIn',
  roles: ['treasurer'],
  params: incomeParams,
  body: z.strictObject({}),
  responses: { 200: incomeSchema },
  problems: ['forbidden', 'notFound', 'wrongState', 'conflict'],
  ifMatch: true,
  uses: { donations: 'write' },
  examples: { params: { id: ID, income: ID }, body: {} },
});

export const readIncome = operation({
  id: 'readIncome',
  method: 'GET',
  path: '/v1/funds/{id}/income/{income}',
  summary: 'An income of a fund, for treasurers and auditors of its division',
  access: 'signedIn',
  roles: ['treasurer', 'auditor'],
  params: incomeParams,
  responses: { 200: incomeSchema },
  problems: ['notFound'],
  uses: { donations: 'read' },
  examples: { params: { id: ID, income: ID } },
});

export const listIncome = operation({
  id: 'listIncome',
  method: 'GET',
  path: '/v1/funds/{id}/income',
  summary: 'Incomes of a fund, newest first, for treasurers and auditors of its division',
  access: 'signedIn',
  roles: ['treasurer', 'auditor'],
  params: fundParams,
  query: z.strictObject({ status: z.optional(z.enum(INCOME_STATUSES)), ...paging }),
  responses: { 200: page(incomeSchema) },
  problems: ['notFound', 'cursorInvalid'],
  uses: { donations: 'read' },
  examples: { params: { id: ID } },
});

export const createGrant = operation({
  id: 'createGrant',
  method: 'POST',
  path: '/v1/grants',
  summary: 'Proposes that a fund pays money out',
  description: 'A grant draws on its own purpose only, without one on what has none. `administrative`: what the foundation itself costs.',
  access: 'signedIn',
  roles: ['treasurer'],
  body: z.strictObject({
    fund: id,
    purpose: z.optional(code),
    amount,
    recipient: z.strictObject({ kind: z.enum(RECIPIENT_KINDS), name: line(100) }),
    reason: prose(300),
    administrative: z.optional(z.boolean()),
  }),
  responses: { 201: grantSchema },
  problems: ['forbidden', 'invalid'],
  uses: { donations: 'write', catalogue: 'read' },
  examples: {
    body: { fund: ID, amount: 500, recipient: { kind: 'organisation', name: '邻里助老服务中心' }, reason: '社区食堂十一月补贴' },
  },
});

const grantAction = {
  method: 'POST',
  access: 'signedIn',
  roles: ['treasurer'],
  params: fundParams,
  responses: { 200: grantSchema },
  problems: ['forbidden', 'notFound', 'wrongState', 'conflict'],
  ifMatch: true,
  uses: { donations: 'write', catalogue: 'read', media: 'read' },
  objects: { 'media/': 'link' },
} as const;

export const approveGrant = operation({
  ...grantAction,
  id: 'approveGrant',
  path: '/v1/grants/{id}/approve',
  summary: 'Approves a grant that another treasurer has proposed',
  body: z.strictObject({}),
  examples: { params: { id: ID }, body: {} },
});

export const rejectGrant = operation({
  ...grantAction,
  id: 'rejectGrant',
  path: '/v1/grants/{id}/reject',
  summary: 'Rejects a grant that another treasurer has proposed',
  body: z.strictObject({ reason: z.optional(prose(300)) }),
  examples: { params: { id: ID }, body: {} },
});

export const payGrant = operation({
  ...grantAction,
  id: 'payGrant',
  path: '/v1/grants/{id}/pay',
  summary: 'Pays a grant that is approved, where its purpose has so much',
  body: z.strictObject({}),
  problems: [...grantAction.problems, 'notEnoughMoney'],
  examples: { params: { id: ID }, body: {} },
});

export const reportGrant = operation({
  ...grantAction,
  id: 'reportGrant',
  path: '/v1/grants/{id}/report',
  summary: 'Tells the public what became of the money, with pictures',
  body: z.strictObject({ text: prose(2000), media: z.optional(z.array(id).check(z.maxLength(MAX_REPORT_MEDIA))) }),
  examples: { params: { id: ID }, body: { text: '十一月共为 32 位老人供餐 640 份。' } },
});

export const readGrant = operation({
  id: 'readGrant',
  method: 'GET',
  path: '/v1/grants/{id}',
  summary: 'A grant; treasurers and auditors of the division see more',
  access: 'optional',
  params: fundParams,
  responses: { 200: grantSchema },
  problems: ['notFound'],
  uses: { donations: 'read', catalogue: 'read', media: 'read' },
  objects: { 'media/': 'link' },
  examples: { params: { id: ID } },
});

export const listGrants = operation({
  id: 'listGrants',
  method: 'GET',
  path: '/v1/grants',
  summary: 'Grants of a fund, newest first',
  access: 'public',
  query: z.strictObject({ fund: id, status: z.optional(z.enum(GRANT_STATUSES)), ...paging }),
  responses: { 200: page(listedGrant) },
  problems: ['notFound', 'cursorInvalid'],
  tag: 'content',
  uses: { donations: 'read' },
  examples: { query: { fund: ID } },
});

const ENTRY_COLUMNS = [
  'id',
  'at',
  'kind',
  'purpose',
  'amount',
  'channel',
  'donor',
  'grant',
  'recipient',
  'reason',
  'source',
  'reference',
  'administrative',
] as const satisfies readonly (keyof EntryView)[];

export const listEntries = operation({
  id: 'listEntries',
  method: 'GET',
  path: '/v1/funds/{id}/entries',
  summary: 'The books of a fund, newest first',
  description:
    'What a purpose has is the sum of its entries. Moves between a purpose’s own accounts are left out, unless `all` is asked for.',
  access: 'public',
  params: fundParams,
  query: z.strictObject({ purpose: z.optional(code), all: z.optional(flag), ...paging }),
  responses: { 200: page(entrySchema) },
  problems: ['notFound', 'cursorInvalid'],
  csv: ({ items }: { readonly items: readonly EntryView[] }) => [
    ENTRY_COLUMNS,
    ...items.map((each) => ENTRY_COLUMNS.map((name) => each[name])),
  ],
  tag: 'content',
  uses: { donations: 'read' },
  examples: { params: { id: ID } },
});

export const readStatement = operation({
  id: 'readStatement',
  method: 'GET',
  path: '/v1/funds/{id}/statements/{period}',
  summary:
    'What a fund had, got, gave and has, in a quarter (2026-Q4) or a year (2026); of one that is running, so far; of one before the fund, nothing',
  access: 'public',
  params: z.object({ id, period: z.string().check(z.regex(PERIOD_PATTERN)) }),
  responses: { 200: statementSchema },
  problems: ['notFound'],
  tag: 'content',
  uses: { donations: 'read', catalogue: 'read' },
  examples: { params: { id: ID, period: '2026-Q4' } },
});

export const readThreeSixtyGiving = operation({
  id: 'readThreeSixtyGiving',
  method: 'GET',
  path: '/v1/funds/{id}/360giving.json',
  summary: 'The grants that a fund has paid, by the 360Giving data standard; amounts in yuan',
  access: 'public',
  params: fundParams,
  query: z.strictObject({ year: z.optional(z.string().check(z.regex(/^2\d{3}$/))) }),
  responses: { 200: z.looseObject({ grants: z.array(z.looseObject({ id: z.string() })) }) },
  problems: ['notFound'],
  tag: 'content',
  uses: { donations: 'read', divisions: 'read' },
  examples: { params: { id: ID } },
});

const differenceSchema = z.object({
  kind: z.enum(['missingHere', 'missingThere', 'amountDiffers', 'recoveredHere']),
  of: z.enum(['payment', 'refund']),
  id: z.string(),
  ours: z.optional(z.int()),
  theirs: z.optional(z.int()),
});
const both = z.object({ count: z.int(), amount: z.int() });

export const listReconciliations = operation({
  id: 'listReconciliations',
  method: 'GET',
  path: '/v1/payments/{channel}/reconciliations',
  summary: 'What each day’s bill of a provider and our books came to, newest first; for treasurers and auditors of the city',
  description: 'Without a division: what only a bill knows of, and no gift tells whose it is; for administrators of the whole country.',
  access: 'signedIn',
  roles: ['treasurer', 'auditor', 'admin'],
  params: z.object({ channel: onlineChannel }),
  query: z.strictObject({ division: z.optional(divisionCode), ...paging }),
  responses: {
    200: page(
      named(
        'Reconciliation',
        z.object({
          channel: z.string(),
          day: z.string(),
          status: z.enum(['matched', 'differs']),
          ours: both,
          theirs: both,
          differences: z.array(differenceSchema),
          different: z.int(),
        }),
      ),
    ),
  },
  problems: ['forbidden', 'cursorInvalid'],
  uses: { donations: 'read' },
  examples: { params: { channel: 'wechatPay' }, query: { division: '5101' } },
});

/** Those that speak to payment providers: a function of their own. */
export const paymentOperations = { createDonation, receiveNotification };

export const donationOperations = {
  createFund,
  listFunds,
  readFund,
  widenFund,
  listDonations,
  listOwnDonations,
  readDonation,
  confirmDonation,
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
  approveGrant,
  rejectGrant,
  payGrant,
  reportGrant,
  readGrant,
  listGrants,
  listEntries,
  readStatement,
  readThreeSixtyGiving,
  listReconciliations,
};
