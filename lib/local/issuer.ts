/** A token issuer for one machine: an RS256 key kept in the data folder, so that tokens outlive a restart. */
import { exportJWK, generateKeyPair, importJWK, SignJWT, type JWK } from 'jose';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomically } from './write-atomically.ts';
import type { Clock } from '../../functions/kernel/time.ts';

const KEY_FILE = 'issuer-key.json';
const ALGORITHM = 'RS256';
const LIFETIME_SECONDS = 12 * 60 * 60;

export interface TokenClaims {
  readonly sub: string;
  readonly roles: readonly string[];
  readonly division?: string | undefined;
  readonly provider?: string | undefined;
  readonly name?: string | undefined;
}

export interface Issuer {
  readonly sign: (claims: TokenClaims) => Promise<string>;
  /** The OpenID discovery document and the public keys, by path below the issuer's URL. */
  readonly documents: Readonly<Record<string, unknown>>;
}

const keyOf = async (dataFolder: string | undefined): Promise<JWK> => {
  const file = dataFolder === undefined ? undefined : join(dataFolder, KEY_FILE);
  if (file !== undefined && existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as JWK;
  const { privateKey } = await generateKeyPair(ALGORITHM, { extractable: true });
  const jwk = { ...(await exportJWK(privateKey)), kid: 'local', alg: ALGORITHM, use: 'sig' };
  if (file !== undefined) writeAtomically(file, JSON.stringify(jwk), { durable: true });
  return jwk;
};

export const startIssuer = async ({
  url,
  audience,
  dataFolder,
  now,
}: {
  url: string;
  audience: string;
  dataFolder?: string | undefined;
  now: Clock;
}): Promise<Issuer> => {
  const jwk = await keyOf(dataFolder);
  const key = await importJWK(jwk, ALGORITHM);
  const { kty, n, e, kid, alg, use } = jwk;
  return {
    sign: ({ sub, ...claims }) => {
      const issuedAt = Math.floor(now() / 1000);
      return new SignJWT({ ...claims })
        .setProtectedHeader({ alg: ALGORITHM, kid: 'local' })
        .setSubject(sub)
        .setIssuer(url)
        .setAudience(audience)
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + LIFETIME_SECONDS)
        .sign(key);
    },
    documents: {
      '/.well-known/openid-configuration': {
        issuer: url,
        jwks_uri: `${url}/jwks.json`,
        id_token_signing_alg_values_supported: [ALGORITHM],
      },
      '/jwks.json': { keys: [{ kty, n, e, kid, alg, use }] },
    },
  };
};
