/** Bytes in a folder, as S3 keeps them in a bucket; and the links that lead to them, signed and answered here. */
import { createHash, createHmac, randomUUID, timingSafeEqual } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { link, mkdir, open, readdir, readFile, rename, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import type { ObjectStore } from '../../functions/data/object-store.ts';
import { DAY, fromInstant, type Clock, type Instant } from '../../functions/kernel/time.ts';

export interface FolderStoreOptions {
  readonly folder: string;
  /** Signs the links. */
  readonly secret: string;
  readonly now: Clock;
  /** Where links lead to, without a slash at its end. */
  readonly url: () => string;
}

/** What a link allows. */
export interface Link {
  readonly method: 'PUT' | 'GET';
  readonly key: string;
  readonly contentType: string;
  /** Of a PUT. */
  readonly bytes?: number | undefined;
  /** Of a GET. */
  readonly fileName?: string | undefined;
  readonly until: Instant;
}

/** Whether a link holds; `expired` tells the honest from the forged. */
export type LinkVerdict = 'holds' | 'expired' | 'forged';

export interface FolderStore extends ObjectStore {
  verdictOn(link: Link, signature: string): LinkVerdict;
  /** Writes what comes, up to so many bytes; answers with whether it was exactly so many, and keeps nothing where it was not. */
  receive(key: string, incoming: AsyncIterable<Uint8Array>, bytes: number): Promise<boolean>;
  /** How long an object is, and its bytes one after the other; undefined where there is none. */
  stream(key: string): Promise<{ readonly bytes: number; readonly content: NodeJS.ReadableStream } | undefined>;
  /** Every key that begins so, in their order. */
  keys(prefix: string): Promise<readonly string[]>;
  /** Takes away what begins so and was put longer ago, as a rule of a bucket does. Of files the machine's own clock knows the age. */
  expire(prefix: string, keptMs: number): Promise<void>;
}

/** Written beside the objects, on the same disk, and renamed into place when whole. */
const UNFINISHED = '.unfinished';
const PARTS = '.parts';
const PARTS_KEPT_MS = DAY;
const ATTEMPTS = 10;
const KEY = /^[A-Za-z0-9][A-Za-z0-9._-]*(?:\/[A-Za-z0-9][A-Za-z0-9._-]*)*$/;

const isCode = (error: unknown, code: string): boolean => error instanceof Error && 'code' in error && error.code === code;
const isMissing = (error: unknown): boolean => isCode(error, 'ENOENT');

/** Gone already, or somebody has put something else there. */
const unlessKept = (error: unknown): void => {
  if (!isCode(error, 'ENOTEMPTY') && !isMissing(error)) throw error;
};

const unlessMissing = async <T>(answer: Promise<T>): Promise<T | undefined> => {
  try {
    return await answer;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
};

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** As S3's rule does: parts of what nobody ended. Of files the machine's own clock knows the age. */
const dropAbandoned = async (parts: string): Promise<void> => {
  for (const uploadId of (await unlessMissing(readdir(parts))) ?? []) {
    const begun = await unlessMissing(stat(join(parts, uploadId)));
    if (begun !== undefined && Date.now() - begun.mtimeMs > PARTS_KEPT_MS)
      await rm(join(parts, uploadId), { recursive: true, force: true });
  }
};

/** Opens the folder; what was only half written when it was last closed is dropped. */
export const openFolderStore = async ({ folder, secret, now, url }: FolderStoreOptions): Promise<FolderStore> => {
  await rm(join(folder, UNFINISHED), { recursive: true, force: true });
  await mkdir(join(folder, UNFINISHED), { recursive: true });
  await dropAbandoned(join(folder, PARTS));

  const pathOf = (key: string): string => {
    if (!KEY.test(key)) throw new Error(`${key} is no key of an object`);
    return join(folder, ...key.split('/'));
  };

  const signatureOf = ({ method, key, contentType, bytes, fileName, until }: Link): string =>
    createHmac('sha256', secret)
      .update(JSON.stringify(['object link', method, key, contentType, bytes ?? null, fileName ?? null, until]))
      .digest('base64url');

  const linkTo = (link: Link): string => {
    const query = new URLSearchParams({
      until: link.until,
      ...(link.method === 'GET' ? { type: link.contentType } : {}),
      ...(link.fileName === undefined ? {} : { fileName: link.fileName }),
      signature: signatureOf(link),
    });
    return `${url()}/${link.key}?${query.toString()}`;
  };

  /** All of it at once, or, where `bytes` is given and it is not so long, nothing. Survives a kill -9, and a power cut. */
  const write = async (
    path: string,
    incoming: AsyncIterable<Uint8Array>,
    { bytes, into = rename }: { readonly bytes?: number; readonly into?: typeof rename } = {},
  ): Promise<boolean> => {
    const beside = join(folder, UNFINISHED, randomUUID());
    const file = await open(beside, 'wx', 0o600);
    let length = 0;
    try {
      for await (const chunk of incoming) {
        length += chunk.length;
        if (bytes !== undefined && length > bytes) break;
        await file.writeFile(chunk);
      }
      await file.sync();
    } catch (error) {
      await rm(beside, { force: true });
      throw error;
    } finally {
      await file.close();
    }
    if (bytes !== undefined && length !== bytes) {
      await rm(beside, { force: true });
      return false;
    }
    await place(beside, path, into);
    return true;
  };

  /** Into its folder, which somebody may just be taking away, since it was empty. */
  const place = async (from: string, to: string, into: typeof rename): Promise<void> => {
    for (let attempt = 1; ; attempt++) {
      await mkdir(dirname(to), { recursive: true });
      try {
        return await into(from, to);
      } catch (error) {
        if (!isMissing(error) || attempt === ATTEMPTS) throw error;
      }
    }
  };

  const partsFolder = (uploadId: string): string => {
    if (!/^[0-9a-f-]{36}$/.test(uploadId)) throw new Error('there is no such upload in parts');
    return join(folder, PARTS, uploadId);
  };

  const keysOf = async (prefix: string): Promise<readonly string[]> => {
    const entries = (await unlessMissing(readdir(join(folder, prefix), { recursive: true, withFileTypes: true }))) ?? [];
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll(sep, '/'))
      .toSorted();
  };

  const remove = async (keys: readonly string[]): Promise<void> => {
    for (const key of keys) {
      const path = pathOf(key);
      await rm(path, { force: true });
      // A thing's own folder goes with the last object in it; S3 has none.
      if (key.split('/').length > 2) await rmdir(dirname(path)).catch(unlessKept);
    }
  };

  return {
    signUpload: (key, { contentType, bytes, until }) => {
      pathOf(key);
      return Promise.resolve({
        method: 'PUT',
        url: linkTo({ method: 'PUT', key, contentType, bytes, until }),
        headers: { 'content-type': contentType, 'content-length': String(bytes) },
      });
    },

    signDownload: (key, { contentType, until, fileName }) => {
      pathOf(key);
      return Promise.resolve(linkTo({ method: 'GET', key, contentType, until, fileName }));
    },

    verdictOn(link, signature) {
      const expected = Buffer.from(signatureOf(link));
      const given = Buffer.from(signature);
      if (expected.length !== given.length || !timingSafeEqual(expected, given)) return 'forged';
      return fromInstant(link.until) > now() ? 'holds' : 'expired';
    },

    read: (key) => unlessMissing(readFile(pathOf(key))),

    async put(key, bytes) {
      await write(pathOf(key), once(bytes));
    },

    async putFirst(key, bytes) {
      let isFirst = true;
      // A second name for the file, which fails where there is one already; then it loses its first.
      const into: typeof rename = async (from, to) => {
        try {
          await link(from, to);
        } catch (error) {
          if (!isCode(error, 'EEXIST')) throw error;
          isFirst = false;
        }
        await rm(from);
      };
      await write(pathOf(key), once(bytes), { into });
      return isFirst;
    },

    remove,

    receive: (key, incoming, bytes) => write(pathOf(key), incoming, { bytes }),

    async stream(key) {
      const path = pathOf(key);
      const found = await unlessMissing(stat(path));
      return found?.isFile() === true ? { bytes: found.size, content: createReadStream(path) } : undefined;
    },

    keys: keysOf,

    async expire(prefix, keptMs) {
      for (const key of await keysOf(prefix)) {
        const put = await unlessMissing(stat(pathOf(key)));
        if (put !== undefined && Date.now() - put.mtimeMs > keptMs) await remove([key]);
      }
    },

    async beginParts(key) {
      pathOf(key);
      const uploadId = randomUUID();
      await mkdir(partsFolder(uploadId), { recursive: true });
      return { key, uploadId };
    },

    async putPart({ uploadId }, number, bytes) {
      await write(join(partsFolder(uploadId), String(number)), once(bytes));
      return createHash('sha256').update(bytes).digest('hex');
    },

    async endParts({ key, uploadId }, tags) {
      const parts = partsFolder(uploadId);
      async function* all(): AsyncGenerator<Uint8Array> {
        for (const [index, tag] of tags.entries()) {
          const bytes = await readFile(join(parts, String(index + 1)));
          if (createHash('sha256').update(bytes).digest('hex') !== tag) throw new Error(`part ${index + 1} is another than its tag says`);
          yield bytes;
        }
      }
      await write(pathOf(key), all());
      await rm(parts, { recursive: true, force: true });
    },
  };
};
