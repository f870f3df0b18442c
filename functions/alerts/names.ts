/** The words of alerts: CAP 1.2's own, in lower camel case, and China's colours. */
export const ALERT_STATUSES = ['actual', 'exercise', 'test'] as const;
export const CATEGORIES = [
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
/** 蓝黄橙红, the least first. */
export const COLOURS = ['blue', 'yellow', 'orange', 'red'] as const;
export const SEVERITIES = ['minor', 'moderate', 'severe', 'extreme'] as const;
export const URGENCIES = ['immediate', 'expected', 'future', 'past', 'unknown'] as const;
export const CERTAINTIES = ['observed', 'likely', 'possible', 'unlikely', 'unknown'] as const;
export const RESPONSE_TYPES = ['shelter', 'evacuate', 'prepare', 'execute', 'avoid', 'monitor', 'assess', 'allClear', 'none'] as const;
export const MESSAGE_TYPES = ['alert', 'update', 'cancel'] as const;
/** `waiting` for another officer; `published`; `replaced` by an update; `cancelled`. */
export const ALERT_STATES = ['waiting', 'published', 'replaced', 'cancelled'] as const;

export type Colour = (typeof COLOURS)[number];
