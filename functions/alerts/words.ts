import type { FacilityKind } from '../places/facility.ts';

/** CAP's words as the interface has them, in lower camel case, and back. */
export const CATEGORY_WORDS = [
  'geo',
  'met',
  'safety',
  'security',
  'rescue',
  'fire',
  'health',
  'env',
  'transport',
  'infra',
  'cbrne',
  'other',
] as const;
export const RESPONSE_WORDS = ['shelter', 'evacuate', 'prepare', 'execute', 'avoid', 'monitor', 'assess', 'allClear', 'none'] as const;
export const URGENCY_WORDS = ['immediate', 'expected', 'future', 'past', 'unknown'] as const;
export const CERTAINTY_WORDS = ['observed', 'likely', 'possible', 'unlikely', 'unknown'] as const;

/** The places that are shown with an alert. */
export const HELP_KINDS = ['shelter', 'microFireStation'] as const satisfies readonly FacilityKind[];

export type HelpKind = (typeof HELP_KINDS)[number];
export type CategoryWord = (typeof CATEGORY_WORDS)[number];
export type ResponseWord = (typeof RESPONSE_WORDS)[number];
export type UrgencyWord = (typeof URGENCY_WORDS)[number];
export type CertaintyWord = (typeof CERTAINTY_WORDS)[number];

/** The same word among others that differ in case only. */
export const wordIn = <W extends string>(words: readonly W[], word: string): W => {
  const found = words.find((each) => each.toLowerCase() === word.toLowerCase());
  if (found === undefined) throw new Error(`${word} is none of ${words.join(', ')}`);
  return found;
};
