/**
 * Verifies a bearer ourselves where API Gateway's authorizer does not stand: issuer, audience, RS256, exp and nbf against the issuer's keys,
 * which are cached, as is a verified token until it ends.
 */
import { createRemoteJWKSet, jwtVerify, type JWTVerifyGetKey } from 'jose';
import * as z from 'zod/mini';
import type { Clock } from '../kernel/time.ts';

export type Claims = Readonly<Record<string, unknown>>;
/** Answers with the claims, or undefined for a token that is not to be believed. */
export type VerifyBearer = (token: string) => Promise<Claims | undefined>;

const discovery = z.object({ jwks_uri: z.url() });
const CACHED_TOKENS = 1000;

const keysOf = async (issuer: string): Promise<JWTVerifyGetKey> => {
  const answer = await fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
  if (!answer.ok) throw new Error(`${issuer} does not answer OpenID discovery (${answer.status}): check OIDC_ISSUER`);
  return createRemoteJWKSet(new URL(discovery.parse(await answer.json()).jwks_uri));
};

/** A JWT's own failures have a code of this form; anything else means that the issuer could not be asked. */
const isTokenFailure = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && /^ERR_J(?:WT|WS|OSE|WKS_NO_MATCHING_KEY)/.test(error.code);

export const bearerVerifier = ({ issuer, audience, now }: { issuer: string; audience: string; now: Clock }): VerifyBearer => {
  let keys: Promise<JWTVerifyGetKey> | undefined;
  const verified = new Map<string, { claims: Claims; until: number }>();
  return async (token) => {
    const known = verified.get(token);
    if (known !== undefined && now() < known.until) return known.claims;
    verified.delete(token);
    keys ??= keysOf(issuer);
    try {
      const { payload } = await jwtVerify(token, await keys, {
        issuer,
        audience,
        algorithms: ['RS256'],
        requiredClaims: ['exp', 'sub'],
        currentDate: new Date(now()),
      });
      const oldest = verified.keys().next().value;
      if (verified.size >= CACHED_TOKENS && oldest !== undefined) verified.delete(oldest);
      verified.set(token, { claims: payload, until: (payload.exp ?? 0) * 1000 });
      return payload;
    } catch (error) {
      if (isTokenFailure(error)) return undefined;
      keys = undefined;
      throw error;
    }
  };
};
