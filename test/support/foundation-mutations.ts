/** A call of every operation of the foundation that changes something, with what must be there before it. */
import type { PaymentFact } from '../../functions/data/payments.ts';
import type { TokenClaims } from '../../lib/local/issuer.ts';
import { CHANNEL, foundationOf, FUND, keeper, otherKeeper, told, type Foundation } from './foundation.ts';
import type { House } from './house.ts';
import type { Mutation, Sample } from './mutations.ts';
import { resident } from './people.ts';

interface Call {
  readonly path: string;
  readonly body?: unknown;
  readonly as?: TokenClaims | undefined;
}

/** `prepare` answers with a call of what it made in a fund of its own. */
const call =
  (prepare: (foundation: Foundation, fund: string) => Promise<Call>) =>
  async (house: House): Promise<Mutation> => {
    const foundation = foundationOf(house);
    const made = await prepare(foundation, await foundation.fund());
    return { method: 'POST', as: keeper, body: {}, ...made };
  };

const notification =
  (prepare: (foundation: Foundation, fund: string) => Promise<PaymentFact>) =>
  async (house: House): Promise<Mutation> => {
    const foundation = foundationOf(house);
    const fact = await prepare(foundation, await foundation.fund());
    return { method: 'POST', path: `/v1/payments/${CHANNEL}/notifications`, as: undefined, ...told(fact, house.now()) };
  };

const ONLINE = { channel: CHANNEL } as const;

export const FOUNDATION_MUTATIONS: readonly Sample[] = [
  { operation: 'createFund', prepare: () => Promise.resolve({ method: 'POST', path: '/v1/funds', as: keeper, body: FUND }) },
  { operation: 'widenFund', prepare: call(async (_, fund) => ({ path: `/v1/funds/${fund}/accounts`, body: { accounts: 3 } })) },
  {
    operation: 'createDonation',
    prepare: call(async (_, fund) => ({
      path: '/v1/donations',
      as: resident,
      body: { fund, amount: 1000, donor: { name: '王芳', anonymous: false }, channel: 'cash' },
    })),
  },
  {
    operation: 'createDonation',
    of: 'through a provider',
    prepare: call(async (_, fund) => ({
      path: '/v1/donations',
      as: undefined,
      body: { fund, amount: 1000, purpose: 'elders', donor: { anonymous: true }, channel: CHANNEL },
    })),
  },
  {
    operation: 'confirmDonation',
    prepare: call(async ({ promise }, fund) => ({ path: `/v1/donations/${(await promise(fund)).id}/confirm` })),
  },
  {
    operation: 'refundDonation',
    prepare: call(async ({ gift }, fund) => ({
      path: `/v1/donations/${await gift(fund)}/refunds`,
      body: { amount: 400, reason: '捐赠人要求退回' },
    })),
  },
  {
    operation: 'refundDonation',
    of: 'through a provider',
    prepare: call(async ({ gift }, fund) => ({
      path: `/v1/donations/${await gift(fund, ONLINE)}/refunds`,
      body: { amount: 400, reason: '捐赠人要求退回' },
    })),
  },
  {
    operation: 'changePurpose',
    prepare: call(async ({ gift }, fund) => ({
      path: `/v1/donations/${await gift(fund)}/purpose`,
      body: { purpose: 'elders', ground: 'similarPurpose', reason: '用于相近用途' },
    })),
  },
  {
    operation: 'createIncome',
    prepare: call(async (_, fund) => ({
      path: `/v1/funds/${fund}/income`,
      body: { source: 'government', amount: 5000, reference: '锦江财社〔2026〕12号' },
    })),
  },
  {
    operation: 'approveIncome',
    prepare: async (house) => {
      const fund = await foundationOf(house).fund();
      const { body } = await house.post(`/v1/funds/${fund}/income`, keeper, { source: 'interest', amount: 5000, reference: '利息' });
      return { method: 'POST', path: `/v1/funds/${fund}/income/${body.id}/approve`, as: otherKeeper, body: {} };
    },
  },
  {
    operation: 'createGrant',
    prepare: call(async (_, fund) => ({
      path: '/v1/grants',
      body: { fund, amount: 500, recipient: { kind: 'person', name: '李奶奶' }, reason: '临时困难救助' },
    })),
  },
  {
    operation: 'approveGrant',
    prepare: call(async ({ propose }, fund) => ({ path: `/v1/grants/${await propose(fund, 500)}/approve`, as: otherKeeper })),
  },
  {
    operation: 'rejectGrant',
    prepare: call(async ({ propose }, fund) => ({
      path: `/v1/grants/${await propose(fund, 500)}/reject`,
      as: otherKeeper,
      body: { reason: '材料不全' },
    })),
  },
  {
    operation: 'payGrant',
    prepare: async (house) => {
      const { fund: open, gift, propose } = foundationOf(house);
      const fund = await open();
      await gift(fund);
      const id = await propose(fund, 500, undefined, { administrative: true });
      await house.post(`/v1/grants/${id}/approve`, otherKeeper);
      return { method: 'POST', path: `/v1/grants/${id}/pay`, as: keeper, body: {} };
    },
  },
  {
    operation: 'reportGrant',
    prepare: async (house) => {
      const { fund: open, gift, grant } = foundationOf(house);
      const fund = await open();
      await gift(fund);
      const id = await grant(fund, 500);
      const media = [(await house.post('/v1/media', keeper, { contentType: 'image/jpeg', bytes: 2_345_678 })).body.id];
      return { method: 'POST', path: `/v1/grants/${id}/report`, as: keeper, body: { text: '十一月共为 32 位老人供餐。', media } };
    },
  },
  {
    operation: 'receiveNotification',
    of: 'paid',
    prepare: notification(async ({ promise, paid }, fund) => paid((await promise(fund, ONLINE)).id, 1000)),
  },
  {
    operation: 'receiveNotification',
    of: 'paid twice',
    prepare: notification(async ({ gift, paid }, fund) => paid(await gift(fund, ONLINE), 1000, 'another')),
  },
  {
    operation: 'receiveNotification',
    of: 'dispute lost before it is told that it was opened',
    prepare: notification(
      async ({ gift }, fund) =>
        ({ kind: 'disputed', order: await gift(fund, ONLINE), dispute: 'dp_1', amount: 1000, outcome: 'lost' }) as PaymentFact,
    ),
  },
];
