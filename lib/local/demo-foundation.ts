/**
 * A year of the demo's community funds: who gives what, and what becomes of it, as calls in the order of time. Pure, and for the same day
 * always the same; people, firms and documents are invented (lib/data/demo/SOURCE.md).
 */
import {
  addDays,
  addMonths,
  DAY,
  dayOf,
  epochMs,
  HOUR,
  MINUTE,
  monthOf,
  plus,
  startOfDay,
  startOfMonth,
  toInstant,
  type Day,
  type EpochMs,
  type Month,
} from '../../functions/kernel/time.ts';
import { dice } from './dice.ts';

const MONTHS = 12;
const YUAN = 100;
const GENERAL = 'general';

type Texts = Readonly<Record<string, string>>;
interface Dated {
  /** 0 is the month in which the year begins. */
  readonly month: number;
  readonly day: number;
}
interface GrantText {
  readonly purpose: string;
  /** Of what the purpose has when it is proposed. */
  readonly share?: number;
  /** Of the grant before it. */
  readonly ofLast?: number;
  readonly administrative?: boolean;
  readonly recipient: { readonly kind: string; readonly name: string };
  readonly reason: string;
  readonly report?: { readonly after: number; readonly text: string };
  /** Why it was. */
  readonly rejected?: string;
}
interface FundText {
  readonly key: string;
  readonly name: Texts;
  readonly division: string;
  readonly purposes: readonly { readonly code: string; readonly name: Texts }[];
  readonly giftsAMonth: number;
  readonly giftsInSeptember: number;
  readonly giftsBeforeSpringFestival: number;
  readonly givenFor: readonly string[];
  readonly incomes: readonly (Dated & IncomeText)[];
  readonly waitingIncome?: IncomeText & { readonly daysBefore: number };
  readonly grants: readonly (Dated & GrantText)[];
  readonly underWay: readonly (GrantText & { readonly daysBefore: number; readonly approved: boolean })[];
}
interface IncomeText {
  readonly source: string;
  readonly yuan: number;
  readonly purpose: string;
  readonly reference: string;
}

/** lib/data/demo/foundation.json. */
export interface FoundationTexts {
  readonly funds: readonly FundText[];
  readonly names: readonly string[];
  readonly companies: readonly string[];
  readonly messages: readonly string[];
  readonly messagesOfPeaks: Readonly<Record<'september' | 'springFestival', readonly string[]>>;
}

export type FoundationPerson = 'nobody' | 'resident' | 'treasurer' | 'secondTreasurer' | 'thirdTreasurer';

/** One call, and the name by which later ones speak of what it has made: `{name}` in a path or a body is its id. */
export interface DemoCall {
  readonly key: string;
  readonly at: EpochMs;
  readonly as: FoundationPerson;
  readonly path: string;
  readonly body: unknown;
}

/** Calls of one sitting, which do not wait for each other; what the system does by itself comes after them. */
export interface DemoStep {
  readonly fund: string;
  readonly at: EpochMs;
  readonly calls: readonly DemoCall[];
  /** The gift is paid on the page of its provider so long after. */
  readonly paidAfter?: number;
  readonly reaction?: 'issueReceipts' | 'traceUses';
  readonly purpose: string;
}

export interface FoundationYear {
  readonly funds: readonly DemoCall[];
  /** Gifts that are handed over or transferred, as they are promised: nothing depends on their order. */
  readonly promises: readonly DemoCall[];
  readonly steps: readonly DemoStep[];
  /** What runs by the clock meanwhile, and has something to do. */
  readonly schedules: readonly { readonly name: 'paymentSettlement' | 'foundationDisclosure'; readonly at: EpochMs }[];
}

type Dice = (sides: number) => number;
const one = <T>(from: readonly T[], roll: Dice): T => {
  const found = from[roll(from.length)];
  if (found === undefined) throw new Error('the demo has nothing to choose from');
  return found;
};

const chinese = new Intl.DateTimeFormat('en-u-ca-chinese', { month: 'numeric', day: 'numeric', timeZone: 'Asia/Shanghai' });
const festivals = new Map<number, Day>();
/** The first day of the lunar year that begins in a year: from 21 January to 20 February. */
const springFestival = (year: number): Day => {
  const known = festivals.get(year);
  if (known !== undefined) return known;
  for (let day = `${year}-01-20` as Day; day < `${year}-02-22`; day = addDays(day, 1)) {
    if (chinese.format(startOfDay(day) + 12 * HOUR) !== '1/1') continue;
    festivals.set(year, day);
    return day;
  }
  throw new Error(`the calendar of ${year} has no Spring Festival`);
};
/** In the golden weeks nobody counts. */
const isHoliday = (day: Day): boolean => {
  const festival = springFestival(Number(day.slice(0, 4)));
  return (day >= addDays(festival, -1) && day <= addDays(festival, 6)) || (day.slice(5) >= '10-01' && day.slice(5) <= '10-07');
};

/** Cash is counted and the bank’s list gone through on Fridays at four. */
const FRIDAY = 5;
const sittingAfter = (at: EpochMs): EpochMs => {
  for (let day = dayOf(plus(at, HOUR)); ; day = addDays(day, 1)) {
    const sitting = plus(startOfDay(day), 16 * HOUR);
    if (new Date(day).getUTCDay() === FRIDAY && !isHoliday(day) && sitting > at + HOUR) return sitting;
  }
};

const AMOUNTS = [10, 20, 20, 30, 50, 50, 50, 66, 88, 100, 100, 100, 100, 200, 200, 300, 500];
const OF_FIRMS = [1000, 1000, 2000, 3000, 5000];

interface Gift {
  readonly call: DemoCall;
  readonly fund: string;
  readonly purpose: string;
  readonly amount: number;
  readonly online: boolean;
  /** When it counts; undefined where it is promised and never brought. */
  readonly receivedAt: EpochMs | undefined;
}
type Received = Gift & { readonly receivedAt: EpochMs };

/** When the gifts of a fund are promised, in their order. */
const momentsOf = (
  fund: FundText,
  first: Month,
  end: EpochMs,
  roll: Dice,
): readonly { at: EpochMs; peak?: 'september' | 'springFestival' }[] => {
  const hour = (): number => (8 + roll(13)) * HOUR + roll(60) * MINUTE;
  const usual = Array.from({ length: MONTHS + 1 }, (_, index) => addMonths(first, index)).flatMap((month) => {
    const from = startOfMonth(month);
    const days = (startOfMonth(addMonths(month, 1)) - from) / DAY;
    return Array.from({ length: fund.giftsAMonth }, () => ({ at: plus(from, roll(days) * DAY + hour()) }));
  });
  const year = Number(first.slice(0, 4));
  const peaks = [year, year + 1].flatMap((each) => [
    // 99公益日 is the 9th of September, and the days before it.
    ...Array.from({ length: fund.giftsInSeptember }, () => ({
      at: plus(startOfDay(`${each}-09-09` as Day), hour() - Math.min(roll(5), roll(5)) * DAY),
      peak: 'september' as const,
    })),
    ...Array.from({ length: fund.giftsBeforeSpringFestival }, () => ({
      at: plus(startOfDay(springFestival(each)), hour() - (1 + roll(14)) * DAY),
      peak: 'springFestival' as const,
    })),
  ]);
  // The fund is opened on the morning of the first day.
  const begins = plus(startOfMonth(first), DAY);
  return [...usual, ...peaks].filter(({ at }) => at >= begins && at < end).toSorted((a, b) => a.at - b.at);
};

const CHANNELS = ['cash', 'cash', 'cash', 'bankTransfer', 'bankTransfer', 'bankTransfer', 'online'];

const giftsOf = (texts: FoundationTexts, fund: FundText, first: Month, end: EpochMs, provider: string | undefined): readonly Gift[] => {
  const roll = dice(20_260_909 + fund.key.length);
  return momentsOf(fund, first, end, roll).map(({ at, peak }, index): Gift => {
    const isFirm = roll(14) === 0;
    const chosen = one(CHANNELS, roll);
    const online = chosen === 'online' && !isFirm && provider !== undefined;
    const channel = online ? provider : isFirm || chosen === 'online' ? 'bankTransfer' : chosen;
    const amount = (isFirm ? one(OF_FIRMS, roll) : one(AMOUNTS, roll)) * YUAN;
    const purpose = one(fund.givenFor, roll);
    const anonymous = roll(5) < 2 && !isFirm;
    const isNamed = !anonymous || roll(2) === 0;
    const name = isFirm ? one(texts.companies, roll) : one(texts.names, roll);
    const messages = peak === undefined ? texts.messages : [...texts.messagesOfPeaks[peak], one(texts.messages, roll)];
    const message = roll(10) < 3 ? one(messages, roll) : undefined;
    const contact = roll(6) === 0 && isNamed ? { phone: `1380000${String(1000 + roll(9000))}` } : undefined;
    const who = roll(12);
    // Some old people bring it, and a treasurer writes it down for them.
    const byProxy = channel === 'cash' && isNamed && who < 4;
    return {
      call: {
        key: `${fund.key}-gift-${index}`,
        at,
        as: byProxy ? 'treasurer' : who === 11 ? 'resident' : 'nobody',
        path: '/v1/donations',
        body: {
          fund: `{${fund.key}}`,
          amount,
          ...(purpose === GENERAL ? {} : { purpose }),
          donor: { ...(isNamed ? { name } : {}), anonymous, ...(contact === undefined ? {} : { contact }) },
          channel,
          ...(message === undefined ? {} : { message }),
          ...(byProxy ? { onBehalfOf: { name } } : {}),
        },
      },
      fund: fund.key,
      purpose,
      amount,
      online,
      receivedAt: online ? plus(at, 40_000) : roll(45) === 0 ? undefined : sittingAfter(at),
    };
  });
};

/** Where so little came in, nobody proposes anything. */
const LEAST = 300 * YUAN;

interface Movement {
  readonly at: EpochMs;
  readonly purpose: string;
  readonly amount: number;
}

/** The steps by which what was handed over and transferred comes in: one a sitting. */
const sittingsOf = (gifts: readonly Received[]): readonly DemoStep[] =>
  [...Map.groupBy(gifts, ({ receivedAt }) => receivedAt).values()].flatMap((together) => {
    const [first] = together;
    if (first === undefined) return [];
    const { fund, purpose, receivedAt: at } = first;
    const calls = together.map(({ call: { key } }, index): DemoCall => ({
      key: `${key}-confirm`,
      at: plus(at, index * MINUTE),
      as: 'treasurer',
      path: `/v1/donations/{${key}}/confirm`,
      body: {},
    }));
    return [{ fund, at, calls, reaction: 'issueReceipts', purpose }];
  });

const only = (fund: string, purpose: string, call: DemoCall, reaction?: DemoStep['reaction']): DemoStep => ({
  fund,
  at: call.at,
  calls: [call],
  purpose,
  ...(reaction === undefined ? {} : { reaction }),
});

/** What the bank pays on the 21st of each quarter’s last month. */
const interestOf = (first: Month, roll: Dice): readonly (Dated & IncomeText)[] =>
  Array.from({ length: MONTHS + 1 }, (_, month) => month)
    .filter((month) => month > 0 && Number(addMonths(first, month).slice(5)) % 3 === 0)
    .map((month) => ({
      month,
      day: 21,
      source: 'interest',
      yuan: (800 + roll(1500)) / YUAN,
      purpose: GENERAL,
      reference: `活期存款结息 ${addMonths(first, month)}`,
    }));

const yearOf = (texts: FoundationTexts, fund: FundText, first: Month, end: EpochMs, provider: string | undefined) => {
  const { key } = fund;
  const roll = dice(20_261_001 + key.length);
  const moment = ({ month, day }: Dated, hours: number): EpochMs =>
    plus(startOfMonth(addMonths(first, month)), (day - 1) * DAY + hours * HOUR);
  const daysBefore = (days: number, hours: number): EpochMs => plus(end, hours * HOUR - days * DAY);
  const movements: Movement[] = [];
  const steps: DemoStep[] = [];
  const call = (name: string, at: EpochMs, as: FoundationPerson, path: string, body: unknown): DemoCall => ({
    key: `${key}-${name}`,
    at,
    as,
    path,
    body,
  });
  const moves = (at: EpochMs, purpose: string, amount: number): void => void movements.push({ at, purpose, amount });

  const gifts = giftsOf(texts, fund, first, end, provider);
  const received = gifts.filter((gift): gift is Received => gift.receivedAt !== undefined && gift.receivedAt < end);
  for (const { receivedAt, purpose, amount } of received) moves(receivedAt, purpose, amount);
  steps.push(...sittingsOf(received.filter(({ online }) => !online)));
  for (const gift of received.filter(({ online }) => online))
    steps.push({ ...only(key, gift.purpose, gift.call, 'issueReceipts'), paidAfter: gift.receivedAt - gift.call.at });

  for (const [index, { source, yuan, purpose, reference, ...dated }] of [...fund.incomes, ...interestOf(first, roll)].entries()) {
    const amount = Math.round(yuan * YUAN);
    const [proposed, approved] = [moment(dated, 10), plus(moment(dated, 15), DAY)];
    steps.push(
      only(
        key,
        purpose,
        call(`income-${index}`, proposed, 'treasurer', `/v1/funds/{${key}}/income`, { source, amount, purpose, reference }),
      ),
      only(
        key,
        purpose,
        call(`income-${index}-approve`, approved, 'secondTreasurer', `/v1/funds/{${key}}/income/{${key}-income-${index}}/approve`, {}),
        'traceUses',
      ),
    );
    if (approved < end) moves(approved, purpose, amount);
  }
  if (fund.waitingIncome !== undefined) {
    const { daysBefore: days, source, yuan, purpose, reference } = fund.waitingIncome;
    const body = { source, amount: yuan * YUAN, purpose, reference };
    steps.push(only(key, purpose, call('income-waiting', daysBefore(days, 10), 'treasurer', `/v1/funds/{${key}}/income`, body)));
  }

  // Some of what was given by hand goes back three days later: whole, as it came twice, or in part.
  const small = received.filter(
    ({ online, purpose, amount }) => !online && purpose !== 'children' && amount >= 50 * YUAN && amount <= 500 * YUAN,
  );
  for (const [index, fifth] of (key === 'community' ? [1, 2, 3, 4] : [2]).entries()) {
    const gift = small[Math.floor((small.length * fifth) / 5)];
    if (gift === undefined) continue;
    const at = plus(startOfDay(addDays(dayOf(gift.receivedAt), 3)), 10 * HOUR);
    if (at >= end) continue;
    const whole = index % 2 === 0;
    const body = {
      amount: whole ? gift.amount : gift.amount / 2,
      reason: whole ? '重复转账，退回一笔' : '多交了，捐赠人申请退回一半',
    };
    steps.push(
      only(key, gift.purpose, call(`refund-${index}`, at, 'treasurer', `/v1/donations/{${gift.call.key}}/refunds`, body), 'traceUses'),
    );
    moves(at, gift.purpose, -body.amount);
  }

  // Between two grants for children somebody would rather that theirs went to old people.
  const changed = received.find(
    ({ purpose, online, receivedAt }) => purpose === 'children' && !online && receivedAt >= moment({ month: 5, day: 1 }, 0),
  );
  if (changed !== undefined && plus(changed.receivedAt, DAY) < Math.min(end, moment({ month: 9, day: 1 }, 0))) {
    const at = plus(changed.receivedAt, DAY);
    const body = {
      purpose: 'elders',
      ground: 'donorConsent',
      reason: '捐赠人来电，改为助老',
      consent: { at: toInstant(plus(at, -2 * HOUR)), reference: '示例：来电登记第 5 号' },
    };
    steps.push(only(key, 'elders', call('purpose', at, 'treasurer', `/v1/donations/{${changed.call.key}}/purpose`, body), 'traceUses'));
    moves(at, 'children', -changed.amount);
    moves(at, 'elders', changed.amount);
  }

  /** Planned grants that have not been paid at a moment hold their money. */
  const planned: (Movement & { readonly paidAt: EpochMs })[] = [];
  const has = (purpose: string, at: EpochMs): number => {
    const isOf = (each: Movement): boolean => each.purpose === purpose && each.at < at;
    return [...movements, ...planned].filter(isOf).reduce((sum, { amount }) => sum + amount, 0);
  };
  let last = 0;
  const grant = (name: string, text: GrantText, proposed: EpochMs, until: 'proposed' | 'approved' | 'paid'): void => {
    const { purpose, share = 0, ofLast, administrative, recipient, reason, report, rejected } = text;
    const [wanted, step, least] = ofLast === undefined ? [has(purpose, proposed) * share, 50 * YUAN, LEAST] : [last * ofLast, YUAN, YUAN];
    const amount = Math.floor(wanted / step) * step;
    if (proposed >= end || amount < least) return;
    const body = {
      fund: `{${key}}`,
      ...(purpose === GENERAL ? {} : { purpose }),
      amount,
      recipient,
      reason,
      ...(administrative === undefined ? {} : { administrative }),
    };
    const path = `/v1/grants/{${key}-${name}}`;
    const paid = plus(proposed, 5 * DAY + 5 * HOUR);
    steps.push(only(key, purpose, call(name, proposed, 'treasurer', '/v1/grants', body)));
    if (until === 'proposed') return;
    const decided = plus(proposed, 2 * DAY + HOUR);
    if (rejected !== undefined) {
      steps.push(only(key, purpose, call(`${name}-reject`, decided, 'secondTreasurer', `${path}/reject`, { reason: rejected })));
      return;
    }
    last = amount;
    planned.push({ at: proposed, purpose, amount: -amount, paidAt: paid });
    steps.push(only(key, purpose, call(`${name}-approve`, decided, 'secondTreasurer', `${path}/approve`, {})));
    if (until === 'approved') return;
    steps.push(only(key, purpose, call(`${name}-pay`, paid, 'thirdTreasurer', `${path}/pay`, {}), 'traceUses'));
    if (report !== undefined)
      steps.push(
        only(key, purpose, call(`${name}-report`, plus(paid, report.after * DAY), 'treasurer', `${path}/report`, { text: report.text })),
      );
  };
  for (const [index, text] of fund.grants.entries()) grant(`grant-${index}`, text, moment(text, 10), 'paid');
  for (const [index, text] of fund.underWay.entries())
    grant(`grant-under-way-${index}`, text, daysBefore(text.daysBefore, 10), text.approved ? 'approved' : 'proposed');

  return {
    promises: gifts.filter(({ online }) => !online).map((gift) => gift.call),
    steps: steps.filter(({ at }) => at < end),
    forgotten: gifts.filter(({ receivedAt }) => receivedAt === undefined).map((gift) => gift.call.at),
  };
};

/** Promises are waited for so long, and asked after every ten minutes. */
const WAITED_FOR = 30 * DAY;
const settlementAfter = (promised: EpochMs): EpochMs => epochMs(Math.ceil((promised + WAITED_FOR) / (10 * MINUTE)) * 10 * MINUTE);

/** The twelve months before the month of `now`, and that month up to the day itself. */
export const foundationYear = (texts: FoundationTexts, now: EpochMs, provider: string | undefined): FoundationYear => {
  const end = startOfDay(dayOf(now));
  const first = addMonths(monthOf(now), -MONTHS);
  const quarters = Array.from({ length: MONTHS }, (_, index) => addMonths(first, index + 1)).filter(
    (month) => Number(month.slice(5)) % 3 === 1,
  );
  const years = texts.funds.map((fund) => yearOf(texts, fund, first, end, provider));
  return {
    funds: texts.funds.map(({ key, name, division, purposes }) => ({
      key,
      at: plus(startOfMonth(first), 9 * HOUR),
      as: 'treasurer',
      path: '/v1/funds',
      body: { name, division, purposes },
    })),
    promises: years.flatMap(({ promises }) => promises),
    steps: years.flatMap(({ steps }) => steps).toSorted((a, b) => a.at - b.at),
    schedules: [
      ...quarters.map((month) => ({ name: 'foundationDisclosure' as const, at: plus(startOfMonth(month), HOUR) })),
      ...years.flatMap(({ forgotten }) => forgotten).map((at) => ({ name: 'paymentSettlement' as const, at: settlementAfter(at) })),
    ]
      .filter(({ at }) => at < now)
      .toSorted((a, b) => a.at - b.at),
  };
};
