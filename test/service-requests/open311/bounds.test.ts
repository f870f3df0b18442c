/** What the face does at its bounds, and where it fails half way; in process, since HTTP would take thousands of requests to get there. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { find } from '../../../functions/service-requests/open311/requests.ts';
import { plus, HOUR, toInstant } from '../../../functions/kernel/time.ts';
import { serviceRequestRepository } from '../../../functions/service-requests/repository.ts';
import { openHouse, type Answered, type House } from '../../support/house.ts';
import { newRequest } from '../../support/stages.ts';
import { resident, SHUIJINGFANG } from '../../support/people.ts';
import { ADMIN } from '../../support/world.ts';
import type { DivisionCode } from '../../../functions/kernel/division.ts';

let house: House;
let key: string;
beforeAll(async () => {
  house = await openHouse();
  key = (await house.post('/v1/open311/keys', ADMIN, { name: '随手拍', division: '510104' })).body.key;
});
afterAll(() => house.stop());

test('a list that cannot look at everything says so, and never leaves anything out unsaid', async () => {
  for (let made = 0; made < 6; made++) {
    house.turn(1000);
    await house.post('/v1/requests', resident, { ...newRequest, service: made < 3 ? 'streetLamp' : 'legalAdvice' });
  }
  const asked = {
    place: '510104' as DivisionCode,
    jurisdiction: undefined,
    client: undefined,
    from: plus(house.now(), -HOUR),
    to: house.now(),
    fits: ({ service }: { readonly service: string }) => service === 'streetLamp',
  };
  const lamps = await find(house, { ...asked, most: 3, mostRead: 6 });
  expect(lamps.ok && lamps.value.map(({ service }) => service)).toEqual(['streetLamp', 'streetLamp', 'streetLamp']);
  // All that were asked for, whatever lies behind them.
  const two = await find(house, { ...asked, most: 2, mostRead: 5 });
  expect(two.ok && two.value).toHaveLength(2);
  for (const mostRead of [3, 5])
    expect(await find(house, { ...asked, most: 3, mostRead })).toMatchObject({ ok: false, error: { errors: [{ path: 'start_date' }] } });
});

const BOUNDARY = 'a-boundary';
/** A form with a picture in it, as one body of text. */
const form = (parameters: Readonly<Record<string, string>>, boundary = BOUNDARY): string =>
  [
    ...Object.entries(parameters).map(([name, value]) => `content-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`),
    'content-disposition: form-data; name="media"; filename="a.jpg"\r\ncontent-type: image/jpeg\r\n\r\nno picture\r\n',
  ]
    .map((part) => `--${boundary}\r\n${part}`)
    .join('')
    .concat(`--${boundary}--\r\n`);

const send = (parameters: Readonly<Record<string, string>>, idempotencyKey?: string, boundary = BOUNDARY): Promise<Answered> =>
  house.call('POST', '/open311/v2/requests.json', {
    body: form({ api_key: key, service_code: 'streetLamp', 'attribute[community]': SHUIJINGFANG, ...parameters }, boundary),
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
    key: idempotencyKey,
  });

test('of a report that is sent many times at once the pictures of one are kept, and none of the others', async () => {
  const answers = await Promise.all(Array.from({ length: 8 }, () => send({ 'attribute[fixmystreet_id]': '4711' })));
  expect(new Set(answers.map(({ status, body }) => `${status} ${body[0].service_request_id}`)).size).toBe(1);
  expect(await house.objects.keys('received/')).toHaveLength(1);
});

test('an Idempotency-Key holds for a form, whatever stands between its parts', async () => {
  const before = (await house.objects.keys('received/')).length;
  const idempotencyKey = '0b7e2f1e-3c9a-4b4d-8b2a-5f6a7b8c9d0e';
  const first = await send({ description: '灯' }, idempotencyKey);
  const again = await send({ description: '灯' }, idempotencyKey, 'another-boundary');
  expect([first.status, again.status, again.text, again.headers['idempotency-replayed']]).toEqual([200, 200, first.text, 'true']);
  expect((await send({ description: '另一盏灯' }, idempotencyKey)).status).toBe(400);
  expect(await house.objects.keys('received/')).toHaveLength(before + 1);
});

test('what has become of a client’s requests is read to its end, however many there are', async () => {
  const since = toInstant(house.now());
  const client = key.split('.')[0] ?? '';
  const made: string[] = [];
  for (let count = 0; count < 5; count++) {
    house.turn(1000);
    made.push((await send({ description: `第 ${count} 盏` })).body[0].service_request_id);
  }
  const pages: string[][] = [];
  for await (const page of serviceRequestRepository(house.runtime.database).changedSince(client, since, 2))
    pages.push(page.map(({ id }) => id));
  expect(
    pages
      .flat()
      .filter((id) => made.includes(id))
      .toSorted(),
  ).toEqual(made.toSorted());
  expect(pages.length).toBeGreaterThan(2);
});
