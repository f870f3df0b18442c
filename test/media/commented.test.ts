/** Pictures that go with a comment. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HOUR } from '../../functions/kernel/time.ts';
import { dispatcher, neighbour, resident, worker } from '../support/people.ts';
import { startWorld, type World } from '../support/world.ts';
import { announce, ask, bytesAt, comment, picture, put, uploaded } from './support.ts';

let world: World;
let bytes: Buffer;
beforeAll(async () => {
  world = await startWorld();
  bytes = await picture('jpeg', { width: 60, height: 40 });
});
afterAll(() => world.stop());

const upload = (as = resident): Promise<string> => uploaded(world, as, bytes);
const aRequest = async (more: object = {}): Promise<string> => (await ask(world, resident, [], more)).body.id;
const get = (id: string, as?: typeof resident) => world.get(`/v1/requests/${id}`, as);
const idsOf = (media: readonly { readonly id: string }[] | undefined): readonly string[] | undefined => media?.map(({ id }) => id);
const pathsOf = ({ body }: Awaited<ReturnType<typeof comment>>): readonly string[] => body.errors.map(({ path }: { path: string }) => path);

describe('a comment has pictures, as a request has', () => {
  test('they are shown with it, in their order, with links, and the request’s own stay its own', async () => {
    const [own, one, other] = [await upload(), await upload(), await upload()];
    const id: string = (await ask(world, resident, [own])).body.id;
    const said = await comment(world, resident, id, [other, one]);
    expect([said.text, said.status]).toEqual([said.text, 200]);
    for (const { body } of [said, await get(id, resident), await get(id, dispatcher)]) {
      expect(idsOf(body.media)).toEqual([own]);
      expect(idsOf(body.comments[0].media)).toEqual([other, one]);
      expect(body.comments[0].media[0]).toMatchObject({ status: 'ready', contentType: 'image/jpeg', urlExpires: expect.any(String) });
      expect((await bytesAt(body.comments[0].media[0].url)).length).toBeGreaterThan(0);
    }
    await world.settle();
    for (const each of [one, other]) expect((await world.get(`/v1/media/${each}`, resident)).body.attachedTo).toBe(id);
  });

  test('one without, or with an empty list, has none', async () => {
    const id = await aRequest();
    for (const media of [undefined, []]) expect((await comment(world, resident, id, [], { media })).status).toBe(200);
    const { comments } = (await get(id, resident)).body;
    expect(comments.map(({ media }: { media?: unknown }) => media)).toEqual([undefined, undefined]);
  });

  test('an answer that shows links is sent anew each time; to who sees none of them it is 304', async () => {
    const id = await aRequest();
    await comment(world, worker, id, [await upload(worker)], { internal: true });
    const again = async (as: typeof resident): Promise<number> => {
      const etag = (await get(id, as)).headers.get('etag') ?? '';
      return (await world.call('GET', `/v1/requests/${id}`, { as, headers: { 'if-none-match': etag } })).status;
    };
    expect([await again(worker), await again(resident)]).toEqual([200, 304]);
  });

  test('one that is not put yet becomes ready where it is', async () => {
    const media = await announce(world, resident, bytes.length);
    const id = await aRequest();
    expect((await comment(world, resident, id, [media.id])).body.comments[0].media).toEqual([
      { id: media.id, contentType: 'image/jpeg', status: 'pending' },
    ]);
    await put(media, bytes);
    await world.settle();
    expect((await get(id, resident)).body.comments[0].media[0].status).toBe('ready');
  });

  test('the same again, with the same key, is said once and answered with its pictures', async () => {
    const id = await aRequest();
    const body = { text: '见照片', media: [await upload()] };
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => world.post(`/v1/requests/${id}/comments`, resident, body, { 'idempotency-key': 'a-comment' })),
    );
    for (const { status, body: shown } of answers)
      expect([status, shown.comments.map(({ media }: { media: { id: string }[] }) => idsOf(media))]).toEqual([200, [body.media]]);
  });
});

describe('each is attached once, by who uploaded it', () => {
  test('each wrong one is named: another’s, none, refused, attached to a request, to a comment, twice', async () => {
    const id = await aRequest();
    const [ofRequest, ofComment] = [await upload(), await upload()];
    await ask(world, resident, [ofRequest]);
    await comment(world, resident, id, [ofComment]);
    await world.settle();
    const refused = await uploaded(world, resident, Buffer.from('no picture'));
    const good = await upload();
    const wrong = [await upload(neighbour), '00000000000000000000000000', refused, ofRequest, ofComment, good, good];
    const answer = await comment(world, resident, id, wrong);
    expect([answer.status, pathsOf(answer)]).toEqual([422, ['media.0', 'media.1', 'media.2', 'media.3', 'media.4', 'media.6']]);
    expect((await comment(world, resident, id, [good])).status).toBe(200);
    await world.settle();
    expect(pathsOf(await ask(world, resident, [good]))).toEqual(['media.0']);
    expect((await get(id, resident)).body.comments).toHaveLength(2);
  });

  test('claimed by requests and comments at once it is in exactly one, and nothing is said by who lost', async () => {
    const media = await upload();
    const requests = await Promise.all(Array.from({ length: 5 }, () => aRequest()));
    const answers = await Promise.all([
      ...requests.map((id) => comment(world, resident, id, [media])),
      ...requests.map(() => ask(world, resident, [media])),
    ]);
    expect(answers.filter(({ status }) => status < 300)).toHaveLength(1);
    for (const answer of answers.filter(({ status }) => status >= 300))
      expect([answer.status, pathsOf(answer)]).toEqual([422, ['media.0']]);
    const said = await Promise.all(requests.map(async (id) => (await get(id, resident)).body.comments.length));
    expect(said.filter((count) => count > 0).length).toBe(answers.slice(0, 5).filter(({ status }) => status === 200).length);
  });

  test('eleven are too many for one comment, and more than a hundred for all of a request', async () => {
    const id = await aRequest();
    const eleven = Array.from({ length: 11 }, () => '00000000000000000000000000');
    expect(pathsOf(await comment(world, resident, id, eleven))).toEqual(['media']);
    const announced = async (count: number): Promise<string[]> =>
      Promise.all(Array.from({ length: count }, async () => (await announce(world, resident, 1)).id));
    for (let each = 0; each < 9; each++) expect((await comment(world, resident, id, await announced(10))).status).toBe(200);
    expect((await comment(world, resident, id, await announced(9))).status).toBe(200);
    const more = await comment(world, resident, id, await announced(2));
    expect([more.status, pathsOf(more)]).toEqual([422, ['media']]);
    expect((await comment(world, resident, id, await announced(1))).status).toBe(200);
  });

  test('who may not say it is told so, and has attached nothing', async () => {
    const id = await aRequest();
    const media = [await upload()];
    expect((await comment(world, resident, id, media, { internal: true })).status).toBe(403);
    expect(
      (
        await world.call('POST', `/v1/requests/${id}/comments`, {
          as: resident,
          body: { text: '见照片', media },
          headers: { 'if-match': '"9"' },
        })
      ).status,
    ).toBe(412);
    expect((await comment(world, resident, id, media)).status).toBe(200);
  });
});

describe('who sees the comment sees its pictures, and nobody else', () => {
  test('those of an internal comment are for staff, and the public sees no comment at all', async () => {
    const id = await aRequest();
    const media = await upload(worker);
    expect((await comment(world, worker, id, [media], { internal: true })).status).toBe(200);
    expect(idsOf((await get(id, dispatcher)).body.comments[0].media)).toEqual([media]);
    for (const as of [resident, undefined]) expect((await get(id, as)).text).not.toContain(media);
  });

  test('those of a confidential request are shown to who may read it', async () => {
    const id = await aRequest({ confidential: true });
    await comment(world, resident, id, [await upload()]);
    expect((await get(id, dispatcher)).body.comments[0].media).toHaveLength(1);
    expect((await get(id, worker)).status).toBe(404);
  });
});

test('the event tells the picture where it belongs, and only that of a comment that has some; what is claimed is kept', async () => {
  const id = await aRequest();
  const media = await upload();
  await comment(world, resident, id, [media]);
  await world.settle();
  const versionOf = async (): Promise<string | null> => (await world.get(`/v1/media/${media}`, resident)).headers.get('etag');
  const before = await versionOf();
  await comment(world, resident, id, [], { media: undefined });
  await world.post(`/v1/requests/${id}/accept`, dispatcher);
  await world.settle();
  expect(await versionOf()).toBe(before);
  world.turn(27 * HOUR);
  await world.schedule('retention');
  const { comments } = (await get(id, resident)).body;
  expect(comments.flatMap((each: { media?: unknown[] }) => each.media ?? [])).toMatchObject([{ id: media, status: 'ready' }]);
});
