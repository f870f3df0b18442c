import type { AuditEntry } from '../../audit/writer.ts';
import type { Call } from '../../http/call.ts';
import type { Facility } from '../facility.ts';

/** What is written down of who read or changed what a point is entitled to. */
export const accountOf = (
  { caller, now, requestId }: Pick<Call, 'caller' | 'now' | 'requestId'>,
  { id, community }: Facility,
  action: 'read' | 'claim' | 'check',
): AuditEntry => ({ resource: `service-points/${id}`, community, action, caller, now, requestId });
