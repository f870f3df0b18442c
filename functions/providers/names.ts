/** What things are called, by rules and contract alike. */

/** Government, market, mass organisations 群团组织, social organisations 社会组织, volunteers. */
export const PROVIDER_KINDS = ['government', 'company', 'massOrganisation', 'socialOrganisation', 'volunteerGroup'] as const;
export const PROVIDER_STATUSES = ['applied', 'admitted', 'suspended', 'removed'] as const;
/** What they can be listed by: `ending` is admitted, and ends soon or has ended. */
export const PROVIDER_LISTS = [...PROVIDER_STATUSES, 'ending'] as const;
/** The names that `actions` holds: the last segment of each action's path. */
export const PROVIDER_ACTIONS = ['admit', 'suspend', 'remove', 'renew'] as const;

/** What comes of work by itself. */
export const RECORDED_KINDS = [
  'ratedVerySatisfied',
  'ratedDissatisfied',
  'ratedVeryDissatisfied',
  'resolvedLate',
  'rectificationLate',
] as const;
/** What a dispatcher has confirmed. */
export const POSTED_KINDS = ['misconduct', 'merit'] as const;
export const CREDIT_KINDS = [...RECORDED_KINDS, ...POSTED_KINDS] as const;
/** Those that raise it. */
export const GAIN_KINDS = ['ratedVerySatisfied', 'merit'] as const;
/** The last segment of each one's path. */
export const CREDIT_ACTIONS = ['appeal', 'review', 'repair'] as const;
/** What an event waits for: a ruling on the appeal, a decision on the repair. */
export const CREDIT_WAITS = ['appealed', 'repairAsked'] as const;
export const CREDIT_RULINGS = ['upheld', 'struck'] as const;
