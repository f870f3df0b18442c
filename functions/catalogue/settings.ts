/** What holds of each setting until somebody sets it. It stands apart from the contract: who only reads a setting loads no schema. */
export const INITIAL_SETTINGS = {
  programmes: [],
  rectifications: {
    callbackWithin: { amount: 1, unit: 'workingDays' },
    fixWithin: { amount: 5, unit: 'workingDays' },
    hardFixWithin: { amount: 15, unit: 'workingDays' },
  },
} as const;
