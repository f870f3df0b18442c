/** A picture is looked at by a function that dies between any two of its calls, and is told again; and a cleaning that is cut short. */
import type { EventBridgeEvent } from 'aws-lambda';
import { randomBytes } from 'node:crypto';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CloudEvent, Uploaded } from '../../functions/data/reaction.ts';
import { newId } from '../../functions/kernel/id.ts';
import { HOUR } from '../../functions/kernel/time.ts';
import type { ObjectStore } from '../../functions/data/object-store.ts';
import type { Runtime } from '../../functions/data/runtime.ts';
import { declared } from '../../functions/media/media.ts';
import { processMedia } from '../../functions/media/process-media.ts';
import { receiveMedia } from '../../functions/media/receive-media.ts';
import { mediaRepository } from '../../functions/media/repository.ts';
import { retention } from '../../functions/media/retention.ts';
import { openHouse, type House } from '../support/house.ts';
import { resident } from '../support/people.ts';
import { picture } from './support.ts';

let house: House;
let jpeg: Buffer;
beforeAll(async () => {
  house = await openHouse();
  jpeg = await picture('jpeg', { width: 60, height: 40 });
});
afterAll(() => house.stop());

class Crash extends Error {}

/** The house’s runtime, whose calls of the store and of the database end at the given one: before it takes effect, or after. */
const crashing = (at: number, when: 'before' | 'after'): { readonly runtime: Runtime; readonly calls: () => number } => {
  let calls = 0;
  const wrap = <T extends object>(target: T): T =>
    new Proxy(target, {
      get(inner, name) {
        const value: unknown = Reflect.get(inner, name);
        if (typeof value !== 'function') return value;
        return async (...given: unknown[]) => {
          calls += 1;
          const isIt = calls === at;
          if (calls > at || (isIt && when === 'before')) throw new Crash();
          const answer: unknown = await value.apply(inner, given);
          if (isIt) throw new Crash();
          return answer;
        };
      },
    });
  const { runtime } = house;
  return {
    runtime: { ...runtime, database: wrap(runtime.database), objects: async () => wrap<ObjectStore>(await runtime.objects()) },
    calls: () => calls,
  };
};

const eventOf = (id: string): EventBridgeEvent<string, CloudEvent<Uploaded>> =>
  ({ detail: { id: `event-${id}`, data: { item: { key: `uploads/${id}` } } } }) as EventBridgeEvent<string, CloudEvent<Uploaded>>;

const put = async (bytes: Uint8Array): Promise<string> => {
  const { body } = await house.post('/v1/media', resident, { contentType: 'image/jpeg', bytes: bytes.length });
  await house.objects.put(`uploads/${body.id}`, bytes, 'image/jpeg');
  return body.id;
};
const keysOf = async (id: string): Promise<readonly string[]> =>
  [...(await house.objects.keys('uploads/')), ...(await house.objects.keys('media/'))].filter((key) => key.includes(id));
const statusOf = async (id: string): Promise<readonly unknown[]> => {
  const { status, body } = await house.get(`/v1/media/${id}`, resident);
  return [status, body.status, body.reason];
};

const POINTS = ['before', 'after'] as const;

test.each([
  ['a picture', () => jpeg, [200, 'ready', undefined], 2],
  ['no picture', () => Buffer.from('no picture'), [200, 'refused', 'unknownFormat'], 0],
] as const)('%s: after a crash before or after any call, telling it again leaves the same', async (_what, bytes, end, objects) => {
  const whole = crashing(Number.POSITIVE_INFINITY, 'before');
  await processMedia(whole.runtime)(eventOf(await put(bytes())));
  expect(whole.calls()).toBeGreaterThan(4);
  for (let at = 1; at <= whole.calls(); at++) {
    for (const when of POINTS) {
      const id = await put(bytes());
      await expect(processMedia(crashing(at, when).runtime)(eventOf(id))).rejects.toThrow();
      // Nobody is shown half of it.
      expect([end, [200, 'pending', undefined]]).toContainEqual(await statusOf(id));
      await processMedia(house.runtime)(eventOf(id));
      expect([at, when, await statusOf(id)]).toEqual([at, when, end]);
      expect([at, when, (await keysOf(id)).length]).toEqual([at, when, objects]);
      await processMedia(house.runtime)(eventOf(id));
      expect([at, when, await statusOf(id)]).toEqual([at, when, end]);
    }
  }
});

test.each([
  ['a picture', () => jpeg, ['ready', 'A-REQUEST', undefined], 2],
  ['no picture', () => Buffer.from('no picture'), ['refused', 'A-REQUEST', 'unknownFormat'], 0],
] as const)('%s that came in a form: the same', async (_what, bytes, end, objects) => {
  const received = async (): Promise<string> => {
    const id = newId(randomBytes);
    await house.objects.put(`received/${id}`, bytes(), 'application/octet-stream');
    return id;
  };
  const told = (id: string) =>
    ({ detail: { id: `event-${id}`, data: { item: { id: 'A-REQUEST', client: 'A-CLIENT', received: [id] } } } }) as unknown as Parameters<
      ReturnType<typeof receiveMedia>
    >[0];
  const known = async (id: string): Promise<readonly unknown[]> => {
    const item = [...((await house.content(['media']))['media'] ?? [])].map(([, each]) => each).find((each) => each['id'] === id);
    return [item?.['status'], item?.['attachedTo'], item?.['reason']];
  };
  const whole = crashing(Number.POSITIVE_INFINITY, 'before');
  await receiveMedia(whole.runtime)(told(await received()));
  expect(whole.calls()).toBeGreaterThan(2);
  for (let at = 1; at <= whole.calls(); at++) {
    for (const when of POINTS) {
      const id = await received();
      await expect(receiveMedia(crashing(at, when).runtime)(told(id))).rejects.toThrow();
      for (let again = 0; again < 2; again++) {
        await receiveMedia(house.runtime)(told(id));
        expect([at, when, await known(id), (await keysOf(id)).length]).toEqual([at, when, end, objects]);
        expect(await house.objects.keys('received/')).toEqual([]);
      }
    }
  }
});

test('what was removed while it was looked at leaves nothing behind', async () => {
  const id = await put(jpeg);
  const { runtime } = house;
  const objects = await runtime.objects();
  const removing: ObjectStore = {
    ...objects,
    async put(key, bytes, contentType) {
      await objects.put(key, bytes, contentType);
      const before = await house.content(['media']);
      const without = new Map([...(before['media'] ?? [])].filter(([, item]) => item['id'] !== id));
      await house.restore({ media: without }, before);
    },
  };
  await processMedia({ ...runtime, objects: () => Promise.resolve(removing) })(eventOf(id));
  expect(await keysOf(id)).toEqual([]);
  expect((await house.get(`/v1/media/${id}`, resident)).status).toBe(404);
});

test('a cleaning that is cut short is done by the next; what a request has just claimed is kept, though nobody has told of it yet', async () => {
  for (let at = 1, ended = false; !ended; at++) {
    for (const when of POINTS) {
      const id = await put(jpeg);
      await processMedia(house.runtime)(eventOf(id));
      const claimed = await put(jpeg);
      const made = await house.post('/v1/requests', resident, {
        service: 'streetLamp',
        community: '510104017001',
        description: '路灯坏了',
        channel: 'app',
        media: [claimed],
      });
      expect(made.status).toBe(201);
      await processMedia(house.runtime)(eventOf(claimed));
      house.turn(27 * HOUR);
      const given = { scheduledTime: new Date(house.now()).toISOString() };
      const context = { getRemainingTimeInMillis: () => 900_000 };
      const cut = crashing(at, when);
      ended = await retention(cut.runtime)(given, context).then(
        () => true,
        () => false,
      );
      await retention(house.runtime)(given, context);
      expect([at, when, (await statusOf(id))[0], await keysOf(id)]).toEqual([at, when, 404, []]);
      expect([at, when, await statusOf(claimed), (await keysOf(claimed)).length]).toEqual([at, when, [200, 'ready', undefined], 2]);
    }
  }
});

/** Waits before its call with that number until it is let go on. */
const holding = (at: number): { readonly runtime: Runtime; readonly held: Promise<void>; readonly release: () => void } => {
  let calls = 0;
  const held = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const wrap = <T extends object>(target: T): T =>
    new Proxy(target, {
      get(inner, name) {
        const value: unknown = Reflect.get(inner, name);
        if (typeof value !== 'function') return value;
        return async (...given: unknown[]) => {
          calls += 1;
          if (calls === at) {
            held.resolve();
            await released.promise;
          }
          return value.apply(inner, given);
        };
      },
    });
  const { runtime } = house;
  return {
    runtime: { ...runtime, database: wrap(runtime.database), objects: async () => wrap<ObjectStore>(await runtime.objects()) },
    held: held.promise,
    release: released.resolve,
  };
};

test('of two that are put at once under one id, both the picture and its thumbnail are of the same one, whoever waits where', async () => {
  const coloured = (background: string): Promise<Buffer> =>
    sharp({ create: { width: 60, height: 40, channels: 3, background } })
      .png()
      .toBuffer();
  const [red, blue] = [await coloured('red'), await coloured('blue')];
  const colourAt = async (key: string): Promise<string> => {
    const lying = await house.objects.read(key);
    if (lying === undefined) return 'none';
    const { dominant } = await sharp(lying).stats();
    return dominant.r > dominant.b ? 'red' : 'blue';
  };
  const MOST = 8;
  for (let first = 2; first <= MOST; first++) {
    for (let second = 1; second <= MOST; second++) {
      const id = await put(red);
      const one = holding(first);
      const looking = processMedia(one.runtime)(eventOf(id));
      await Promise.race([one.held, looking]);
      await house.objects.put(`uploads/${id}`, blue, 'image/png');
      const other = holding(second);
      const alsoLooking = processMedia(other.runtime)(eventOf(id));
      await Promise.race([other.held, alsoLooking]);
      one.release();
      await looking;
      other.release();
      await alsoLooking;
      const [image, thumbnail] = [await colourAt(`media/${id}/image`), await colourAt(`media/${id}/thumbnail`)];
      expect([first, second, await statusOf(id), image]).toEqual([first, second, [200, 'ready', undefined], thumbnail]);
      expect([first, second, await keysOf(id)]).toEqual([first, second, [`media/${id}/image`, `media/${id}/thumbnail`]]);
    }
  }
});

test('of what was refused meanwhile nothing stays, though whoever drew it died', async () => {
  for (let at = 3; at <= 6; at++) {
    const id = await put(jpeg);
    const one = holding(at);
    const looking = processMedia(one.runtime)(eventOf(id));
    await Promise.race([one.held, looking]);
    await house.objects.put(`uploads/${id}`, Buffer.from('no picture'), 'image/png');
    await processMedia(house.runtime)(eventOf(id));
    one.release();
    await looking.catch(() => undefined);
    const end = await statusOf(id);
    if (end[1] === 'refused') expect([at, await keysOf(id)]).toEqual([at, []]);
    // Laid down by somebody who died before the item said what it is.
    if (end[1] === 'refused') await house.objects.put(`media/${id}/image`, jpeg, 'image/jpeg');
    await processMedia(house.runtime)(eventOf(id));
    expect([at, (await keysOf(id)).length]).toEqual([at, end[1] === 'ready' ? 2 : 0]);
  }
});

const run = async (runtime: Runtime) =>
  retention(runtime)({ scheduledTime: new Date(house.now()).toISOString() }, { getRemainingTimeInMillis: () => 900_000 });

test('a comment’s claim keeps its picture, though nobody has told of it yet', async () => {
  const id = await put(jpeg);
  await processMedia(house.runtime)(eventOf(id));
  const { body } = await house.post('/v1/requests', resident, {
    service: 'streetLamp',
    community: '510104017001',
    description: '路灯坏了',
    channel: 'app',
  });
  expect((await house.post(`/v1/requests/${body.id}/comments`, resident, { text: '见照片', media: [id] })).status).toBe(200);
  house.turn(27 * HOUR);
  await run(house.runtime);
  expect([await statusOf(id), (await keysOf(id)).length]).toEqual([[200, 'ready', undefined], 2]);
});

test('more than a hundred that cannot be removed keep nothing behind them from being removed', async () => {
  const { runtime } = house;
  const repository = mediaRepository(runtime.database);
  const make = async (end: string): Promise<string> => {
    const id = `${newId(randomBytes).slice(0, -1)}${end}`;
    await repository.write([repository.puts(declared(id, resident.sub, 'image/jpeg', 1, house.now()), undefined, 'a-test')]);
    return id;
  };
  // All in one shard, and those that stay the first to be due.
  const stuck = new Set<string>();
  for (let each = 0; each < 230; each++) stuck.add(await make('0'));
  house.turn(1);
  const behind = await make('0');
  house.turn(27 * HOUR);
  const objects = await runtime.objects();
  const failing: ObjectStore = {
    ...objects,
    remove: (keys) =>
      keys.some((key) => stuck.has(key.replace('uploads/', ''))) ? Promise.reject(new Error('stuck')) : objects.remove(keys),
  };
  await expect(run({ ...runtime, objects: () => Promise.resolve(failing) })).rejects.toThrow('230 pictures could not be looked at');
  expect(await repository.read(behind)).toBeUndefined();
  expect((await run(runtime)).removed).toBe(stuck.size);
});
