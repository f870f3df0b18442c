/** What lies in a street, a county, a city or a province itself, as a fund of one does: counted in it and in all above it, and in nothing below. */
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { RequestImage } from '../../functions/service-requests/reader.ts';
import { divisionsReader } from '../../functions/divisions/reader.ts';
import { LEVELS, levelOf, type DivisionCode } from '../../functions/kernel/division.ts';
import type { Month } from '../../functions/kernel/time.ts';
import { source } from '../../functions/metrics/indicator.ts';
import { factsOf } from '../../functions/metrics/life.ts';
import { metricsRepository } from '../../functions/metrics/repository.ts';
import { partsOf, rebuild, type Rebuilt } from '../../functions/metrics/rebuild.ts';
import { SOURCES } from '../../functions/metrics/sources.ts';
import { donations } from '../../functions/metrics/sources/donations.ts';
import { requests } from '../../functions/metrics/sources/requests.ts';
import type { JournalImage } from '../../functions/donations/reader.ts';
import { LONG, newSeed, seeded } from '../support/faults.ts';
import { openHouse, type Answered, type Content, type House } from '../support/house.ts';
import { auditor as cityAuditor, CAOSHIJIE, countyDispatcher, DACISI, dispatcher } from '../support/people.ts';
import { DIVISIONS } from '../support/world.ts';
import { fenOf, journal, journalsOf, posted } from './support/journals.ts';
import { auditor } from './support/months.ts';
import { figuresIn, openDesk, type Desk, type RequestEvent } from './support/pieces.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const CODES = DIVISIONS.map(([code]) => code);
const NOVEMBER = '2026-11';
const CLOSING = '2026-12-01T00:30:00+08:00';

let house: House;
let desk: Desk;
let empty: Content;

beforeAll(async () => {
  house = await openHouse({ at: '2026-11-24T09:00:00+08:00' });
  desk = await openDesk(house);
  empty = await house.content(['metrics']);
});
afterAll(() => house.stop());
beforeEach(async () => house.restore(empty, await house.content(['metrics'])));

const life = (item: JournalImage) => donations.life(item);
const tell = (journals: readonly JournalImage[]): Promise<void> => desk.recordAll(journals.map(posted));
const refresh = (time: string): Promise<void> => desk.run('metricsRefresh', time);

interface FigureBody {
  readonly id: string;
  readonly numerator: number | null;
  readonly suppressed?: string;
}
const read = async (path: string, as = auditor): Promise<Answered['body']> => {
  const { status, body, text } = await house.get(path, as);
  expect([path, text, status]).toEqual([path, text, 200]);
  return body;
};
/** Fen received and given, as they are shown. */
const shown = async (division: string, month: string): Promise<readonly (number | null | undefined)[]> => {
  const { indicators } = (await read(`/v1/metrics?division=${division}&month=${month}`)) as unknown as {
    indicators: readonly FigureBody[];
  };
  return ['donationsReceived', 'grantsPaid'].map((id) => indicators.find((each: FigureBody) => each.id === id)?.numerator);
};
const expectFen = async (journals: readonly JournalImage[], months: readonly string[] = [NOVEMBER]): Promise<void> => {
  for (const month of months)
    for (const code of CODES) expect([code, month, ...(await shown(code, month))]).toEqual([code, month, ...fenOf(journals, code, month)]);
};
const revisionsOf = async (month: string): Promise<Readonly<Record<string, number>>> =>
  Object.fromEntries(
    await Promise.all(CODES.map(async (code) => [code, (await read(`/v1/metrics?division=${code}&month=${month}`))['revision']] as const)),
  );

/** A gift for a fund of each level, each of another size, and a grant of two of them. */
const ofEveryLevel = (): readonly JournalImage[] => [
  journal('51', '2026-11-02 09:00', 1),
  journal('5101', '2026-11-03 09:00', 20),
  journal('510104', '2026-11-04 09:00', 300),
  journal('510104017', '2026-11-05 09:00', 4_000),
  journal(DACISI, '2026-11-06 09:00', 50_000),
  journal(CAOSHIJIE, '2026-11-07 09:00', 600_000),
  journal('510104', '2026-11-08 09:00', 7, 'grant'),
  journal('5101', '2026-11-09 09:00', 80, 'grant'),
  journal('5101', '2026-11-10 09:00', 900, 'refund'),
];

describe('a division’s figure', () => {
  test('sums what lies in it and what lies in all below it; what is neither received nor given counts nowhere', async () => {
    const journals = ofEveryLevel();
    await tell(journals);
    await refresh('2026-11-24T09:00:00+08:00');
    await expectFen(journals);
    expect(await shown('51', NOVEMBER)).toEqual([654_321, 87]);
    expect(await shown('510104', NOVEMBER)).toEqual([54_300, 7]);
    expect(await shown('510104017', NOVEMBER)).toEqual([54_000, 0]);
  });

  test('is ranked without it: only what lies below is a child', async () => {
    await tell(ofEveryLevel());
    await refresh('2026-11-24T09:00:00+08:00');
    const ranked = async (division: string): Promise<unknown> => {
      const { items } = await read(`/v1/metrics/children?division=${division}&month=${NOVEMBER}&indicator=donationsReceived`);
      return items.map((each: { division: string; value: number }) => [each.division, each.value]);
    };
    expect(await ranked('51')).toEqual([['5101', 654_320]]);
    expect(await ranked('5101')).toEqual([
      ['510105', 600_000],
      ['510104', 54_300],
    ]);
    expect(await ranked('510104017')).toEqual([
      [DACISI, 50_000],
      ['510104017001', 0],
    ]);
  });

  test('is shown month by month, in fen as integers in a table, and in yuan to who looks at the dashboard', async () => {
    await tell([...ofEveryLevel(), journal('510104', '2026-10-04 09:00', 123_456_789)]);
    await refresh('2026-11-24T09:00:00+08:00');
    const { items } = await read(`/v1/metrics/series?division=510104&indicator=donationsReceived&from=2026-10&to=2026-11`);
    expect(items.map(({ value }: { value: number }) => value)).toEqual([123_456_789, 54_300]);
    const csv = await house.call('GET', '/v1/metrics?division=510104&month=2026-10', { headers: { accept: 'text/csv' } });
    expect(csv.text).toMatch(/donationsReceived,123456789,,123456789,,,\r?\n/);
    const page = async (lang: string): Promise<string> =>
      (await house.get(`/dashboard?division=510104&month=2026-10&indicator=donationsReceived&lang=${lang}`)).text;
    expect(await page('zh-CN')).toContain('1,234,567.89 元');
    expect(await page('en')).toContain('¥1,234,567.89');
  });

  test('is the same in whatever order things are told of, twice or once, counted in between or not', async () => {
    const journals = ofEveryLevel();
    await tell(journals);
    await desk.run('monthlyMetrics', CLOSING);
    const expected = figuresIn(await house.content(['metrics']));
    await house.restore(empty, await house.content(['metrics']));
    for (const each of journals.toReversed()) {
      await tell([each, each]);
      await refresh(each.at);
    }
    await desk.run('monthlyMetrics', CLOSING);
    expect(figuresIn(await house.content(['metrics']))).toEqual(expected);
  });
});

describe('a run', () => {
  test('that finds something in a city alone works on the city and its province, and the next one on nothing', async () => {
    const journals = [journal('5101', '2026-11-03 09:00', 20)];
    await tell(journals);
    await house.schedule('metricsRefresh', '2026-11-24T09:00:00+08:00');
    expect(await desk.planned()).toEqual(['city#5101']);
    await desk.workAll();
    await expectFen(journals);
    await house.schedule('metricsRefresh', '2026-11-24T10:00:00+08:00');
    expect(await desk.planned()).toEqual([]);
  });

  test('that finds something in a province alone works on that alone', async () => {
    const journals = [journal('51', '2026-11-03 09:00', 1)];
    await tell(journals);
    await house.schedule('metricsRefresh', '2026-11-24T09:00:00+08:00');
    expect(await desk.planned()).toEqual(['province#51']);
    await desk.workAll();
    await expectFen(journals);
  });

  test('leaves what comes later than its moment to the next one', async () => {
    const [now, later] = [journal('5101', '2026-11-03 09:00', 20), journal('5101', '2026-11-24 09:30', 5)];
    await tell([now, later]);
    await refresh('2026-11-24T09:00:00+08:00');
    await expectFen([now]);
    await refresh('2026-11-24T10:00:00+08:00');
    await expectFen([now, later]);
  });
});

describe('a month that is final', () => {
  test('is revised where a late gift lies and above, and nowhere else; the revision before is kept', async () => {
    const journals = ofEveryLevel();
    await tell(journals);
    await desk.run('monthlyMetrics', CLOSING);
    await expectFen(journals);
    expect(await revisionsOf(NOVEMBER)).toEqual(Object.fromEntries(CODES.map((code) => [code, 1])));

    const late = journal('510104', '2026-11-30 23:59', 1_000_000);
    await tell([late]);
    await refresh('2026-12-02T10:00:00+08:00');
    await expectFen([...journals, late]);
    const revised = new Set(['51', '5101', '510104']);
    expect(await revisionsOf(NOVEMBER)).toEqual(Object.fromEntries(CODES.map((code) => [code, revised.has(code) ? 2 : 1])));
    const { previous } = await read(`/v1/metrics?division=510104&month=${NOVEMBER}`);
    expect(previous).toEqual([{ id: 'donationsReceived', numerator: 54_300, denominator: null, value: 54_300 }]);
    const { indicators: first } = await read(`/v1/metrics?division=510104&month=${NOVEMBER}&revision=1`);
    expect(first).toContainEqual({ id: 'donationsReceived', numerator: 54_300, denominator: null, value: 54_300 });
  });

  test('keeps hidden what was hidden, and shows what was shown, when money is all that a revision changes', async () => {
    const rated = (id: string, community: string, level: number): RequestEvent => {
      const [requestedAt, resolvedAt] = ['2026-11-03T01:00:00.000Z', '2026-11-03T02:00:00.000Z'] as never[];
      const image = { id, version: 5, visibility: 'public', community, status: 'resolved', requestedAt, resolvedAt };
      const clocks = { respondBy: resolvedAt, respondedAt: resolvedAt, resolveBy: resolvedAt, ratings: [{ at: resolvedAt, level }] };
      const item = { ...image, ...clocks } as unknown as RequestImage;
      return { detail: { id: `${id}#5`, type: 'serviceRequest.rated', data: { item } } } as unknown as RequestEvent;
    };
    for (let nth = 0; nth < 9; nth++) await desk.record(rated(`r${nth}`, nth < 2 ? DACISI : '510104020001', nth < 1 ? 1 : 5));
    await tell(ofEveryLevel());
    await desk.run('monthlyMetrics', CLOSING);
    const publicly = async (): Promise<unknown> =>
      Promise.all(
        CODES.map(async (code) => {
          const { body } = await house.get(`/v1/metrics?division=${code}&month=${NOVEMBER}`);
          return [code, body.indicators.filter(({ id }: FigureBody) => ['satisfactionRate', 'ratedRate'].includes(id))];
        }),
      );
    const before = await publicly();
    expect(JSON.stringify(before)).toContain('"suppressed":"small"');
    expect(JSON.stringify(before)).toContain('"numerator":8');
    await tell(['51', '5101', '510104', '510104017'].map((code) => journal(code, '2026-11-20 09:00', 5)));
    await refresh('2026-12-02T10:00:00+08:00');
    expect((await revisionsOf(NOVEMBER))['510104017']).toBe(2);
    expect(await publicly()).toEqual(before);
  });

  test('comes out as reckoned from the journals, whenever each of them was recorded', async () => {
    const random = seeded(newSeed('levels'));
    const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
    const months = ['2026-10', '2026-11', '2026-12'];
    const waiting = Array.from({ length: LONG ? 300 : 24 }, () => {
      const day = String(1 + Math.floor(random() * 30)).padStart(2, '0');
      return journal(
        pick(CODES),
        `${pick(months)}-${day} 12:00`,
        1 + Math.floor(random() * 1e9),
        pick(['donation', 'donation', 'grant', 'refund']),
      );
    });
    const told: JournalImage[] = [];
    const runs: readonly (readonly ['metricsRefresh' | 'monthlyMetrics', string])[] = [
      ['metricsRefresh', '2026-10-20T09:00:00+08:00'],
      ['monthlyMetrics', '2026-11-01T00:30:00+08:00'],
      ['metricsRefresh', '2026-11-20T09:00:00+08:00'],
      ['monthlyMetrics', '2026-12-01T00:30:00+08:00'],
      ['metricsRefresh', '2026-12-20T09:00:00+08:00'],
      ['monthlyMetrics', '2027-01-01T00:30:00+08:00'],
      ['metricsRefresh', '2027-01-02T09:00:00+08:00'],
    ];
    for (const [index, [name, time]] of runs.entries()) {
      const some = index === runs.length - 1 ? waiting.splice(0) : waiting.splice(0, Math.floor(random() * 20));
      await tell(some);
      told.push(...some);
      await desk.run(name, time);
      await expectFen(
        told.filter(({ at }) => Date.parse(at) <= Date.parse(time)),
        months,
      );
    }
  });
});

describe('the records behind a figure', () => {
  const pages = async (
    division: string,
    limit: number,
    as = auditor,
  ): Promise<readonly (readonly [place: string, record: string, fen: number])[]> => {
    const found: (readonly [string, string, number])[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const more: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const path = `/v1/metrics/facts?division=${division}&month=${NOVEMBER}&indicator=donationsReceived&limit=${limit}${more}`;
      const { items, next } = (await read(path, as)) as unknown as {
        items: readonly { community: string; record: string; numerator: number; denominator: null }[];
        next: string | null;
      };
      found.push(...items.map(({ community, record, numerator }) => [community, record, numerator] as const));
      cursor = next;
    }
    return found;
  };

  test('are those that lie in it and below it, each once, however they are cut into pages', async () => {
    const journals = [...ofEveryLevel(), journal('510104', '2026-11-11 09:00', 5), journal('510104017', '2026-11-11 09:00', 6)];
    await tell(journals);
    await refresh('2026-11-24T09:00:00+08:00');
    const expected = (division: string): unknown =>
      journals
        .filter((each) => each.kind === 'donation' && each.division.startsWith(division))
        .map((each) => [each.division, `funds/${each.fund}/entries/${each.id}`, each.amount])
        .toSorted();
    for (const division of CODES)
      for (const limit of [1, 2, 3, 100])
        expect([division, limit, (await pages(division, limit)).toSorted()]).toEqual([division, limit, expected(division)]);
    expect((await pages('51', 100)).map(([place]) => place)).toEqual([
      '51',
      '5101',
      '510104',
      '510104',
      '510104017',
      '510104017',
      DACISI,
      CAOSHIJIE,
    ]);
  });

  test('are seen by who may see the division, and by nobody from below', async () => {
    await tell(ofEveryLevel());
    await refresh('2026-11-24T09:00:00+08:00');
    expect(await pages('510104', 100, countyDispatcher)).toHaveLength(3);
    expect(await pages('510104017', 100, dispatcher)).toHaveLength(2);
    const path = (division: string): string => `/v1/metrics/facts?division=${division}&month=${NOVEMBER}&indicator=donationsReceived`;
    expect((await house.get(path('510104'), dispatcher)).status).toBe(403);
    expect((await house.get(path('51'), cityAuditor)).status).toBe(403);
  });
});

describe('facts that are made again', () => {
  const again = async (journals: readonly JournalImage[], recount = false): Promise<Rebuilt> => {
    const { database } = house.runtime;
    const done: Rebuilt[] = [];
    for (const part of await partsOf(divisionsReader(database), undefined))
      done.push(await rebuild(database, part, { until: NOVEMBER as Month, runId: 'again', recount, sources: [journalsOf(journals)] }));
    return {
      communities: done.reduce((sum, each) => sum + each.communities, 0),
      subjects: done.reduce((sum, each) => sum + each.subjects, 0),
      facts: done.reduce((sum, each) => sum + each.facts, 0),
      differences: done.flatMap(({ differences }) => differences),
    };
  };

  test('lie at every level: what was never told of is found, what nothing asks for is taken away, and both are counted', async () => {
    const journals = ofEveryLevel();
    const needless = [journal('5101', '2026-11-12 09:00', 5), journal('510104017', '2026-11-12 09:00', 5)];
    const missing = journals.filter(({ division }) => ['51', '510104'].includes(division));
    await tell(journals.filter((each) => !missing.includes(each)));
    const repository = metricsRepository(house.runtime.database);
    for (const each of needless) {
      await repository.write(factsOf(life(each)).map(repository.putsFact));
      await repository.write([repository.putsMark(each.division, NOVEMBER as Month, each.id)]);
    }
    await refresh('2026-11-24T09:00:00+08:00');
    const { differences, ...counts } = await again(journals);
    expect(counts).toEqual({ communities: 4, subjects: 9, facts: 8 });
    const told = ({ fund, id }: JournalImage): string => `journal#${fund}/entries/${id}`;
    expect(differences.map(({ what, subject, place }) => [what, subject, place]).toSorted()).toEqual(
      [
        ...missing.map((each) => ['missing', told(each), `${each.division}#${NOVEMBER}`]),
        ...needless.map((each) => ['needless', told(each), `${each.division}#${NOVEMBER}`]),
      ].toSorted(),
    );
    await expectFen([...journals.filter((each) => !missing.includes(each)), ...needless]);
    await refresh('2026-11-24T10:00:00+08:00');
    await expectFen(journals);
    expect((await again(journals)).differences).toEqual([]);
  });

  test('are counted again everywhere where that is asked for', async () => {
    const journals = ofEveryLevel();
    await tell(journals);
    await refresh('2026-11-24T09:00:00+08:00');
    await again(journals, true);
    await house.schedule('metricsRefresh', '2026-11-24T10:00:00+08:00');
    await desk.workAll();
    await expectFen(journals);
    const marks = (await desk.items()).filter(({ pk, sk }) => pk.startsWith('LEAVES#') && sk.includes('#'));
    expect(marks).toEqual([]);
  });

  test('are gone through part by part: provinces and cities for what lies in them, counties with all below them', async () => {
    const parts = (division?: string): Promise<readonly string[]> =>
      partsOf(divisionsReader(house.runtime.database), division as DivisionCode | undefined);
    expect(await parts()).toEqual(['51', '5101', '510104', '510105']);
    expect(await parts('51')).toEqual(['51', '5101', '510104', '510105']);
    expect(await parts('5101')).toEqual(['5101', '510104', '510105']);
    expect(await parts('510104')).toEqual(['510104']);
    expect(await parts('510104017')).toEqual(['510104017']);
    expect(await parts('99')).toEqual([]);
  });
});

describe('what residents could be recognised by', () => {
  test('lies in communities alone: no source with a sensitive indicator lets it lie above them', () => {
    const above = SOURCES.filter(({ levels }) => levels === 'any');
    expect(above.flatMap(({ indicators }) => indicators.filter(({ sensitive }) => sensitive))).toEqual([]);
    // Nor does one compile.
    const { indicators: _, levels: __, ...spec } = donations;
    // @ts-expect-error
    source({ ...spec, levels: 'any', indicators: requests.indicators });
    source({ ...spec, levels: 'community', indicators: requests.indicators });
  });

  test('is refused elsewhere, and what may lie anywhere is not', async () => {
    for (const level of LEVELS) {
      const community = CODES.find((code) => levelOf(code as DivisionCode) === level);
      const image = {
        id: `at-${level}`,
        version: 1,
        visibility: 'public',
        community,
        status: 'submitted',
        requestedAt: '2026-11-03T01:00:00.000Z',
      };
      const clocks = { respondBy: '2026-11-04T01:00:00.000Z', resolveBy: '2026-11-05T01:00:00.000Z' };
      const event = {
        detail: { id: `${level}#1`, type: 'serviceRequest.submitted', data: { item: { ...image, ...clocks } } },
      } as unknown as RequestEvent;
      if (level === 'community') await desk.record(event);
      else await expect(desk.record(event)).rejects.toThrow(`request at-${level} lies in ${community}`);
    }
    expect((await desk.items()).filter(({ pk }) => pk.startsWith('FACT#'))).toHaveLength(1);
  });
});

describe('a journal', () => {
  test('is one moment of its fund’s division, and one fact', () => {
    const item = journal('510104', '2026-11-30 23:59', 5);
    expect(factsOf(life(item)).map(({ community, month, before, moments }) => [community, month, before, moments.length])).toEqual([
      ['510104', NOVEMBER, undefined, 1],
    ]);
    expect(factsOf(life({ ...item, at: '2026-11-30T16:00:00.000Z' as never })).map(({ month }) => month)).toEqual(['2026-12']);
  });

  test('counts where it is a gift or a grant, and a refund lessens neither', () => {
    expect(
      ['donation', 'grant', 'refund', 'income', 'sweep'].map((kind) => life(journal('51', '2026-11-03 09:00', 5, kind)).moments.length),
    ).toEqual([1, 1, 0, 0, 0]);
  });
});
