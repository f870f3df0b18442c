/** The secret by which who gave is known, signed in or not: derived from the gift, and kept as a hash only. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Call } from '../http/call.ts';
import { keyedHash } from '../http/secret.ts';
import type { Donation, Donor } from './donation.ts';
import { keepsBooksOf } from './fund.ts';

const PURPOSE = 'donationClaim';
const hashOf = (claim: string): Buffer => createHash('sha256').update(claim).digest();

/** 256 bits in base64url, under the newest secret, or whichever made the hash. */
export const claimOf = (secrets: readonly [string, ...string[]], id: string, hash?: string): string => {
  const claims = secrets.map((secret) => keyedHash(secret, PURPOSE, id));
  return claims.find((each) => hashOf(each).toString('base64url') === hash) ?? claims[0] ?? '';
};

export const claimHashOf = (claim: string): string => hashOf(claim).toString('base64url');

const isClaimOf = (claim: string | undefined, { claimHash }: Pick<Donation, 'claimHash'>): boolean =>
  claim !== undefined && timingSafeEqual(hashOf(claim), Buffer.from(claimHash, 'base64url'));

type Asking = Pick<Call, 'caller'> & { readonly headers: { readonly 'x-linli-claim'?: string | undefined } };

/** Signed in as who gave it, or with its claim. */
export const gaveIt = ({ caller, headers }: Asking, donation: Donation, { owner }: Pick<Donor, 'owner'>): boolean =>
  (owner !== undefined && owner === caller?.sub) || isClaimOf(headers['x-linli-claim'], donation);

/** Who gave it, and treasurers of the division. */
export const maySee = (asking: Asking, donation: Donation, donor: Pick<Donor, 'owner'>): boolean =>
  gaveIt(asking, donation, donor) || keepsBooksOf(asking.caller, donation);
