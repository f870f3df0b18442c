/** How our statuses are called outside: open or closed in GeoReport v2, and finer words in updates (FixMyStreet's extension). */
import type { Texts } from '../../kernel/texts.ts';
import { isOpen, type HistoryEntry, type Status } from '../service-request.ts';
import type { FineStatus } from './words.ts';

/** Open until the work is done, or it has ended otherwise. */
export const plainStatus = (request: { readonly status: Status }): 'open' | 'closed' => (isOpen(request) ? 'open' : 'closed');

const FINE: Readonly<Record<Status, FineStatus>> = {
  submitted: 'open',
  accepted: 'investigating',
  assigned: 'action_scheduled',
  inProgress: 'in_progress',
  resolved: 'fixed',
  closed: 'closed',
  rejected: 'no_further_action',
  cancelled: 'cancelled',
  duplicate: 'duplicate',
};

export const fineStatus = (status: Status): FineStatus => FINE[status];

/** What a change meant to who waits for it. */
export const fineStatusOf = ({ action, status }: Pick<HistoryEntry, 'action' | 'status'>): FineStatus => {
  if (action === 'transfer') return 'internal_referral';
  return action === 'reopen' ? 'open' : FINE[status];
};

/** What is said of a status where nobody has said more. */
export const STATUS_TEXTS: Readonly<Record<Status, Texts>> = {
  submitted: { 'zh-CN': '已提交，等待受理', en: 'Submitted' },
  accepted: { 'zh-CN': '已受理', en: 'Accepted' },
  assigned: { 'zh-CN': '已派单', en: 'Assigned' },
  inProgress: { 'zh-CN': '处理中', en: 'In progress' },
  resolved: { 'zh-CN': '已办理', en: 'Resolved' },
  closed: { 'zh-CN': '已办结', en: 'Closed' },
  rejected: { 'zh-CN': '不予受理', en: 'Rejected' },
  cancelled: { 'zh-CN': '已撤回', en: 'Cancelled' },
  duplicate: { 'zh-CN': '重复诉求', en: 'Duplicate' },
};
