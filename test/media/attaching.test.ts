import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HOUR, MINUTE } from '../../functions/kernel/time.ts';
import { dispatcher, neighbour, resident, strangeDispatcher, worker } from '../support/people.ts';
import { startWorld, type World } from '../support/world.ts';
import { announce, ask, bytesAt, picture, put, uploaded } from './support.ts';

let world: World;
let bytes: Buffer;
beforeAll(async () => {
  world = await startWorld();
  bytes = await picture('jpeg', { width: 60, height: 40 });
});
afterAll(() => world.stop());

const upload = (as = resident): Promise<string> => uploaded(world, as, bytes);

describe('a picture is attached once, by who uploaded it', () => {
  test('a request shows its pictures, in their order, with links to them', async () => {
    const [one, other] = [await upload(), await upload()];
    const made = await ask(world, resident, [other, one]);
    expect([made.text, made.status]).toEqual([made.text, 201]);
    for (const answer of [
      made,
      await world.get(`/v1/requests/${made.body.id}`, resident),
      await world.get(`/v1/requests/${made.body.id}`),
    ]) {
      expect(answer.body.media.map(({ id, status }: { id: string; status: string }) => [id, status])).toEqual([
        [other, 'ready'],
        [one, 'ready'],
      ]);
      expect((await bytesAt(answer.body.media[0].thumbnailUrl)).length).toBeGreaterThan(0);
    }
    await world.settle();
    expect((await world.get(`/v1/media/${one}`, resident)).body.attachedTo).toBe(made.body.id);
    const accepted = await world.post(`/v1/requests/${made.body.id}/accept`, dispatcher);
    expect(accepted.body.media).toHaveLength(2);
    expect((await world.get('/v1/requests', dispatcher)).body.items.every((item: object) => !('media' in item))).toBe(true);
  });

  test('the same picture in 50 requests at once is in exactly one', async () => {
    const id = await upload();
    const answers = await Promise.all(Array.from({ length: 50 }, () => ask(world, resident, [id])));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    for (const { status, body } of answers.filter((answer) => answer.status !== 201))
      expect([status, body.errors.map(({ path }: { path: string }) => path)]).toEqual([422, ['media.0']]);
    await world.settle();
    expect((await ask(world, resident, [id])).body.errors[0].path).toBe('media.0');
  });

  test('one request, sent 20 times at once with one key, is made once and heard of 20 times', async () => {
    const body = {
      service: 'streetLamp',
      community: '510104017001',
      description: '路灯坏了',
      channel: 'app',
      media: [await upload()],
    };
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => world.post('/v1/requests', resident, body, { 'idempotency-key': 'with-a-picture' })),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    expect(new Set(answers.map(({ body: made }) => made.id)).size).toBe(1);
  });

  test('each wrong one is named: another’s, none, refused, attached, twice', async () => {
    const attached = await upload();
    await ask(world, resident, [attached]);
    await world.settle();
    const refused = await uploaded(world, resident, Buffer.from('no picture'));
    const good = await upload();
    const media = [await upload(neighbour), '00000000000000000000000000', refused, attached, good, good];
    const answer = await ask(world, resident, media);
    expect(answer.status).toBe(422);
    expect(answer.body.errors.map(({ path }: { path: string }) => path)).toEqual(['media.0', 'media.1', 'media.2', 'media.3', 'media.5']);
    // Another's says no more than one that is not there.
    expect(answer.body.errors[0].message).toBe(answer.body.errors[1].message);
    expect((await ask(world, resident, [good])).status).toBe(201);
  });

  test('eleven are too many, and none is as if it were not said', async () => {
    expect(
      (
        await ask(
          world,
          resident,
          Array.from({ length: 11 }, () => '00000000000000000000000000'),
        )
      ).body.errors[0].path,
    ).toBe('media');
    const none = await ask(world, resident, []);
    expect([none.status, none.body.media]).toEqual([201, undefined]);
  });

  test('a worker who acts for somebody attaches the worker’s own', async () => {
    const forSomebody = { channel: 'counter', onBehalfOf: { name: '李奶奶', sub: resident.sub } };
    expect((await ask(world, worker, [await upload()], forSomebody)).body.errors[0].path).toBe('media.0');
    const made = await ask(world, worker, [await upload(worker)], forSomebody);
    expect([made.status, made.body.media[0].status]).toEqual([201, 'ready']);
  });

  test('one that is not put yet is attached, and shown when it is ready', async () => {
    const media = await announce(world, resident, bytes.length);
    const made = await ask(world, resident, [media.id]);
    expect(made.body.media).toEqual([{ id: media.id, contentType: 'image/jpeg', status: 'pending' }]);
    await put(media, bytes);
    await world.settle();
    expect((await world.get(`/v1/requests/${made.body.id}`, resident)).body.media[0].status).toBe('ready');
  });
});

describe('who sees a request sees its pictures, and nobody else', () => {
  test('those of a confidential request are shown to who may read it', async () => {
    const made = await ask(world, resident, [await upload()], { confidential: true });
    expect(made.body.media).toHaveLength(1);
    expect((await world.get(`/v1/requests/${made.body.id}`, dispatcher)).body.media).toHaveLength(1);
    for (const as of [undefined, neighbour, worker, strangeDispatcher])
      expect((await world.get(`/v1/requests/${made.body.id}`, as)).status).toBe(404);
  });

  test('an answer with links is sent anew each time, one without is 304 where it is known', async () => {
    const again = async (id: string): Promise<number> => {
      const etag = (await world.get(`/v1/requests/${id}`, resident)).headers.get('etag') ?? '';
      expect(etag).toBe('"1-whole"');
      return (await world.call('GET', `/v1/requests/${id}`, { as: resident, headers: { 'if-none-match': etag } })).status;
    };
    expect(await again((await ask(world, resident, [await upload()])).body.id)).toBe(200);
    expect(await again((await ask(world, resident, [])).body.id)).toBe(304);
  });
});

describe('what nobody attaches is removed', () => {
  const keys = (id: string): string[] => [`uploads/${id}`, `media/${id}/image`, `media/${id}/thumbnail`];
  const kept = async (id: string): Promise<number> => {
    const store = await world.system.runtime.objects();
    return (await Promise.all(keys(id).map((key) => store.read(key)))).filter((each) => each !== undefined).length;
  };

  test('after 24 hours it can no longer be attached, after 26 it is gone; what is attached, or just claimed, is kept', async () => {
    const [left, attached, refused] = [await upload(), await upload(), await uploaded(world, resident, Buffer.from('no picture'))];
    const abandoned = await announce(world, resident, bytes.length);
    const neverPut = await announce(world, resident, bytes.length);
    const made = await ask(world, resident, [attached, neverPut.id]);
    await world.settle();
    world.turn(24 * HOUR - MINUTE);
    expect((await world.schedule('retention')).body).toMatchObject({ removed: 0 });
    world.turn(MINUTE);
    expect((await ask(world, resident, [left])).body.errors[0].path).toBe('media.0');
    expect((await world.schedule('retention')).body).toMatchObject({ removed: 0 });
    expect(await kept(left)).toBe(2);

    world.turn(2 * HOUR);
    const done = (await world.schedule('retention')).body;
    expect(done.removed).toBeGreaterThanOrEqual(3);
    for (const id of [left, refused, abandoned.id]) {
      expect([id, (await world.get(`/v1/media/${id}`, resident)).status, await kept(id)]).toEqual([id, 404, 0]);
    }
    expect(await kept(attached)).toBe(2);
    const { media } = (await world.get(`/v1/requests/${made.body.id}`, resident)).body;
    expect(media.map(({ status, reason }: { status: string; reason?: string }) => [status, reason])).toEqual([
      ['ready', undefined],
      ['refused', 'notUploaded'],
    ]);
    expect((await world.schedule('retention')).body).toEqual({ removed: 0, kept: 0 });
    expect(world.logs.some(({ code }) => code === 'retentionProgress')).toBe(true);
  });
});
