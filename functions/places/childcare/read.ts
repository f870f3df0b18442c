import { allOf } from '../../data/pages.ts';
import type { Call, Run } from '../../http/call.ts';
import { keptFor } from '../../http/kept.ts';
import type { DivisionCode } from '../../kernel/division.ts';
import { err, ok } from '../../kernel/result.ts';
import { aboveCity, pageOf, rangesOf } from '../list.ts';
import { placesRepository, type Range } from '../repository.ts';
import { added, freeOf, NO_PLACES, type Places } from './childcare.ts';
import type { listChildcare, readChildcare } from './contract.ts';
import { childcareView } from './view.ts';

export const read: Run<typeof readChildcare> = async ({ runtime, params }) => {
  const childcare = await placesRepository(runtime.database).findChildcare(params.id);
  return childcare === undefined
    ? err({ code: 'notFound' })
    : ok({ status: 200, body: childcareView(childcare), version: childcare.version });
};

/** As figures of a month under way are. */
const KEPT_SECONDS = 60;

/** What a division offers, from the index: it has the numbers of each. */
const sumsOf = async (call: Call<typeof listChildcare>, division: DivisionCode): Promise<Places> => {
  const repository = placesRepository(call.runtime.database);
  const sumIn = async (range: Range): Promise<Places> =>
    (await allOf<Places>((after) => repository.placesIn(range, after))).reduce(added, NO_PLACES);
  return (await Promise.all((await rangesOf(call, division)).map(sumIn))).reduce(added, NO_PLACES);
};

export const list: Run<typeof listChildcare> = async (call) => {
  const { runtime, query } = call;
  const page = await pageOf(call, { what: 'childcare', query, read: placesRepository(runtime.database).readManyChildcare });
  if (!page.ok) return page;
  // Above a city, too much would be read for them.
  const isSummed = query.cursor === undefined && aboveCity(query.division) === undefined;
  const sums = isSummed ? await sumsOf(call, query.division) : undefined;
  const { items, next } = page.value;
  return ok({
    status: 200,
    body: {
      ...(sums === undefined ? {} : { sums: { ...sums, free: freeOf(sums) } }),
      items: items.map(childcareView),
      next,
    },
    ...keptFor(undefined, KEPT_SECONDS),
  });
};
