import type { AuditEntry } from '../../audit/writer.ts';
import type { Call } from '../../http/call.ts';
import type { Facility } from '../facility.ts';
import { claimsIn } from './entitlement.ts';

/** What is written down of who read or changed what a point is entitled to. */
export const accountOf = (
  { caller, now, requestId }: Pick<Call, 'caller' | 'now' | 'requestId'>,
  { id, community }: Pick<Facility, 'id' | 'community'>,
  action: 'read' | 'claim' | 'check' | 'move',
): AuditEntry => ({ resource: `service-points/${id}`, community, action, caller, now, requestId });

/** Whether a change makes others see what is claimed. */
export const movesClaims = (next: Facility, before: Facility | undefined): boolean =>
  before !== undefined && before.community !== next.community && claimsIn(before.entitlements).length > 0;
