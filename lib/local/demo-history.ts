/** The months before the demo's day: the same kinds of requests again and again, so that figures have something to show. Always the same ones. */
import {
  addMonths,
  DAY,
  endOfMonth,
  HOUR,
  MINUTE,
  monthOf,
  plus,
  startOfMonth,
  type EpochMs,
  type Month,
} from '../../functions/kernel/time.ts';
import { dice } from './dice.ts';

const MONTHS = 3;
const REQUESTS_A_MONTH = 36;

interface Template {
  readonly by: 'resident' | 'worker';
  readonly then: readonly { readonly action: string }[];
}

export interface PastAction {
  readonly at: EpochMs;
  readonly action: 'accept' | 'assign' | 'start' | 'resolve' | 'rating';
  readonly as: 'requester' | 'worker' | 'dispatcher';
  readonly body: unknown;
}

export interface PastRequest<T> {
  readonly template: T;
  readonly at: EpochMs;
  readonly steps: readonly PastAction[];
}

/** Months that the history fills, oldest first. */
export const historyMonths = (now: EpochMs): readonly Month[] =>
  Array.from({ length: MONTHS }, (_, index) => addMonths(monthOf(now), index - MONTHS));

/** How satisfied residents are: mostly. */
const LEVELS = [5, 5, 5, 5, 4, 4, 4, 3, 3, 2];

/** What was asked for in those months, and how it went: answered within hours or late, resolved within days, or not at all. */
export const demoHistory = <T extends Template>(templates: readonly T[], now: EpochMs): readonly PastRequest<T>[] => {
  const roll = dice(20_260_101);
  const resolved = templates.filter(({ by, then }) => by === 'resident' && then.some(({ action }) => action === 'resolve'));
  return historyMonths(now).flatMap((month, index) =>
    Array.from({ length: REQUESTS_A_MONTH + 4 * index }, (): PastRequest<T> => {
      const days = (endOfMonth(month) - startOfMonth(month)) / DAY;
      const at = plus(startOfMonth(month), roll(days) * DAY + (7 + roll(14)) * HOUR + roll(60) * MINUTE);
      const template = resolved[roll(resolved.length)];
      if (template === undefined) throw new Error('the demo has no request that was resolved');
      const accepted = plus(at, (roll(14) === 0 ? 30 * HOUR : 0) + (3 + roll(25)) * MINUTE);
      const done = plus(accepted, (roll(11) === 0 ? 12 * 24 : 1 + roll(6)) * HOUR);
      const steps: readonly PastAction[] = [
        { at: accepted, action: 'accept', as: 'dispatcher', body: {} },
        { at: plus(accepted, 5 * MINUTE), action: 'assign', as: 'dispatcher', body: { to: { kind: 'worker', id: 'demo-worker' } } },
        { at: plus(accepted, 30 * MINUTE), action: 'start', as: 'worker', body: {} },
        { at: done, action: 'resolve', as: 'worker', body: { resolution: '已处理完毕，现场已复核。' } },
        ...(roll(10) < 7
          ? [
              {
                at: plus(done, (1 + roll(20)) * HOUR),
                action: 'rating',
                as: 'requester',
                body: { level: LEVELS[roll(LEVELS.length)] },
              } as const,
            ]
          : []),
      ];
      // One in thirty is never taken up.
      return { template, at, steps: roll(30) === 0 ? [] : steps.filter((step) => step.at < now) };
    }),
  );
};
