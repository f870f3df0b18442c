/** Clients of the Open311 face: each has a key of its own, which reaches one division, and is the requester of what it sends in. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Item } from '../../data/database.ts';
import type { Principal } from '../../http/principal.ts';
import { CLIENT_SUB } from '../../http/principal.ts';
import { keyedHash } from '../../http/secret.ts';
import type { DivisionCode } from '../../kernel/division.ts';
import { ID_PATTERN } from '../../kernel/id.ts';
import type { Instant } from '../../kernel/time.ts';

export interface ApiClient extends Item {
  readonly id: string;
  readonly name: string;
  readonly division: DivisionCode;
  /** SHA-256 of the key, which has 256 bits of its own. */
  readonly hash: string;
  readonly revokedAt?: Instant | undefined;
  readonly version: number;
  readonly change: 'made' | 'revoked';
  readonly changedAt: Instant;
  readonly madeAt: Instant;
  readonly requestId: string;
}

type Secrets = readonly [string, ...string[]];

export const hashOf = (key: string): string => createHash('sha256').update(key).digest('base64url');

const keyUnder = (secret: string, id: string): string => `${id}.${keyedHash(secret, 'open311Key', id)}`;

/** The key of a client that is being made: it follows from the id and the stage's secret, so that it need not be stored to be told again. */
export const newKey = ([secret]: Secrets, id: string): string => keyUnder(secret, id);

/** The key that was told when the client was made; undefined where the secret it came from is no longer valid. */
export const keyOf = (secrets: Secrets, { id, hash }: ApiClient): string | undefined =>
  secrets.map((secret) => keyUnder(secret, id)).find((key) => hashOf(key) === hash);

/** The id of the client that a key says it is of; undefined where it is no key. */
export const idIn = (key: string): string | undefined => {
  const [id = '', secret, ...more] = key.split('.');
  return secret !== undefined && more.length === 0 && ID_PATTERN.test(id) ? id : undefined;
};

export const isKeyOf = (client: ApiClient, key: string): boolean =>
  client.revokedAt === undefined && timingSafeEqual(Buffer.from(hashOf(key)), Buffer.from(client.hash));

/** The client as somebody who asks for help: no role, and a name that no token can carry. */
export const principalOf = ({ id }: Pick<ApiClient, 'id'>): Principal => ({
  sub: `${CLIENT_SUB}${id}`,
  roles: new Set(),
  division: undefined,
  provider: undefined,
});
