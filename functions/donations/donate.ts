/** A gift is promised first, then the provider is called: its id is the provider's key, so that asking twice is paying once. */
import type { Call, Outcome, Repeatable } from '../http/call.ts';
import type { FieldError } from '../http/problem.ts';
import { newId } from '../kernel/id.ts';
import { fen } from '../kernel/money.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import { toInstant } from '../kernel/time.ts';
import type { PaymentInstructions, PaymentProvider } from '../data/payments.ts';
import type { PaymentMethod } from '../kernel/payment-words.ts';
import { claimHashOf, claimOf } from './claim.ts';
import { ONLINE_LEAST, ONLINE_MOST, type createDonation } from './contract.ts';
import { newDonation, type Donation } from './donation.ts';
import { keepsBooksOf, purposeCodes, type Fund } from './fund.ts';
import { GENERAL, isByHand } from './names.ts';
import { notifyUrl, providerOf } from './payments/providers.ts';
import { foundationRepository } from './repository.ts';

type Asked = Call<typeof createDonation>;

const RETRY_SECONDS = 5;
const SUBJECT_LENGTH = 40;

const wrongChannel = { 'zh-CN': '没有这个渠道，或尚未开通', en: 'is no channel here, or not set up yet' };

/** What is wrong with how it is to be paid. */
const paymentErrors = ({ body }: Asked, provider: PaymentProvider | undefined): readonly FieldError[] => {
  const { channel, payment, amount } = body;
  if (isByHand(channel)) {
    return payment === undefined
      ? []
      : [
          {
            path: 'payment',
            message: { 'zh-CN': '现金和银行转账没有支付方式', en: 'belongs to providers: cash and bank transfers have none' },
          },
        ];
  }
  if (provider === undefined) return [{ path: 'channel', message: wrongChannel }];
  const errors: FieldError[] = [];
  const method = payment?.method ?? provider.methods[0];
  if (method === undefined || !provider.methods.includes(method))
    errors.push({
      path: 'payment.method',
      message: { 'zh-CN': `该渠道支持：${provider.methods.join('、')}`, en: `is none of this channel’s: ${provider.methods.join(', ')}` },
    });
  if (method === 'jsapi' && payment?.openId === undefined)
    errors.push({ path: 'payment.openId', message: { 'zh-CN': '公众号内支付必填', en: 'is required for jsapi' } });
  if (amount < ONLINE_LEAST || amount > ONLINE_MOST)
    errors.push({
      path: 'amount',
      message: {
        'zh-CN': `在线捐赠应为 ${ONLINE_LEAST} 到 ${ONLINE_MOST} 分`,
        en: `must be from ${ONLINE_LEAST} to ${ONLINE_MOST} fen through a provider`,
      },
    });
  return errors;
};

const errorsOf = (call: Asked, fund: Fund | undefined, provider: PaymentProvider | undefined): readonly FieldError[] => {
  const errors: FieldError[] = [...paymentErrors(call, provider)];
  const { purpose } = call.body;
  if (fund === undefined) errors.push({ path: 'fund', message: { 'zh-CN': '没有这个基金', en: 'is no fund here' } });
  else if (purpose !== undefined && !purposeCodes(fund).includes(purpose))
    errors.push({ path: 'purpose', message: { 'zh-CN': '该基金没有这个用途', en: 'is no purpose of this fund' } });
  return errors;
};

/** What the provider says to do next; the same order gives the same. */
const instructionsFor = async (call: Asked, donation: Donation, fund: Fund): Promise<Result<PaymentInstructions | null, 'unavailable'>> => {
  if (isByHand(donation.channel) || donation.status !== 'pending') return ok(null);
  const provider = await providerOf(call.runtime, donation.channel);
  // What is stored was checked; where an adapter has gone meanwhile, nobody can pay.
  if (provider === undefined) return err('unavailable');
  const { payment } = call.body;
  const created = await provider.create({
    id: donation.id,
    amount: donation.amount,
    method: donation.method as PaymentMethod,
    // The same whoever asks for it again, and from where: a provider refuses an order that is not.
    subject: Array.from(fund.name['zh-CN']).slice(0, SUBJECT_LENGTH).join(''),
    expiresAt: donation.payBy,
    notifyUrl: notifyUrl(donation.origin ?? call.origin, donation.channel),
    openId: payment?.openId,
    returnUrl: payment?.returnUrl,
    payerIp: donation.payerIp,
  });
  if (created.ok) return created;
  call.runtime.log({
    level: 'error',
    code: 'paymentNotCreated',
    channel: donation.channel,
    failure: created.error.code,
    providerCode: created.error.providerCode,
    donation: donation.id,
  });
  return err('unavailable');
};

const answered = async (call: Asked, donation: Donation, fund: Fund): Promise<Outcome<typeof createDonation>> => {
  const payment = await instructionsFor(call, donation, fund);
  if (!payment.ok) return err({ code: 'providerUnavailable', retryAfter: RETRY_SECONDS });
  return ok({
    status: 201,
    body: {
      id: donation.id,
      status: donation.status,
      payment: payment.value,
      claim: claimOf(call.runtime.secrets, donation.id, donation.claimHash),
    },
    version: donation.version,
    location: `/v1/donations/${donation.id}`,
    headers: { 'cache-control': 'no-store' },
  });
};

/** Of a channel that has its keys: nothing is promised that nobody can pay. */
const usableProvider = async (runtime: Asked['runtime'], channel: string): Promise<PaymentProvider | undefined> => {
  const provider = await providerOf(runtime, channel);
  return provider !== undefined && (await provider.isSetUp()) ? provider : undefined;
};

/** Whoever gives for somebody else is a worker, wherever the fund is, as the resident could; or keeps its books. */
const mayRecord = ({ caller, body }: Asked, fund: Fund): boolean =>
  body.onBehalfOf === undefined || keepsBooksOf(caller, fund) || caller?.roles.has('worker') === true;

export const donate: Repeatable<typeof createDonation> = {
  run: async (call) => {
    const { runtime, body, caller, now, requestId } = call;
    const repository = foundationRepository(runtime.database);
    const [fund, provider] = await Promise.all([
      repository.findFund(body.fund),
      isByHand(body.channel) ? undefined : usableProvider(runtime, body.channel),
    ]);
    const errors = errorsOf(call, fund, provider);
    if (fund === undefined || errors.length > 0) return err({ code: 'invalid', errors });
    if (!mayRecord(call, fund)) return err({ code: 'forbidden' });
    const id = newId(runtime.random);
    const [spread = 0] = runtime.random(1);
    const donation = newDonation(
      {
        id,
        fund: fund.id,
        division: fund.division,
        purpose: body.purpose ?? GENERAL,
        amount: fen(body.amount),
        channel: body.channel,
        method: provider === undefined ? undefined : (body.payment?.method ?? provider.methods[0]),
        anonymous: body.donor.anonymous,
        origin: provider === undefined ? undefined : call.origin,
        payerIp: body.payment?.method === 'h5' ? call.raw.ip : undefined,
        claimHash: claimHashOf(claimOf(runtime.secrets, id)),
        account: spread % fund.accounts,
      },
      now,
    );
    const owner = body.onBehalfOf === undefined ? caller?.sub : body.onBehalfOf.sub;
    const written = await repository.write([
      repository.putsDonation(donation, undefined, requestId),
      repository.putsDonor(id, {
        owner,
        name: body.donor.name,
        anonymous: body.donor.anonymous,
        contact: body.donor.contact,
        message: body.message,
        onBehalfOf: body.onBehalfOf,
        recordedBy: body.onBehalfOf === undefined ? undefined : caller?.sub,
        createdAt: toInstant(now),
      }),
      ...call.once(201, id),
    ]);
    return written.ok ? answered(call, donation, fund) : err({ code: 'conflict' });
  },
  replay: async (call, id) => {
    const repository = foundationRepository(call.runtime.database);
    const donation = await repository.readDonation(id);
    const fund = donation === undefined ? undefined : await repository.findFund(donation.fund);
    return donation === undefined || fund === undefined ? err({ code: 'notFound' }) : answered(call, donation, fund);
  },
};
