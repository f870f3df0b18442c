/** What things are called, by rules and contract alike. */

/** Government, market, mass organisations 群团组织, social organisations 社会组织, volunteers. */
export const PROVIDER_KINDS = ['government', 'company', 'massOrganisation', 'socialOrganisation', 'volunteerGroup'] as const;
export const PROVIDER_STATUSES = ['applied', 'admitted', 'suspended', 'removed'] as const;
/** The names that `actions` holds: the last segment of each action's path. */
export const PROVIDER_ACTIONS = ['admit', 'suspend', 'remove', 'renew'] as const;
