/** The receipt of a gift: shown to who gave it, and checked by whoever holds it. */
import { timingSafeEqual } from 'node:crypto';
import { divisionsReader } from '../divisions/reader.ts';
import type { Run } from '../http/call.ts';
import type { AnswerOf } from '../http/operation.ts';
import { err, ok } from '../kernel/result.ts';
import type { Instant } from '../kernel/time.ts';
import { gaveIt, maySee } from './claim.ts';
import type * as contract from './contract.ts';
import { isGone, isPaid, type Donation, type Donor } from './donation.ts';
import { purposeName, type Fund } from './fund.ts';
import { foundationRepository } from './repository.ts';

const ATTEMPTS = 5;

const ANONYMOUS = '匿名捐赠人';

interface Receipted extends Donation {
  readonly receiptNumber: string;
  readonly receiptAt: Instant;
  readonly receivedAt: Instant;
  readonly checkCode: string;
}

const isReceipted = (donation: Donation): donation is Receipted => donation.receiptNumber !== undefined;

const receiptView = async (
  donation: Receipted,
  donor: Donor,
  fund: Fund,
  isPrinted: boolean,
): Promise<AnswerOf<typeof contract.readReceipt>> => {
  const [{ amountInWords }, { STATEMENT }] = await Promise.all([import('./amount-in-words.ts'), import('./receipt-page.ts')]);
  return {
    number: donation.receiptNumber,
    payer: donor.name ?? ANONYMOUS,
    anonymous: donor.anonymous,
    amount: donation.amount,
    currency: 'CNY',
    amountInWords: amountInWords(donation.amount),
    fund: { id: fund.id, name: fund.name, division: fund.division },
    purpose: { code: donation.purpose, name: purposeName(fund, donation.purpose) },
    channel: donation.channel,
    donatedAt: donation.receivedAt,
    issuedAt: donation.receiptAt,
    checkCode: donation.checkCode,
    reprint: isPrinted,
    void: isGone(donation),
    donation: donation.id,
    notice: STATEMENT,
  };
};

export const readReceipt: Run<typeof contract.readReceipt> = async (call) => {
  const { runtime, params, now, requestId, language } = call;
  const repository = foundationRepository(runtime.database);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const whole = await repository.wholeDonation(params.id);
    if (whole === undefined || !maySee(call, whole.donation, whole.donor)) return err({ code: 'notFound' });
    const { donation, donor } = whole;
    // Of what has not come in yet, nobody knows when.
    if (!isReceipted(donation)) return err({ code: 'receiptPending', ...(isPaid(donation) ? { retryAfter: 1 } : {}) });
    const fund = await repository.findFund(donation.fund);
    if (fund === undefined) throw new Error(`there is no fund ${donation.fund}`);
    // The first time that it is shown to who gave it is the original; who keeps the books may look before.
    if (!whole.isPrinted && gaveIt(call, donation, donor) && !(await repository.write([repository.prints(donation, now, requestId)])).ok)
      continue;
    const body = await receiptView(donation, donor, fund, whole.isPrinted);
    const [{ receiptPage, RECEIPT_HEADERS }, division] = await Promise.all([
      import('./receipt-page.ts'),
      divisionsReader(runtime.database).find(fund.division),
    ]);
    const shown = {
      ...body,
      amount: donation.amount,
      fund: fund.name,
      purpose: body.purpose.name,
      division: division?.name ?? fund.division,
      donatedAt: donation.receivedAt,
      issuedAt: donation.receiptAt,
    };
    return ok({
      status: 200,
      body,
      version: donation.version,
      transient: true,
      page: { body: receiptPage(shown, language), headers: RECEIPT_HEADERS },
    });
  }
  return err({ code: 'conflict' });
};

/** As it is read out or typed: case and hyphens do not matter. */
const plain = (checkCode: string): Buffer => Buffer.from(checkCode.toUpperCase().replaceAll(/[\s-]/g, ''));

export const checkReceipt: Run<typeof contract.checkReceipt> = async ({ runtime, params, query }) => {
  const donation = await foundationRepository(runtime.database).readDonation(params.id);
  if (donation === undefined || !isReceipted(donation)) return err({ code: 'notFound' });
  const [given, known] = [plain(query.checkCode), plain(donation.checkCode)];
  if (given.length !== known.length || !timingSafeEqual(given, known)) return err({ code: 'notFound' });
  const { receiptNumber: number, amount, receivedAt: donatedAt } = donation;
  return ok({ status: 200, body: { number, amount, currency: 'CNY' as const, donatedAt, void: isGone(donation) } });
};
