/** What things are called, by rules and contract alike. It stands apart from the contract: a rule loads no schema. */
export const STATUSES = [
  'submitted',
  'accepted',
  'assigned',
  'inProgress',
  'resolved',
  'closed',
  'rejected',
  'cancelled',
  'duplicate',
] as const;
export const PRIORITIES = ['low', 'normal', 'high', 'urgent'] as const;
export const VISIBILITIES = ['public', 'private', 'confidential'] as const;
export const ASSIGNEE_KINDS = ['worker', 'provider', 'volunteer'] as const;
/** The names that `actions` holds: the last segment of each action's path. */
export const ACTIONS = [
  'accept',
  'reject',
  'cancel',
  'duplicate',
  'transfer',
  'assign',
  'start',
  'resolve',
  'extend',
  'pause',
  'resume',
  'close',
  'reopen',
  'comments',
  'rating',
] as const;
export const RECTIFICATION_STATUSES = ['open', 'calledBack', 'fixed', 'appealed', 'struck'] as const;
export const CALLBACK_OUTCOMES = ['confirmed', 'mistaken', 'malicious'] as const;
export const RULINGS = ['upheld', 'struck'] as const;
