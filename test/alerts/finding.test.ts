/** Lists, active ones, CAP and Atom: what covers a place, at this moment, at a bounded price. */
import { XMLParser } from 'fast-xml-parser';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { VARIABLES } from '../../functions/kernel/environment.ts';
import { retireListings } from '../../functions/alerts/retire-listings.ts';
import type { Alert } from '../../functions/alerts/alert.ts';
import type { CloudEvent } from '../../functions/data/reaction.ts';
import { MINUTE, SECOND } from '../../functions/kernel/time.ts';
import { openHouse, type Answered, type House } from '../support/house.ts';
import { alertOfficer, CAOSHIJIE, DACISI, SHUIJINGFANG, ZONGFULU } from '../support/people.ts';
import { cityOfficer, issued, RAIN, settle, strangeOfficer } from './support/alerts.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
  await settle(house);
});
afterAll(() => house.stop());

const ids = (answer: Answered): readonly string[] => answer.body.items.map(({ id }: { id: string }) => id);
const listed = async (query: string): Promise<readonly string[]> => ids(await house.get(`/v1/alerts?${query}`));

test('a list has what covers a place: at it, above it or within it, newest first, page by page', async () => {
  const where = [
    ['city', cityOfficer, '5101'],
    ['county', alertOfficer, '510104'],
    ['street', alertOfficer, '510104017'],
    ['community', alertOfficer, SHUIJINGFANG],
    ['elsewhere', strangeOfficer, CAOSHIJIE],
    ['other street', alertOfficer, '510104020'],
  ] as const;
  const made = new Map<string, string>();
  for (const [name, as, division] of where) {
    house.turn(MINUTE);
    made.set(await issued(house, { areas: [{ division }], headline: name }, as), name);
  }
  const namesAt = async (query: string): Promise<unknown> => (await listed(query)).map((id) => made.get(id));
  const all = ['other street', 'elsewhere', 'community', 'street', 'county', 'city'];
  expect(await namesAt('')).toEqual(all);
  expect(await namesAt('division=51')).toEqual(all);
  expect(await namesAt('division=5101')).toEqual(all);
  expect(await namesAt('division=510104')).toEqual(['other street', 'community', 'street', 'county', 'city']);
  expect(await namesAt('division=510104017')).toEqual(['community', 'street', 'county', 'city']);
  expect(await namesAt(`division=${SHUIJINGFANG}`)).toEqual(['community', 'street', 'county', 'city']);
  expect(await namesAt(`division=${DACISI}`)).toEqual(['street', 'county', 'city']);
  expect(await namesAt(`division=${ZONGFULU}`)).toEqual(['other street', 'county', 'city']);
  expect(await namesAt('division=510199')).toEqual(['city']);
  for (const filter of ['division=5101', 'division=5101&active=true', `division=${SHUIJINGFANG}`]) {
    const pages: string[] = [];
    let cursor: string | null = null;
    do {
      const { body } = await house.get(`/v1/alerts?limit=1&${filter}${cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`}`);
      pages.push(...body.items.map(({ id }: { id: string }) => made.get(id)));
      cursor = body.next;
    } while (cursor !== null);
    expect(pages.toSorted()).toEqual(((await namesAt(`limit=100&${filter}`)) as string[]).toSorted());
  }
  expect((await house.get('/v1/alerts?division=510104&cursor=abc')).status).toBe(400);
});

test('active means at this moment: from when it takes effect, until it expires', async () => {
  const id = await issued(house, { effective: '2026-11-25T10:00:00+08:00', expires: '2026-11-25T11:00:00+08:00' });
  const at = async (moment: string): Promise<unknown> => {
    house.turnTo(moment);
    const [active, others] = await Promise.all(['true', 'false'].map((flag) => listed(`limit=100&division=510104&active=${flag}`)));
    return [active?.includes(id), others?.includes(id), (await house.get(`/v1/alerts/${id}`)).body.active];
  };
  expect(await at('2026-11-25T09:59:59.999+08:00')).toEqual([false, true, false]);
  expect(await at('2026-11-25T10:00:00+08:00')).toEqual([true, false, true]);
  expect(await at('2026-11-25T10:59:59.999+08:00')).toEqual([true, false, true]);
  expect(await at('2026-11-25T11:00:00+08:00')).toEqual([false, true, false]);
});

test('what has been replaced is not active, and leaves the index of those that are', async () => {
  const expires = '2026-12-24T21:00:00+08:00';
  let id = await issued(house, { expires });
  const old: string[] = [];
  for (let count = 0; count < 4; count++) {
    old.push(id);
    house.turn(MINUTE);
    id = (await house.post(`/v1/alerts/${id}/updates`, alertOfficer, { ...RAIN, expires })).body.id;
  }
  expect(await listed('division=510104017&active=true&limit=100')).toEqual([id]);
  const inIndex = async (): Promise<number> =>
    [...((await house.content(['alerts']))['alerts']?.values() ?? [])].filter(
      ({ pk, ending }) => pk === 'LIST#ALL' && typeof ending === 'string' && ending.startsWith('2026-12-24'),
    ).length;
  expect(await inIndex()).toBe(5);
  const retire = retireListings(house.runtime);
  const items = (await house.content(['alerts']))['alerts'];
  for (const each of [...old, ...old.slice(0, 1)]) {
    const item = items?.get(JSON.stringify([`ALERT#${each}`, 'ALERT'])) as unknown as Alert;
    await retire({ detail: { data: { item, version: 2, changed: [] } } as unknown as CloudEvent<Alert> } as never);
  }
  expect(await inIndex()).toBe(1);
  expect(await listed('division=510104017&active=true&limit=100')).toEqual([id]);
  expect(await listed('division=510104017&active=false&limit=100')).toEqual(expect.arrayContaining(old));
});

const parser = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '', isArray: (name) => ['entry', 'category'].includes(name) });

test('the feed has the newest messages of a place, and stands still while nothing changes', async () => {
  const path = '/cap/feed.atom?division=510105';
  house.turnTo('2026-11-28T09:00:30.500+08:00');
  const expires = '2026-11-29T00:00:00+08:00';
  const made = await issued(
    house,
    { status: 'exercise', headline: '演练 <1> & "2"', areas: [{ division: '510105' }], expires },
    strangeOfficer,
  );
  // What its second may still bring is not known yet.
  expect((await house.get(path)).headers['last-modified']).toBe('Sat, 28 Nov 2026 01:00:28 GMT');
  house.turn(2 * SECOND);
  const feed = await house.get(path);
  expect([feed.status, feed.headers['content-type'], feed.headers['cache-control'], feed.headers['last-modified']]).toEqual([
    200,
    'application/atom+xml; charset=utf-8',
    'public, max-age=30',
    'Sat, 28 Nov 2026 01:00:30 GMT',
  ]);
  const { feed: content } = parser.parse(feed.text);
  expect(content.entry[0]).toMatchObject({
    title: '【演练】演练 <1> & "2"',
    updated: '2026-11-28T01:00:30.500Z',
    summary: RAIN.description,
    link: { type: 'application/cap+xml', href: `http://localhost/cap/alerts/${made}.xml` },
  });
  expect(content.updated).toBe('2026-11-28T01:00:30.500Z');
  // Of the whole city, which this county lies in.
  expect(content.entry).toHaveLength(3);
  const again = async (headers: Record<string, string>): Promise<number> => (await house.call('GET', path, { headers })).status;
  expect(await again({ 'if-none-match': feed.headers['etag'] ?? '' })).toBe(304);
  expect(await again({ 'if-modified-since': feed.headers['last-modified'] ?? '' })).toBe(304);
  house.turn(MINUTE);
  expect((await house.get(path)).text).toBe(feed.text);
  // Ids are the same whatever we are called by; links lead to where we were asked.
  const behind = await house.call('GET', path, { headers: { 'x-forwarded-proto': 'https' } });
  const idsIn = (text: string): unknown => {
    const { id, entry } = parser.parse(text).feed;
    return [id, ...entry.map((each: { id: string }) => each.id)];
  };
  expect(idsIn(behind.text)).toEqual(idsIn(feed.text));
  expect(content.entry[0].id).toMatch(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(behind.text).toContain(`href="https://localhost/cap/alerts/${made}.xml"`);
  const file = `/cap/alerts/${made}.xml`;
  const cap = await house.get(file);
  expect([cap.headers['cache-control'], cap.headers['last-modified']]).toEqual(['public, max-age=300', feed.headers['last-modified']]);
  const held = await house.call('GET', file, { headers: { 'if-none-match': cap.headers['etag'] ?? '' } });
  expect([held.status, held.text]).toEqual([304, '']);
  await house.post(`/v1/alerts/${made}/cancel`, strangeOfficer);
  expect(await again({ 'if-none-match': feed.headers['etag'] ?? '' })).toBe(200);
  expect(await again({ 'if-modified-since': feed.headers['last-modified'] ?? '' })).toBe(200);
  // What has been published stays as it is.
  expect((await house.get(file)).text).toBe(cap.text);
});

test('of two messages of one second whoever has seen the first is told of the second, by its date alone', async () => {
  house.turnTo('2026-11-28T12:00:00.100+08:00');
  const more = { areas: [{ division: '510104' }], expires: '2026-11-29T00:00:00+08:00' };
  const path = '/cap/feed.atom?division=510104';
  await issued(house, more);
  const first = await house.get(path);
  house.turn(800);
  const second = await issued(house, more);
  const since = async (seen: Answered): Promise<Answered> =>
    house.call('GET', path, { headers: { 'if-modified-since': seen.headers['last-modified'] ?? '' } });
  for (const later of [0, SECOND, MINUTE]) {
    house.turn(later);
    const answer = await since(first);
    expect([later, answer.status, answer.text.includes(second)]).toEqual([later, 200, true]);
  }
  expect((await since(await house.get(path))).status).toBe(304);
  // Nor by a client's own clock, as long as that second is not over.
  house.turnTo('2026-11-28T12:10:00.100+08:00');
  await issued(house, more);
  const own = { headers: { 'if-modified-since': 'Sat, 28 Nov 2026 04:10:00 GMT' } };
  expect((await house.call('GET', path, own)).status).toBe(200);
});

test('links lead to where the stage says that it is', async () => {
  const base = await openHouse();
  onTestFinished(() => base.stop());
  base.set(VARIABLES.publicUrl, 'https://linli.example.gov.cn/');
  const id = await issued(base);
  const { feed } = parser.parse((await base.get('/cap/feed.atom')).text);
  expect(feed.link.href).toBe('https://linli.example.gov.cn/cap/feed.atom');
  expect(feed.entry[0].link.href).toBe(`https://linli.example.gov.cn/cap/alerts/${id}.xml`);
});

test('a feed of nothing is a feed', async () => {
  const { status, text, headers } = await house.get('/cap/feed.atom?division=31');
  expect([status, headers['last-modified'], parser.parse(text).feed.updated]).toEqual([200, undefined, '1970-01-01T00:00:00.000Z']);
  expect((await house.get('/cap/feed.atom?division=3')).status).toBe(422);
  for (const file of ['x.xml', `${'3'.repeat(26)}.xml`, `${'3'.repeat(26)}.json`])
    expect((await house.get(`/cap/alerts/${file}`)).status).toBe(404);
});
