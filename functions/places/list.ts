/** Lists of a division, by community: city by city, each of them one list. */
import { divisionsReader } from '../divisions/reader.ts';
import type { Call } from '../http/call.ts';
import { nextOf, positionOf } from '../http/page.ts';
import { wrongField, type Failure } from '../http/problem.ts';
import { limitOf } from '../http/schema.ts';
import { ancestorOf, covers, levelOf, type DivisionCode } from '../kernel/division.ts';
import { ok, type Result } from '../kernel/result.ts';
import { placesRepository, type Listed, type Range } from './repository.ts';

interface Position {
  readonly city: DivisionCode;
  readonly after: Record<string, unknown> | undefined;
}

/** Where in which cities everything of a division lies. */
export const rangesOf = async ({ runtime }: Pick<Call, 'runtime'>, division: DivisionCode): Promise<readonly Range[]> =>
  levelOf(division) === 'province'
    ? (await divisionsReader(runtime.database).within(division, 'city')).map((city) => ({ city, within: city }))
    : [{ city: ancestorOf(division, 'city'), within: division }];

/** What is read whole is of a city at most. */
export const aboveCity = (division: DivisionCode): Failure | undefined =>
  levelOf(division) === 'province'
    ? wrongField('division', { 'zh-CN': '请按市或更低一级查询', en: 'must be a city, or below it' })
    : undefined;

interface Asked<T> {
  readonly what: Listed;
  readonly query: { readonly division: DivisionCode; readonly limit?: string | undefined; readonly cursor?: string | undefined };
  readonly read: (ids: readonly string[], consistent: false) => Promise<ReadonlyMap<string, T>>;
}

/** A page of what is in a division; what has just left it is no longer shown. */
export const pageOf = async <T extends { readonly community: DivisionCode }>(
  call: Call,
  { what, query: { division, limit: asked, cursor }, read }: Asked<T>,
): Promise<Result<{ readonly items: readonly T[]; readonly next: string | null }, Failure>> => {
  const position = positionOf<Position>(call, cursor);
  if (!position.ok) return position;
  const from = position.value;
  const limit = limitOf(asked);
  const repository = placesRepository(call.runtime.database);
  const ranges = (await rangesOf(call, division)).filter(({ city }) => from === undefined || city >= from.city);
  const ids: string[] = [];
  let next: Position | undefined;
  for (const range of ranges) {
    if (ids.length === limit) {
      next = { city: range.city, after: undefined };
      break;
    }
    const page = await repository.listed(what, range, limit - ids.length, range.city === from?.city ? from.after : undefined);
    ids.push(...page.items);
    if (page.after !== undefined) {
      next = { city: range.city, after: page.after };
      break;
    }
  }
  const found = await read(ids, false);
  const items = ids.flatMap((id) => {
    const item = found.get(id);
    return item === undefined || !covers(division, item.community) ? [] : [item];
  });
  return ok({ items, next: nextOf(call, next) });
};
