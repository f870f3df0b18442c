/** What an export costs: asking for it, and each thousand requests that it reads. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { exportsTable } from '../../functions/exports/table.ts';
import { countyDispatcher, DACISI, SHUIJINGFANG, ZONGFULU } from '../support/people.ts';
import { referenceRequest } from '../support/reference-request.ts';
import { ADMIN, startWorld, type World } from '../support/world.ts';
import { Meter, type Metered } from './support/meter.ts';

const CHUNK = 200;
/** A thousand, or fewer of the same; and what the lists take in which they are found: of a county, of a street. */
const [MANY, COUNTY_LISTS, STREET_LISTS] = process.env['LINLI_LONG'] === '1' ? [5 * CHUNK, 80, 54] : [2 * CHUNK, 32, 22];
const COMMUNITIES = [SHUIJINGFANG, DACISI, ZONGFULU];

const meter = new Meter();
let world: World;
beforeAll(async () => {
  world = await startWorld({ prepare: meter.attach });
  for (let from = 0; from < MANY; from += CHUNK) {
    const rows = Array.from({ length: CHUNK }, (_, index) => ({
      line: index + 2,
      service_request_id: String(from + index),
      requested_datetime: new Date(Date.UTC(2026, 0, 1) + (from + index) * 1_800_000).toISOString(),
      service_name: '路灯不亮',
      description: referenceRequest.description,
      address: referenceRequest.address,
      lat: '30.6443256',
      long: '104.0915432',
      community: COMMUNITIES[(from + index) % COMMUNITIES.length],
    }));
    await world.post('/v1/imports/requests', ADMIN, { rows });
  }
  await world.settle();
}, 120_000);
afterAll(() => world.stop());

const exporting = async (division: string, month: string): Promise<Metered> => {
  const metered = await meter.of(async () => {
    expect((await world.get(`/v1/exports/requests?division=${division}&month=${month}`, countyDispatcher)).status).toBe(202);
    await world.settle();
  });
  // Entries of many requests end so near to 4 KB that the engine, which weighs some bytes more, counts another half.
  for (const { read, write, reported } of metered.readings) expect(Math.abs(read + write - reported)).toBeLessThanOrEqual(0.5);
  return metered;
};
const ofTable = ({ readings }: Metered, name: string): { read: number; write: number } => {
  const own = readings.filter(({ table }) => table === name);
  return { read: own.reduce((sum, each) => sum + each.read, 0), write: own.reduce((sum, each) => sum + each.write, 0) };
};

test('a month that holds nothing takes 12 read units, the catalogue among them, and 7 write units', async () => {
  const metered = await exporting('510104', '2025-06');
  // The division; what was asked before; twice the job; 86 services; both lists of the county.
  expect({ read: metered.read, write: metered.write }).toEqual({ read: 0.5 + 1 + 2 + 7.5 + 1, write: 2 * 3 + 1 });
  expect(ofTable(metered, exportsTable.name).read).toBe(3);
});

test('requests are read whole, 1 unit each, and found by 8 units of a county’s lists a hundred', async () => {
  const metered = await exporting('510104', '2026-01');
  expect(ofTable(metered, 'serviceRequests')).toEqual({ read: MANY + COUNTY_LISTS, write: 0 });
  expect({ read: metered.read, write: metered.write }).toEqual({ read: MANY + COUNTY_LISTS + 11, write: 7 });
});

test('of a street nothing is read but what lies in it', async () => {
  const { read } = ofTable(await exporting('510104017', '2026-01'), 'serviceRequests');
  const within = Math.ceil((MANY * 2) / COMMUNITIES.length);
  expect(read).toBe(within + STREET_LISTS);
});
