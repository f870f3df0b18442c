/** How often those in special difficulty (特殊困难老年人) are visited, by tier: as the setting begins, and as the figure is always counted. */

/** `high` 重点高频, `key` 重点, `general` 一般. */
export const TIERS = ['high', 'key', 'general'] as const;
export type Tier = (typeof TIERS)[number];

/** No tier asks for less than a visit in so many months: days of visits are kept for as long as the lists of past months need them. */
export const MOST_MONTHS_ASKED = 3;

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
  general: { months: MOST_MONTHS_ASKED },
} as const satisfies VisitPlan;
