/** People of the tests' world, by what they are and where. */
import type { TokenClaims } from '../../lib/local/issuer.ts';

export const SHUIJINGFANG = '510104017001';
export const DACISI = '510104017002';
export const ZONGFULU = '510104020001';
export const CAOSHIJIE = '510105006001';

export const resident: TokenClaims = { sub: 'resident-wang', roles: ['resident'], division: SHUIJINGFANG };
export const neighbour: TokenClaims = { sub: 'resident-li', roles: ['resident'], division: SHUIJINGFANG };
export const worker: TokenClaims = { sub: 'worker-zhao', roles: ['worker'], division: SHUIJINGFANG };
export const otherWorker: TokenClaims = { sub: 'worker-sun', roles: ['worker'], division: SHUIJINGFANG };
export const dispatcher: TokenClaims = { sub: 'dispatcher-chen', roles: ['dispatcher'], division: '510104017' };
export const otherDispatcher: TokenClaims = { sub: 'dispatcher-liu', roles: ['dispatcher'], division: '510104017' };
export const countyDispatcher: TokenClaims = { sub: 'dispatcher-he', roles: ['dispatcher'], division: '510104' };
/** Of another county altogether. */
export const strangeDispatcher: TokenClaims = { sub: 'dispatcher-ma', roles: ['dispatcher'], division: '510105' };
export const strangeWorker: TokenClaims = { sub: 'worker-hu', roles: ['worker'], division: CAOSHIJIE };
export const treasurer: TokenClaims = { sub: 'treasurer-lin', roles: ['treasurer'], division: '510104017' };
export const otherTreasurer: TokenClaims = { sub: 'treasurer-guo', roles: ['treasurer'], division: '510104017' };
export const cityTreasurer: TokenClaims = { sub: 'treasurer-deng', roles: ['treasurer'], division: '5101' };
export const alertOfficer: TokenClaims = { sub: 'officer-tang', roles: ['alertOfficer'], division: '510104' };
/** Who approves what the first has made. */
export const otherOfficer: TokenClaims = { sub: 'officer-yan', roles: ['alertOfficer'], division: '510104' };
export const auditor: TokenClaims = { sub: 'auditor-wu', roles: ['auditor'], division: '5101' };
/** Anybody may be one; those whom they may visit name them. */
export const NAMED_VOLUNTEER: TokenClaims = { sub: 'volunteer-qian', roles: [] };
