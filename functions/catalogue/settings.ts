import { VISIT_PLAN } from '../kernel/visit-plan.ts';

/** What holds of each setting until somebody sets it. It stands apart from the contract: who only reads a setting loads no schema. */
export const INITIAL_SETTINGS = {
  programmes: [],
  open311: {
    contact: '社区服务热线 12345 · Community service line 12345',
    keyService: '请向本级管理员申请 · Ask your administrator for a key',
  },
  foundation: { administrativeCap: 0.1, yearlySpending: 0.7, reportWithinDays: 90, discloseWithinDays: 15 },
  alertSecondPerson: { colours: [] },
  careVisits: { ...VISIT_PLAN, veryOldFrom: 80, alertWithinHours: 24 },
  providerAdmission: { months: 12, mostMonths: 36 },
  creditMethod: {
    start: 80,
    fullMonths: 12,
    halfMonths: 12,
    repaired: 0.5,
    points: {
      ratedVerySatisfied: 1,
      ratedDissatisfied: -3,
      ratedVeryDissatisfied: -5,
      resolvedLate: -2,
      rectificationLate: -5,
    },
    together: { ratedVerySatisfied: 20, merit: 20 },
    posted: { misconduct: { points: -10, most: 30 }, merit: { points: 3, most: 10 } },
  },
  qualityMethod: {
    parts: [
      { indicator: 'respondedOnTimeRate', weight: 20 },
      { indicator: 'resolvedOnTimeRate', weight: 25 },
      { indicator: 'satisfactionRate', weight: 25 },
      { indicator: 'rectificationRate', weight: 10 },
      { indicator: 'elderVisitRate', weight: 15 },
      // One measure everywhere: the indicator's own target is that of large cities alone.
      { indicator: 'mealCoverageRate', weight: 5, target: 0.8 },
    ],
  },
  rectifications: {
    callbackWithin: { amount: 1, unit: 'workingDays' },
    fixWithin: { amount: 5, unit: 'workingDays' },
    hardFixWithin: { amount: 15, unit: 'workingDays' },
  },
} as const;
