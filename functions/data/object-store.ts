/**
 * Where bytes are kept: a bucket in the cloud, a folder on one machine. Nobody but us reads or writes it, save through links that end soon.
 * Keys are paths: `uploads/<id>`, `media/<id>/image`, `exports/<id>.csv`.
 */
import type { Instant } from '../kernel/time.ts';

/**
 * What a declaration may do with keys that begin so: `link` hands out links to read, `read` reads, too; `put` puts, or hands out links to put, and
 * reads nothing; `drop` puts and takes away, and reads nothing either; `write` puts and reads; `remove` does everything.
 */
export type ObjectRight = 'link' | 'put' | 'read' | 'drop' | 'write' | 'remove';

/** What each right does for, the smaller rights first. */
const INCLUDED: Readonly<Record<ObjectRight, readonly ObjectRight[]>> = {
  link: ['link'],
  put: ['put'],
  read: ['link', 'read'],
  drop: ['put', 'drop'],
  write: ['link', 'put', 'read', 'write'],
  remove: ['link', 'put', 'read', 'drop', 'write', 'remove'],
};
export const OBJECT_RIGHTS: readonly ObjectRight[] = INCLUDED.remove;

/** Whether a right that is granted does for another. */
export const isIncluded = (right: ObjectRight, granted: ObjectRight): boolean => INCLUDED[granted].includes(right);

/** Rights by the beginning of the key, up to and with its first `/`: `{'uploads/': 'write'}`. */
export type ObjectUses = Readonly<Record<string, ObjectRight>>;

/** A request that somebody else may make, exactly so, until it ends. */
export interface SignedRequest {
  readonly method: 'PUT';
  readonly url: string;
  /** To be sent as they are: they are part of what is signed. */
  readonly headers: Readonly<Record<string, string>>;
}

/** A long object under way, put in parts. */
export interface Parts {
  readonly key: string;
  readonly uploadId: string;
}

export interface ObjectStore {
  /** Lets somebody put one object of exactly so many bytes and this type. */
  signUpload(
    key: string,
    upload: { readonly contentType: string; readonly bytes: number; readonly until: Instant },
  ): Promise<SignedRequest>;
  /** A link to an object. It is answered with this type, and saved under `fileName` where one is given. */
  signDownload(
    key: string,
    download: { readonly contentType: string; readonly until: Instant; readonly fileName?: string },
  ): Promise<string>;
  /** All of an object; undefined where there is none. */
  read(key: string): Promise<Uint8Array | undefined>;
  put(key: string, bytes: Uint8Array, contentType: string): Promise<void>;
  /** The same where nothing lies yet: of several at once, one. Answers with whether it was this one. */
  putFirst(key: string, bytes: Uint8Array, contentType: string): Promise<boolean>;
  /** Takes objects away; one that is not there is none. */
  remove(keys: readonly string[]): Promise<void>;
  /** A long object in parts, numbered from 1; each but the last has 5 MiB at least (S3). The same part again takes the place of the first. */
  beginParts(key: string, contentType: string): Promise<Parts>;
  /** Answers with what `endParts` needs to know of it. */
  putPart(parts: Parts, number: number, bytes: Uint8Array): Promise<string>;
  endParts(parts: Parts, tags: readonly string[]): Promise<void>;
}
