/** What answers to an alert are called: by rules and contract alike. */
export const ANSWERS = ['safe', 'needHelp'] as const;
