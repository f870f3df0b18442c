/**
 * The records behind a figure, page by page through the divisions in which any lie. They come from the facts as they are now, in a final month as
 * well: until late ones have made a revision, they come to another sum than the figure.
 */
import type { Run } from '../http/call.ts';
import { divisionsReader } from '../divisions/reader.ts';
import type { QueryOf } from '../http/operation.ts';
import { nextOf, positionOf } from '../http/page.ts';
import { limitOf } from '../http/schema.ts';
import { ancestorOf, levelOf, type DivisionCode } from '../kernel/division.ts';
import { err, ok } from '../kernel/result.ts';
import { addMonths, endOfMonth, toInstant, type Month } from '../kernel/time.ts';
import type { listFacts as declaration } from './contract.ts';
import { contributionsTo, periodOf, type Contribution } from './count.ts';
import type { Indicator } from './indicator.ts';
import { indicatorNamed } from './read-metrics.ts';
import { metricsRepository, type MetricsRepository } from './repository.ts';
import { sourceOf } from './sources.ts';
import { seesAll } from './view.ts';

interface Position {
  readonly community: DivisionCode;
  /** Records of it that have been read. */
  readonly read: number;
}

/** Communities at or below a division whose figure is not nothing, and divisions whose own share is not, by code, from one on. */
async function* placesOf(
  repository: MetricsRepository,
  division: DivisionCode,
  month: Month,
  indicator: Indicator,
  from: DivisionCode | undefined,
): AsyncGenerator<DivisionCode> {
  if (levelOf(division) === 'community') yield division;
  else {
    for (const { division: each, sums } of await repository.summands(division, month)) {
      const isShare = each === division;
      const isBefore = from !== undefined && each < (isShare ? from : from.slice(0, each.length));
      if (isBefore || !(sums[indicator.id] ?? []).some((part) => part !== 0)) continue;
      if (isShare) yield each;
      else yield* placesOf(repository, each, month, indicator, from);
    }
  }
}

/** What a community's figure, or a division's own share, was counted from. */
const recordsOf = async (
  repository: MetricsRepository,
  community: DivisionCode,
  month: Month,
  indicator: Indicator,
): Promise<readonly Contribution[]> => {
  const [leaf, carried, facts] = await Promise.all([
    repository.leaf(community),
    repository.states(community, addMonths(month, -1)),
    repository.facts(community, month),
  ]);
  return contributionsTo(indicator, community, carried, facts, periodOf(month, leaf.state?.countedAt ?? toInstant(endOfMonth(month))));
};

/** The same of a community by itself, with what its street has of it: of how many it is one. */
const recordsOfOne = async (
  repository: MetricsRepository,
  community: DivisionCode,
  month: Month,
  indicator: Indicator,
): Promise<readonly Contribution[]> => {
  const own = recordsOf(repository, community, month, indicator);
  if (indicator.ofCommunities === undefined) return own;
  const inStreet = await recordsOf(repository, ancestorOf(community, 'street'), month, indicator);
  const share = inStreet.filter(({ id }) => id === community);
  // Where it is not counted at all, nothing in it counts.
  return share.length === 0 ? [] : [...share, ...(await own)];
};

const MOST_LINES = 1000;

/** Where the list goes on (RFC 8288). */
const nextLink = (query: QueryOf<typeof declaration>, cursor: string): string => `?${new URLSearchParams({ ...query, cursor }).toString()}`;

export const listFacts: Run<typeof declaration> = async (call) => {
  const { runtime, caller, query, asTable } = call;
  const { division, month } = query;
  if (!seesAll(caller, division)) return err({ code: 'forbidden' });
  const indicator = indicatorNamed(query.indicator);
  if (!indicator.ok) return indicator;
  const after = positionOf<Position>(call, query.cursor);
  if (!after.ok) return after;
  if ((await divisionsReader(runtime.database).find(division)) === undefined) return err({ code: 'notFound' });

  const repository = metricsRepository(runtime.database);
  // A table has no `next`, but a link to it; so it may be longer.
  const limit = asTable && query.limit === undefined ? MOST_LINES : limitOf(query.limit);
  const recordsBehind = levelOf(division) === 'community' ? recordsOfOne : recordsOf;
  const found: (Contribution & { readonly community: DivisionCode })[] = [];
  let next: Position | undefined;
  for await (const community of placesOf(repository, division, month, indicator.value, after.value?.community)) {
    const read = community === after.value?.community ? after.value.read : 0;
    const records = (await recordsBehind(repository, community, month, indicator.value)).slice(read);
    const taken = records.slice(0, limit - found.length);
    found.push(...taken.map((each) => ({ ...each, community })));
    if (found.length === limit) {
      next = { community, read: read + taken.length };
      break;
    }
  }
  const cursor = nextOf(call, next);
  return ok({
    status: 200,
    body: {
      items: found.map(({ kind, id, confidential, community, count: { numerator, denominator } }) => ({
        record: confidential ? null : `${sourceOf(kind).path}/${id}`,
        kind,
        community,
        numerator,
        denominator: indicator.value.denominator === null ? null : denominator,
      })),
      next: cursor,
    },
    ...(cursor === null ? {} : { headers: { link: `<${nextLink(query, cursor)}>; rel="next"` } }),
  });
};
