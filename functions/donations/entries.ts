/** The public face of the books. */
import type { Run } from '../http/call.ts';
import type { AnswerOf } from '../http/operation.ts';
import { nextOf, positionOf } from '../http/page.ts';
import { limitOf } from '../http/schema.ts';
import { justBelow } from '../data/merge.ts';
import { err, ok } from '../kernel/result.ts';
import type { listEntries as declaration } from './contract.ts';
import type { Donor } from './donation.ts';
import type { Grant } from './grant.ts';
import type { Income } from './income.ts';
import { effectOf, type Journal } from './ledger.ts';
import { foundationRepository, type FoundationRepository } from './repository.ts';

type EntryView = AnswerOf<typeof declaration>['items'][number];

/** What the entries of a page are about: names are not in the journals, since these stay for ever. */
interface Beside {
  readonly donors: ReadonlyMap<string, Donor>;
  readonly grants: ReadonlyMap<string, Grant>;
  readonly incomes: ReadonlyMap<string, Income>;
}

const present = <T>(all: readonly (T | undefined)[]): readonly T[] => all.filter((each): each is T & {} => each !== undefined);

const besideOf = async (repository: FoundationRepository, entries: readonly Journal[]): Promise<Beside> => {
  const gifts = entries.filter(({ kind }) => kind === 'donation');
  const [donors, grants, incomes] = await Promise.all([
    repository.donors(present(gifts.map(({ donation }) => donation))),
    repository.grants(present(entries.map(({ grant }) => grant))),
    repository.incomes(present(entries.map(({ income }) => income))),
  ]);
  return {
    donors,
    grants: new Map(grants.map((each) => [each.id, each])),
    incomes: new Map(incomes.map((each) => [each.id, each])),
  };
};

const entryView = (journal: Journal, { donors, grants, incomes }: Beside): EntryView => {
  const donor = journal.kind === 'donation' ? donors.get(journal.donation ?? '') : undefined;
  const grant = grants.get(journal.grant ?? '');
  const income = incomes.get(journal.income ?? '');
  const isNamed = grant?.recipientKind === 'organisation';
  return {
    id: journal.id,
    at: journal.at,
    kind: journal.kind,
    purpose: journal.purpose,
    amount: effectOf(journal),
    postings: [...journal.postings],
    channel: journal.channel,
    donor: donor === undefined || donor.anonymous ? undefined : donor.name,
    grant: journal.grant,
    recipient: isNamed ? grant.recipientName : undefined,
    reason: journal.reason ?? (isNamed ? grant.reason : undefined),
    source: income?.source,
    reference: income?.reference,
    administrative: journal.administrative,
  };
};

export const listEntries: Run<typeof declaration> = async (call) => {
  const { runtime, params, query } = call;
  const position = positionOf<string>(call, query.cursor);
  if (!position.ok) return position;
  const repository = foundationRepository(runtime.database);
  const fund = await repository.findFund(params.id);
  if (fund === undefined) return err({ code: 'notFound' });
  const { items, after } = await repository.journals(fund, {
    limit: limitOf(query.limit),
    to: position.value === undefined ? undefined : justBelow(position.value),
    fits: ({ kind, purpose }) => (query.all === 'true' || kind !== 'sweep') && (query.purpose === undefined || purpose === query.purpose),
  });
  const beside = await besideOf(repository, items);
  return ok({ status: 200, body: { items: items.map((each) => entryView(each, beside)), next: nextOf(call, after) } });
};
