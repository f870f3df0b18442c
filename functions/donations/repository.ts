/** The foundation in DynamoDB. */
import { conditionOn, type ConditionFailed, type Database, type Item, type Key, type Page, type Write } from '../data/database.ts';
import { merge } from '../data/merge.ts';
import type { Result } from '../kernel/result.ts';
import { monthOf, toInstant, type EpochMs, type Instant, type Month } from '../kernel/time.ts';
import type { Known } from './booked.ts';
import type { Donation, Donor } from './donation.ts';
import { purposeCodes, type Fund } from './fund.ts';
import type { Grant, Trace } from './grant.ts';
import type { Income } from './income.ts';
import { changesOf, inMonth, MAIN, type Account, type Journal } from './ledger.ts';
import type { Refund } from './refund.ts';
import { donationsTable } from './table.ts';

const table = donationsTable;

const fundKey = (id: string): Key => ({ pk: `FUND#${id}`, sk: 'FUND' });
const accountKey = ({ fund, purpose, account }: Pick<Account, 'fund' | 'purpose' | 'account'>): Key => ({
  pk: `ACCOUNT#${fund}#${purpose}#${account}`,
  sk: 'ACCOUNT',
});
const PERIOD = 'PERIOD#';
const periodKey = ({ fund, purpose, account, month }: Account): Key => ({
  pk: fundKey(fund).pk,
  sk: `${PERIOD}${month}#${purpose}#${account}`,
});
const statementKey = (fund: string, period: string): Key => ({ pk: fundKey(fund).pk, sk: `STATEMENT#${period}` });
const journalsPartition = (fund: string, account: number): string => `JOURNAL#${fund}#${account}`;
const journalSort = ({ at, id }: Pick<Journal, 'at' | 'id'>): string => `${at}#${id}`;
const DONATION = 'DONATION';
const donationKey = (id: string): Key => ({ pk: `${DONATION}#${id}`, sk: DONATION });
const donorKey = (id: string): Key => ({ pk: `${DONATION}#${id}`, sk: 'DONOR' });
const PRINTED = 'PRINTED';
const USE = 'USE#';
const refundKey = (id: string): Key => ({ pk: `REFUND#${id}`, sk: 'REFUND' });
const incomeKey = (id: string): Key => ({ pk: `INCOME#${id}`, sk: 'INCOME' });
const grantKey = (id: string): Key => ({ pk: `GRANT#${id}`, sk: 'GRANT' });
const traceKey = (grant: string): Key => ({ pk: grantKey(grant).pk, sk: 'TRACE' });
const counterKey = (fund: string, year: string): Key => ({ pk: `RECEIPTS#${fund}#${year}`, sk: 'COUNTER' });
export const reconciliations = (channel: string, city: string): string => `RECONCILIATION#${channel}#${city}`;
const claimKey = (media: string): Key => ({ pk: `MEDIA#${media}`, sk: 'CLAIM' });

const FUNDS = 'FUNDS';
/** Funds of more than one account. */
const WIDENED = 'WIDENED';
/** Which lists there are of what a fund has. */
export type ListOf = 'DONATIONS' | 'GRANTS' | 'INCOMES';
const listOf = (kind: ListOf, fund: string): string => `${kind}#${fund}`;

/** Which request or run wrote it last. */
interface Written {
  readonly requestId?: string;
}

/** What is asked for at providers, by the last character of its id: any of 32. */
export const ASK_SHARDS = 8;
const askQueue = (id: string): string => `ASK#${id.charCodeAt(id.length - 1) % ASK_SHARDS}`;
const receiptQueue = (fund: string, year: string): string => `RECEIPT#${fund}#${year}`;
const lotQueue = (fund: string, purpose: string): string => `LOT#${fund}#${purpose}`;
const untracedQueue = (fund: string, purpose: string): string => `UNTRACED#${fund}#${purpose}`;
const reportQueue = (fund: string): string => `REPORT#${fund}`;

/** Part of a gift that a grant has used. */
export interface Use {
  readonly grant: string;
  readonly amount: number;
  readonly at: Instant;
}

/** A gift with all that belongs to it. */
export interface WholeDonation {
  readonly donation: Donation;
  readonly donor: Donor;
  readonly uses: readonly (Use & Key)[];
  /** Its receipt has been shown to who gave it: from then on it is a reprint. */
  readonly isPrinted: boolean;
}

export interface ReceiptCounter {
  readonly last: number;
  readonly version: number;
}

/** What a provider's bill of a day and ours come to. */
export interface Reconciliation {
  readonly channel: string;
  /** Whose it is. */
  readonly division: string;
  readonly day: string;
  readonly report: {
    readonly status: 'matched' | 'differs';
    readonly ours: { readonly count: number; readonly amount: number };
    readonly theirs: { readonly count: number; readonly amount: number };
    readonly differences: readonly Difference[];
    /** How many there are in all: a hundred are named. */
    readonly different: number;
  };
  readonly version: number;
}

export interface Difference {
  readonly kind: 'missingHere' | 'missingThere' | 'amountDiffers' | 'recoveredHere';
  readonly of: Known['of'];
  readonly id: string;
  readonly ours?: number;
  readonly theirs?: number;
}

/** Where something waits, and since when: said in any case, since what was read has the old one. */
interface Place {
  readonly queue: string | undefined;
  readonly queueAt: string | undefined;
}
const NOWHERE: Place = { queue: undefined, queueAt: undefined };

/** What a gift waits for. */
const placeOfDonation = (donation: Donation): Place => {
  const { id, askAt, receivedAt, receiptNumber, fund, purpose, unused } = donation;
  if (askAt !== undefined) return { queue: askQueue(id), queueAt: askAt };
  if (receivedAt === undefined) return NOWHERE;
  if (receiptNumber === undefined) return { queue: receiptQueue(fund, yearOf(receivedAt)), queueAt: placeOfLot(donation) };
  return unused > 0 ? { queue: lotQueue(fund, purpose), queueAt: placeOfLot(donation) } : NOWHERE;
};

/** Where it stands among what there is of its purpose: as it came in. */
export const placeOfLot = (lot: Donation | Income): string => `${'claimHash' in lot ? lot.receivedAt : lot.approvedAt}#${lot.id}`;
/** What was paid waits for its report. */
const placeOfGrant = ({ id, fund, paidAt, reportedAt }: Grant): Place =>
  paidAt === undefined || reportedAt !== undefined ? NOWHERE : { queue: reportQueue(fund), queueAt: `${paidAt}#${id}` };

const yearOf = (at: Instant): string => monthOf(Date.parse(at) as EpochMs).slice(0, 4);

const itemOf = (key: Key, item: object): Item => ({ ...item, ...key });

/** Not what the table keeps beside it. */
const bare = <T extends object>(item: (T & Item) | undefined): T | undefined => item;

export const foundationRepository = (database: Database) => {
  const put = (key: Key, item: object, before: { readonly version: number } | undefined): Write => ({
    table,
    put: itemOf(key, item),
    condition: conditionOn(before),
  });

  const idsIn = async (
    index: 'byList' | 'byQueue' | 'byOwner',
    partition: string,
    spec: { limit: number; after?: Page<Key>['after']; to?: string; from?: string; newestFirst?: boolean },
  ): Promise<Page<Key>> => database.query<Key>(table, { index, partition, ...spec });

  const many = async <T extends { readonly id: string }>(keys: readonly Key[], consistent = true): Promise<readonly T[]> => {
    const found = new Map((await database.readMany<T & Item>(table, keys, consistent)).map((each) => [each.pk, each]));
    return keys.flatMap(({ pk }) => found.get(pk) ?? []);
  };

  /** As they were a moment ago: names beside an entry. */
  const readAll = async <T extends { readonly id: string }>(ids: readonly string[], keyOf: (id: string) => Key): Promise<readonly T[]> =>
    ids.length === 0 ? [] : many<T>([...new Set(ids)].map(keyOf), false);

  const repository = {
    write: (writes: readonly Write[]): Promise<Result<void, ConditionFailed>> => database.write(writes),

    findFund: async (id: string): Promise<Fund | undefined> => bare<Fund>(await database.find<Fund & Item>(table, fundKey(id))),
    readFund: async (id: string): Promise<Fund | undefined> => bare<Fund>(await database.read<Fund & Item>(table, fundKey(id))),
    putsFund: (fund: Fund, before: Fund | undefined, requestId: string): Write =>
      put(
        fundKey(fund.id),
        {
          ...fund,
          list: FUNDS,
          listAt: `${fund.division}#${fund.id}`,
          ...(fund.accounts > 1 ? { queue: WIDENED, queueAt: `${fund.division}#${fund.id}` } : NOWHERE),
          requestId,
        },
        before,
      ),
    /** Funds of divisions that begin so, by their codes. */
    listFunds: async (within: string, limit: number, after: Page<Key>['after']): Promise<Page<Fund>> => {
      const page = await idsIn('byList', FUNDS, { limit, after, from: within === '' ? '0' : within, to: `${within}~` });
      return { items: await many<Fund>(page.items, false), after: page.after };
    },
    /** Those that gifts are spread in. */
    widenedFunds: async (limit: number, after: Page<Key>['after']): Promise<Page<Fund>> => {
      const page = await idsIn('byQueue', WIDENED, { limit, after });
      return { items: await many<Fund>(page.items, false), after: page.after };
    },

    /** Accounts of a fund as they are now: of every purpose, or one. */
    accounts: async (fund: Fund, purposes = purposeCodes(fund), consistent = true): Promise<readonly Account[]> =>
      database.readMany<Account & Item>(
        table,
        purposes.flatMap((purpose) =>
          Array.from({ length: fund.accounts }, (_, account) => accountKey({ fund: fund.id, purpose, account })),
        ),
        consistent,
      ),
    account: async (of: Pick<Account, 'fund' | 'purpose' | 'account'>): Promise<Account | undefined> =>
      bare<Account>(await database.read<Account & Item>(table, accountKey(of))),
    opensAccount: (account: Account): Write => put(accountKey(account), account, undefined),
    /** The account goes on in another month; what it was in the one before stays. */
    rolls: (account: Account, month: Month): readonly Write[] => [
      { table, put: { ...account, ...periodKey(account) }, condition: { kind: 'absent' } },
      put(accountKey(account), inMonth(account, month), account),
    ],
    /** What accounts of a fund were in months that are over, from one on. */
    periods: async (fund: string, from: Month): Promise<readonly Account[]> => {
      const found: Account[] = [];
      let after: Page<Key>['after'];
      do {
        const page = await database.query<Account & Item>(table, {
          partition: fundKey(fund).pk,
          from: `${PERIOD}${from}`,
          to: `${PERIOD}~`,
          consistent: true,
          after,
        });
        found.push(...page.items);
        after = page.after;
      } while (after !== undefined);
      return found;
    },

    /** Adds a journal, and to the accounts that it moves; only within its month, and never below nothing. */
    posts: (journal: Journal, requestId: string): readonly Write[] => [
      {
        table,
        put: itemOf({ pk: journalsPartition(journal.fund, journal.account), sk: journalSort(journal) }, { ...journal, requestId }),
        condition: { kind: 'absent' },
      },
      ...changesOf(journal).map((change): Write => ({
        table,
        add: accountKey(change),
        amounts: { balance: change.balance, version: 1, ...change.turnover },
        condition: {
          kind: 'holds',
          equal: { month: monthOf(Date.parse(journal.at) as EpochMs) },
          ...(change.balance < 0 ? { atLeast: { balance: -change.balance } } : {}),
        },
      })),
    ],
    /** Journals of a fund, newest first; `fits` chooses among them. */
    journals: (
      fund: Pick<Fund, 'id' | 'accounts'>,
      { limit, to, fits }: { limit: number; to?: string | undefined; fits: (journal: Journal) => boolean },
    ): Promise<{ readonly items: readonly Journal[]; readonly after: string | undefined }> =>
      merge({
        sources: Array.from({ length: fund.accounts }, (_, account) => account),
        read: async (account, size, upTo) => {
          const page = await database.query<Journal & Item>(table, {
            partition: journalsPartition(fund.id, account),
            newestFirst: true,
            limit: size,
            consistent: true,
            ...(upTo === undefined ? {} : { to: upTo }),
          });
          return { items: page.items, more: page.after !== undefined };
        },
        keyOf: journalSort,
        fits,
        limit,
        mostRead: MOST_READ,
        to,
      }),
    /** All journals of a fund, a page at a time, oldest first of each of its lists. */
    async *allJournals(fund: Pick<Fund, 'id' | 'accounts'>): AsyncGenerator<readonly Journal[]> {
      for (let account = MAIN; account < fund.accounts; account++) {
        let after: Page<Key>['after'];
        do {
          const page = await database.query<Journal & Item>(table, { partition: journalsPartition(fund.id, account), after });
          yield page.items;
          after = page.after;
        } while (after !== undefined);
      }
    },
    findJournal: async (of: Pick<Journal, 'fund' | 'account' | 'at' | 'id'>): Promise<(Journal & Written) | undefined> =>
      bare<Journal & Written>(
        await database.find<Journal & Written & Item>(table, { pk: journalsPartition(of.fund, of.account), sk: journalSort(of) }),
      ),

    readDonation: async (id: string): Promise<Donation | undefined> =>
      bare<Donation>(await database.read<Donation & Item>(table, donationKey(id))),
    readDonations: (ids: readonly string[]): Promise<readonly Donation[]> => many<Donation>(ids.map(donationKey)),
    /** A gift, who gave it, what used it, and whether its receipt was shown: one query. */
    wholeDonation: async (id: string): Promise<WholeDonation | undefined> => {
      const items: Item[] = [];
      let after: Page<Key>['after'];
      do {
        const page = await database.query<Item>(table, { partition: donationKey(id).pk, consistent: true, after });
        items.push(...page.items);
        after = page.after;
      } while (after !== undefined);
      // What a partition holds was written here.
      const donation = items.find(({ sk }) => sk === DONATION) as (Donation & Key) | undefined;
      const donor = items.find(({ sk }) => sk === 'DONOR') as (StoredDonor & Key) | undefined;
      if (donation === undefined || donor === undefined) return undefined;
      return {
        donation,
        donor: asDonor(donor),
        uses: items.filter(({ sk }) => sk.startsWith(USE)) as unknown as readonly (Use & Key)[],
        isPrinted: items.some(({ sk }) => sk === PRINTED),
      };
    },
    /** Who gave each, by the gift; those that were erased are not in it. */
    donors: async (ids: readonly string[]): Promise<ReadonlyMap<string, Donor>> => {
      if (ids.length === 0) return new Map();
      const found = await database.readMany<StoredDonor & Item>(table, [...new Set(ids)].map(donorKey), false);
      return new Map(found.map((each) => [each.pk.slice(DONATION.length + 1), asDonor(each)]));
    },
    putsDonation: (donation: Donation, before: Donation | undefined, requestId: string): Write =>
      put(
        donationKey(donation.id),
        {
          ...donation,
          list: listOf('DONATIONS', donation.fund),
          listAt: `${donation.createdAt}#${donation.id}`,
          ...placeOfDonation(donation),
          requestId,
        },
        before,
      ),
    putsDonor: (donation: string, { name, ...donor }: Donor): Write => put(donorKey(donation), { ...donor, donorName: name }, undefined),
    /** Beside the gift, so that its own version stands. */
    prints: ({ id }: Pick<Donation, 'id'>, now: EpochMs, requestId: string): Write =>
      put({ pk: donationKey(id).pk, sk: PRINTED }, { at: toInstant(now), version: 1, requestId }, undefined),
    putsUse: (donation: string, use: Use, version: number): Write => ({
      table,
      put: { pk: donationKey(donation).pk, sk: `${USE}${use.grant}#${version}`, ...use },
      condition: { kind: 'absent' },
    }),
    /** A grant gives up part of what it used of a gift, or all: the gift's own version, in the same transaction, holds for its uses. */
    shortensUse: ({ pk, sk, ...use }: Use & Key, by: number): Write => ({
      table,
      put: itemOf({ pk, sk }, { ...use, amount: use.amount - by }),
    }),
    removesUse: ({ pk, sk, amount }: Use & Key): Write => ({
      table,
      remove: { pk, sk },
      condition: { kind: 'holds', equal: { amount } },
    }),
    ownDonations: async (owner: string, limit: number, after: Page<Key>['after']): Promise<Page<Donation>> => {
      const page = await idsIn('byOwner', owner, { limit, after, newestFirst: true });
      return { items: await many<Donation>(page.items.map(({ pk }) => ({ pk, sk: DONATION }))), after: page.after };
    },

    /** What a fund has of one kind, newest first. */
    list: async <T extends { readonly id: string }>(
      kind: ListOf,
      fund: string,
      limit: number,
      after: Page<Key>['after'],
    ): Promise<Page<T>> => {
      const page = await idsIn('byList', listOf(kind, fund), { limit, after, newestFirst: true });
      return { items: await many<T>(page.items), after: page.after };
    },

    readRefund: async (id: string): Promise<(Refund & Written) | undefined> =>
      bare<Refund & Written>(await database.read<Refund & Written & Item>(table, refundKey(id))),
    putsRefund: (refund: Refund, before: Refund | undefined, requestId: string): Write =>
      put(
        refundKey(refund.id),
        {
          ...refund,
          ...(refund.askAt === undefined ? NOWHERE : { queue: askQueue(refund.id), queueAt: refund.askAt }),
          requestId,
        },
        before,
      ),

    readIncome: async (id: string): Promise<Income | undefined> => bare<Income>(await database.read<Income & Item>(table, incomeKey(id))),
    putsIncome: (income: Income, before: Income | undefined, requestId: string): Write =>
      put(
        incomeKey(income.id),
        {
          ...income,
          list: listOf('INCOMES', income.fund),
          listAt: `${income.proposedAt}#${income.id}`,
          ...(income.unused > 0 ? { queue: lotQueue(income.fund, income.purpose), queueAt: placeOfLot(income) } : NOWHERE),
          requestId,
        },
        before,
      ),

    readGrant: async (id: string): Promise<Grant | undefined> => bare<Grant>(await database.read<Grant & Item>(table, grantKey(id))),
    putsGrant: (grant: Grant, before: Grant | undefined, requestId: string): Write =>
      put(
        grantKey(grant.id),
        {
          ...grant,
          list: listOf('GRANTS', grant.fund),
          listAt: `${grant.proposedAt}#${grant.id}`,
          ...placeOfGrant(grant),
          requestId,
        },
        before,
      ),
    /** Grants that were paid before a moment and are still to be reported on, first paid first. */
    withoutReport: async (
      fund: string,
      before: EpochMs,
      after: Page<Key>['after'],
    ): Promise<Page<{ readonly id: string; readonly paidAt: Instant }>> => {
      const page = await database.query<Key & { readonly queueAt: string }>(table, {
        index: 'byQueue',
        partition: reportQueue(fund),
        to: toInstant(before),
        after,
      });
      const items = page.items.map(({ pk, queueAt }) => ({
        id: pk.slice(grantKey('').pk.length),
        paidAt: queueAt.split('#')[0] as Instant,
      }));
      return { items, after: page.after };
    },
    readTrace: async (grant: string): Promise<Trace | undefined> => bare<Trace>(await database.read<Trace & Item>(table, traceKey(grant))),
    putsTrace: (trace: Trace, before: Trace | undefined): Write =>
      put(
        traceKey(trace.id),
        {
          ...trace,
          ...(trace.untraced > 0 ? { queue: untracedQueue(trace.fund, trace.purpose), queueAt: `${trace.paidAt}#${trace.id}` } : NOWHERE),
        },
        before,
      ),
    grants: (ids: readonly string[]): Promise<readonly Grant[]> => readAll<Grant>(ids, grantKey),
    incomes: (ids: readonly string[]): Promise<readonly Income[]> => readAll<Income>(ids, incomeKey),
    claimsMedia: (grant: Pick<Grant, 'id'>, media: readonly string[]): readonly Write[] =>
      media.map((each) => ({ table, put: { ...claimKey(each), grant: grant.id }, condition: { kind: 'absent' } })),
    mediaClaim: async (media: string): Promise<string | undefined> =>
      (await database.read<Key & { readonly grant: string }>(table, claimKey(media)))?.grant,

    /** Ids of gifts and refunds that are to be asked for, of one of {@link ASK_SHARDS}. */
    toAskFor: async (shard: number, until: EpochMs, limit: number, after: Page<Key>['after']): Promise<Page<Key>> =>
      idsIn('byQueue', `ASK#${shard}`, { limit, after, to: toInstant(until) }),
    /** Ids of gifts that wait for a receipt, first come first. */
    withoutReceipt: async (fund: string, year: string, limit: number): Promise<readonly string[]> =>
      (await idsIn('byQueue', receiptQueue(fund, year), { limit })).items.map(({ pk }) => pk.slice(DONATION.length + 1)),
    /** All that wait for a receipt of one of these years, first come first, and where each will stand among the lots of its purpose. */
    allWithoutReceipt: async (
      fund: string,
      years: readonly string[],
    ): Promise<readonly { readonly id: string; readonly place: string }[]> => {
      const found: { readonly id: string; readonly place: string }[] = [];
      for (const year of years) {
        let after: Page<Key>['after'];
        do {
          const page = await database.query<Key & Place>(table, { index: 'byQueue', partition: receiptQueue(fund, year), after });
          found.push(...page.items.map(({ pk, queueAt = '' }) => ({ id: pk.slice(DONATION.length + 1), place: queueAt })));
          after = page.after;
        } while (after !== undefined);
      }
      return found;
    },
    counter: async (fund: string, year: string): Promise<ReceiptCounter | undefined> =>
      bare<ReceiptCounter>(await database.read<ReceiptCounter & Item>(table, counterKey(fund, year))),
    putsCounter: (fund: string, year: string, last: number, before: ReceiptCounter | undefined): Write =>
      put(counterKey(fund, year), { last, version: (before?.version ?? 0) + 1 }, before),
    /** Gifts and incomes with something left of a purpose, as they are now, first come first. */
    lots: async (fund: string, purpose: string, limit: number): Promise<readonly (Donation | Income)[]> =>
      (await many<Donation | Income>((await idsIn('byQueue', lotQueue(fund, purpose), { limit })).items)).filter(
        (lot) => lot.purpose === purpose && lot.unused > 0,
      ),
    /** Of grants that are not wholly traced, first paid first. */
    untraced: async (fund: string, purpose: string, limit: number): Promise<readonly Trace[]> =>
      many<Trace>((await idsIn('byQueue', untracedQueue(fund, purpose), { limit })).items),

    /** As it was frozen, to the letter: a map of the database's own would come back in another order. */
    statement: async <T>(fund: string, period: string): Promise<T | undefined> => {
      const found = await database.find<Key & { readonly statement: string }>(table, statementKey(fund, period));
      return found === undefined ? undefined : (JSON.parse(found.statement) as T);
    },
    putsStatement: (fund: string, period: string, statement: object): Write => ({
      table,
      put: itemOf(statementKey(fund, period), { statement: JSON.stringify(statement) }),
      condition: { kind: 'absent' },
    }),

    reconciliations: (channel: string, city: string, limit: number, after: Page<Key>['after']): Promise<Page<Reconciliation>> =>
      database.query<Reconciliation & Item>(table, { partition: reconciliations(channel, city), limit, after, newestFirst: true }),
  };
  return repository;
};

export type FoundationRepository = ReturnType<typeof foundationRepository>;

/** A page of entries evaluates so many at most, whatever fits. */
const MOST_READ = 200;

type StoredDonor = Omit<Donor, 'name'> & { readonly donorName?: string };
const asDonor = ({ donorName, owner, anonymous, contact, message, onBehalfOf, recordedBy, createdAt }: StoredDonor): Donor => ({
  owner,
  name: donorName,
  anonymous,
  contact,
  message,
  onBehalfOf,
  recordedBy,
  createdAt,
});
