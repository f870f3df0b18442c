/** How often those in special difficulty (特殊困难老年人) are visited, by tier: as the setting begins, and as the figure is always counted. */

/** `high` 重点高频, `key` 重点, `general` 一般. */
export const TIERS = ['high', 'key', 'general'] as const;
export type Tier = (typeof TIERS)[number];

/** Once between each two days of the month, both included; or once in so many months that end with it. */
export type Asked = { readonly days: readonly { readonly from: number; readonly to: number }[] } | { readonly months: number };

export type VisitPlan = Readonly<Record<Tier, Asked>>;

/** Once a week of the month's first 28 days; once a month; once in three months. */
export const VISIT_PLAN = {
  high: {
    days: [
      { from: 1, to: 7 },
      { from: 8, to: 14 },
      { from: 15, to: 21 },
      { from: 22, to: 28 },
    ],
  },
  key: { months: 1 },
  general: { months: 3 },
} as const satisfies VisitPlan;
