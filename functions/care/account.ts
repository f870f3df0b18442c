/** What is written down whenever somebody who is looked after is seen or changed. */
import type { AuditEntry } from '../audit/writer.ts';
import type { Call } from '../http/call.ts';
import type { DivisionCode } from '../kernel/division.ts';

/** `resource` after `care/`: of a list with what it was asked for, and then `community` is its division. */
export const accountOf = (
  { caller, now, requestId }: Pick<Call, 'caller' | 'now' | 'requestId'>,
  resource: string,
  community: DivisionCode,
  action: 'read' | 'list' | 'register' | 'change' | 'record',
): AuditEntry => ({ resource: `care/${resource}`, community, action, caller, now, requestId });
