/**
 * The rate of visits to those who are looked after, equal to a recount from the raw records: over months of registrations, visits that are entered
 * late, moves, tiers that change, ends that are told afterwards, new beginnings, and days of either that are corrected.
 */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { careRelay } from '../../functions/care/relay.ts';
import { divisionsReader } from '../../functions/divisions/reader.ts';
import type { Month } from '../../functions/kernel/time.ts';
import { partsOf, rebuild } from '../../functions/metrics/rebuild.ts';
import { REREADABLE } from '../../functions/metrics/images.ts';
import { REACTIONS } from '../../lib/local/functions.ts';
import { LONG, newSeed, seeded } from '../support/faults.ts';
import { openHouse, type House } from '../support/house.ts';
import { reactionsTo } from '../support/listener.ts';
import { CAOSHIJIE, DACISI, SHUIJINGFANG, ZONGFULU } from '../support/people.ts';
import { DIVISIONS } from '../support/world.ts';
import { auditor } from './support/months.ts';
import { openDesk, type Desk } from './support/pieces.ts';

vi.setConfig({ testTimeout: LONG ? 900_000 : 120_000, hookTimeout: 60_000 });

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const START = '2026-07-01T08:00:00+08:00';
const COMMUNITIES = [SHUIJINGFANG, DACISI, ZONGFULU, CAOSHIJIE];
const TIERS = ['high', 'key', 'general'] as const;
const worker = { sub: 'worker-of-the-province', roles: ['worker'], division: '51' };

let house: House;
let desk: Desk;
let reactions: Awaited<ReturnType<typeof reactionsTo>>;
beforeAll(async () => {
  house = await openHouse({ at: START });
  desk = await openDesk(house);
  const own = REACTIONS.filter(({ declaration }) => declaration.name === 'record-facts');
  reactions = await reactionsTo(house, 'care', careRelay, own);
});
afterAll(() => house.stop());

/** All that was ever said of somebody: what holds from a moment on, and what is said of days. */
interface Raw {
  readonly id: string;
  readonly marks: { readonly at: number; readonly community: string; readonly tier: string }[];
  spells: { from: string; until?: string }[];
  /** Visits that found somebody. */
  readonly visits: number[];
}

const dayOf = (at: number): string => new Date(at + 8 * HOUR).toISOString().slice(0, 10);
const startOf = (month: string): number => Date.parse(`${month}-01T00:00:00+08:00`);
const monthAfter = (month: string, count = 1): string => {
  const [year = 0, number = 0] = month.split('-').map(Number);
  return new Date(Date.UTC(year, number - 1 + count)).toISOString().slice(0, 7);
};

/** What has no day between is one. */
const joined = (spells: Raw['spells']): Raw['spells'] => {
  const found: Raw['spells'] = [];
  for (const spell of spells) {
    const last = found.at(-1);
    if (last?.until === spell.from) found.splice(-1, 1, { ...spell, from: last.from });
    else found.push(spell);
  }
  return found;
};

/** The definition, read off the raw records. */
const recount = (people: readonly Raw[], division: string, month: string): readonly [number, number] => {
  const end = startOf(monthAfter(month));
  const lastDay = dayOf(end - 1);
  const windowsOf = (tier: string): readonly (readonly [string, string])[] => {
    if (tier === 'high')
      return [1, 8, 15, 22].map((day) => [day, day + 6].map((each) => `${month}-${String(each).padStart(2, '0')}`) as [string, string]);
    return [[`${tier === 'key' ? month : monthAfter(month, -2)}-01`, lastDay]];
  };
  let [visited, due] = [0, 0];
  for (const { marks, spells: told, visits } of people) {
    const spells = joined(told);
    const then = marks.findLast(({ at }) => at < end) ?? marks[0];
    const spell = spells.find(({ from, until }) => from <= lastDay && (until === undefined || until > lastDay));
    if (spell === undefined || then === undefined || !then.community.startsWith(division)) continue;
    const windows = windowsOf(then.tier).filter(([from]) => spell.from <= from);
    if (windows.length === 0) continue;
    due += 1;
    if (windows.every(([from, to]) => visits.some((at) => dayOf(at) >= from && dayOf(at) <= to))) visited += 1;
  }
  return [visited, due];
};

const shown = async (division: string, month: string): Promise<readonly [number, number]> => {
  const { body } = await house.get(`/v1/metrics?division=${division}&month=${month}`, auditor);
  const { numerator, denominator } = body.indicators.find(({ id }: { id: string }) => id === 'elderVisitRate');
  return [numerator, denominator];
};

const recounted = (people: readonly Raw[], month: string): readonly string[] =>
  DIVISIONS.map(([division]) => `${month} ${division} ${recount(people, division, month).join('/')}`);

/** `stood`: what a month came to when nothing could be told of it any more. */
const expectRecount = async (
  people: readonly Raw[],
  months: readonly string[],
  stood: ReadonlyMap<string, readonly string[]> = new Map(),
): Promise<void> => {
  const found: string[] = [];
  for (const month of months)
    for (const [division] of DIVISIONS) found.push(`${month} ${division} ${(await shown(division, month)).join('/')}`);
  expect(found).toEqual(months.flatMap((month) => stood.get(month) ?? recounted(people, month)));
};

/** Months of a register, at random; each event told once or twice, in any order. */
const live = async (
  seed: number,
  months: number,
  steps: number,
): Promise<{ readonly people: readonly Raw[]; readonly stood: ReadonlyMap<string, readonly string[]> }> => {
  const random = seeded(seed);
  const below = (count: number): number => Math.floor(random() * count);
  const one = <T>(all: readonly T[]): T => all[below(all.length)] as T;
  const people: Raw[] = [];
  const patch = async (id: string, body: object): Promise<void> => {
    const { status, text } = await house.call('PATCH', `/v1/care/recipients/${id}`, { as: worker, body });
    expect([status, text]).toEqual([200, text]);
  };

  const register = async (): Promise<void> => {
    const activeFrom = dayOf(house.now() - below(3) * below(40) * DAY);
    const [community, tier] = [one(COMMUNITIES), one(TIERS)];
    const { body, text } = await house.post('/v1/care/recipients', worker, { name: '某人', community, tier, activeFrom });
    if (body.id === undefined) throw new Error(text);
    people.push({ id: body.id, marks: [{ at: house.now(), community, tier }], spells: [{ from: activeFrom }], visits: [] });
  };
  const isAfterEnd = ({ spells }: Raw, day: string): boolean => {
    const until = joined(spells).findLast(({ from }) => from <= day)?.until;
    return until !== undefined && until < day;
  };
  const visit = async (person: Raw): Promise<void> => {
    const at = house.now() - below(4) * below(20) * DAY - below(20) * HOUR;
    const outcome = one(['well', 'well', 'well', 'needsHelp', 'notFound']);
    const answer = await house.post(`/v1/care/recipients/${person.id}/visits`, worker, {
      at: new Date(at).toISOString(),
      mode: 'inPerson',
      outcome,
    });
    expect([answer.text, answer.status]).toEqual([answer.text, isAfterEnd(person, dayOf(at)) ? 422 : 201]);
    if (answer.status === 201 && outcome !== 'notFound') person.visits.push(at);
  };
  const mark = async (person: Raw, change: object): Promise<void> => {
    await patch(person.id, change);
    const last = person.marks.at(-1);
    if (last !== undefined) person.marks.push({ ...last, at: house.now(), ...change });
  };
  const end = async (person: Raw): Promise<void> => {
    person.spells = joined(person.spells);
    const last = person.spells.at(-1);
    if (last === undefined) return;
    if (last.until !== undefined) {
      // The end was a mistake, or it begins again.
      const isMistake = random() < 0.4;
      await patch(person.id, { active: true, ...(isMistake ? { activeFrom: last.from } : {}) });
      if (isMistake) person.spells.splice(-1, 1, { from: last.from });
      else person.spells.push({ from: dayOf(house.now()) });
      return;
    }
    const told = dayOf(house.now() - below(20) * DAY);
    const endedOn = told < last.from ? last.from : told;
    await patch(person.id, { active: false, endedOn, endReason: 'died' });
    last.until = endedOn;
  };

  /** A day of the last spell, beyond twelve months ago as well, is told otherwise. */
  const correct = async (person: Raw): Promise<void> => {
    person.spells = joined(person.spells);
    const last = person.spells.at(-1);
    if (last === undefined) return;
    const said = dayOf(house.now() - below(3) * below(LONG ? 250 : 40) * DAY);
    const isEnded = last.until !== undefined;
    const earliest = isEnded ? [last.from, `${monthAfter(dayOf(house.now()).slice(0, 7), -12)}-01`] : [person.spells.at(-2)?.until ?? ''];
    const day = [said, ...earliest].toSorted().at(-1) ?? said;
    await patch(person.id, isEnded ? { endedOn: day } : { activeFrom: day });
    if (isEnded) last.until = day;
    else last.from = day;
  };

  const stood = new Map<string, readonly string[]>();
  for (let month = 0; month < months; month++) {
    const next = startOf(monthAfter('2026-07', month + 1));
    for (let step = 0; step < steps; step++) {
      house.turn(below((2 * (next - house.now())) / (steps - step + 1)));
      const what = random();
      if (people.length < 3 || what < 0.12) await register();
      else if (what < 0.75) await visit(one(people));
      else if (what < 0.8) await mark(one(people), { tier: one(TIERS) });
      else if (what < 0.85) await correct(one(people));
      else if (what < 0.92) await mark(one(people), { community: one(COMMUNITIES) });
      else await end(one(people));
    }
    const events = await reactions.events();
    const told = [...events, ...events.filter(() => random() < 0.2)].toSorted(() => random() - 0.5);
    for (const event of told) await reactions.deliver(event);
    const time = new Date(next + HOUR / 2).toISOString();
    house.turnTo(time);
    await desk.run('monthlyMetrics', time);
    const last = monthAfter('2026-07', month - 12);
    stood.set(last, recounted(people, last));
  }
  return { people, stood };
};

test('equals a recount from the raw records in every division and month, whatever was told late, and so after all facts are made again', async () => {
  const months = LONG ? 18 : 3;
  const { people, stood } = await live(newSeed('elder visits'), months, LONG ? 200 : 45);
  const closed = Array.from({ length: months }, (_, index) => monthAfter('2026-07', index));
  house.turn(2 * DAY);
  await desk.run('metricsRefresh', new Date(house.now()).toISOString());
  await expectRecount(people, closed, stood);
  // Otherwise it would show nothing.
  const [visited, due] = recount(people, '51', closed.at(-1) ?? '');
  expect([visited > 0, visited < due]).toEqual([true, true]);

  const rebuilding = { until: closed.at(-1) as Month, runId: 'again', recount: false, sources: [REREADABLE.recipient] };
  const { database } = house.runtime;
  for (const part of await partsOf(divisionsReader(database), undefined))
    expect([part, (await rebuild(database, part, rebuilding)).differences]).toEqual([part, []]);
});
