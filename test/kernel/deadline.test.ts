import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addWorkingTime,
  afterPause,
  deadlineAfter,
  pauseEnds,
  workingTimeBetween,
  type Deadline,
  type TimeLimit,
  type TimeUnit,
} from '../../functions/kernel/deadline.ts';
import { DAY, dayOf, epochMs, HOUR, MINUTE, plus, startOfDay, type Day, type EpochMs } from '../../functions/kernel/time.ts';
import { isPublished, isWorkingDay } from '../../functions/kernel/working-days.ts';

/** A moment by Shanghai's wall clock, `2026-02-13 10:00`. */
const at = (text: string): EpochMs => epochMs(Date.parse(`${text.replace(' ', 'T')}:00+08:00`));
const shown = (moment: EpochMs): string => new Date(moment + 8 * HOUR).toISOString().slice(0, 16).replace('T', ' ');
const working = (amount: number): TimeLimit => ({ amount, unit: 'workingDays' });
const sure = (text: string): Deadline => ({ at: at(text), estimated: false });
const timeOfDay = (moment: EpochMs): number => moment - startOfDay(dayOf(moment));

const YEARS = Array.from({ length: 60 }, (_, index) => 2000 + index);
const LAST_YEAR = Math.max(...YEARS.filter((year) => isPublished(`${year}-01-01` as Day)));

const UNITS: readonly TimeUnit[] = ['minutes', 'hours', 'days', 'workingDays'];
const moments = fc.integer({ min: at('2024-12-01 00:00'), max: at('2027-03-01 00:00') }).map(epochMs);
const wholeHours = fc.integer({ min: 0, max: 820 * 24 }).map((hours) => plus(at('2024-12-01 00:00'), hours * HOUR));
const someMoment = fc.oneof(moments, wholeHours);
const units = fc.constantFrom(...UNITS);
const limits = fc.record({ amount: fc.integer({ min: 1, max: 40 }), unit: units });
const spans = fc.oneof(
  fc.integer({ min: 0, max: 40 * DAY }),
  fc.integer({ min: 0, max: 40 * 24 }).map((hours) => hours * HOUR),
);

describe('deadlineAfter', () => {
  it.each([
    [{ amount: 30, unit: 'minutes' }, '2026-02-15 10:30'],
    [{ amount: 48, unit: 'hours' }, '2026-02-17 10:00'],
    [{ amount: 7, unit: 'days' }, '2026-02-22 10:00'],
  ] as const)('%o runs on through the Spring Festival', (limit, end) => {
    expect(deadlineAfter(at('2026-02-15 10:00'), limit)).toEqual(sure(end));
  });

  it.each([
    ['an ordinary Friday', '2026-11-20 10:00', 1, '2026-11-23 10:00'],
    ['an ordinary Saturday', '2026-11-21 10:00', 1, '2026-11-23 10:00'],
    ['the evening before, by Shanghai and not by UTC', '2026-11-22 23:30', 1, '2026-11-23 23:30'],
    ['midnight', '2026-11-20 00:00', 1, '2026-11-23 00:00'],
    // 2025: 28 January to 4 February off, Sunday 26 January and Saturday 8 February are worked.
    ['the Friday before a make-up Sunday', '2025-01-24 09:00', 1, '2025-01-26 09:00'],
    ['the last day before Spring Festival 2025', '2025-01-27 16:20', 1, '2025-02-05 16:20'],
    ['inside Spring Festival 2025', '2025-01-30 08:00', 4, '2025-02-08 08:00'],
    // 2025: 1 to 8 October off, Sunday 28 September and Saturday 11 October are worked.
    ['before National Day 2025', '2025-09-26 17:00', 4, '2025-10-09 17:00'],
    ['National Day 2025', '2025-10-01 00:00', 3, '2025-10-11 00:00'],
    // 2026: 15 to 23 February off, Saturdays 14 and 28 February are worked.
    ['before Spring Festival 2026', '2026-02-13 10:00', 2, '2026-02-24 10:00'],
    ['a make-up Saturday', '2026-02-14 10:00', 5, '2026-02-28 10:00'],
    // 2026: 1 to 7 October off, Sunday 20 September and Saturday 10 October are worked.
    ['the Saturday before a make-up Sunday', '2026-09-19 12:00', 1, '2026-09-20 12:00'],
    ['before National Day 2026', '2026-09-30 11:00', 3, '2026-10-10 11:00'],
  ])('counts working days from %s', (_, start, amount, end) => {
    const deadline = deadlineAfter(at(start), working(amount));
    expect(shown(deadline.at)).toBe(end);
    expect(deadline.estimated).toBe(false);
  });

  it('is estimated once it counts days that nobody has published yet', () => {
    const lastNoon = at(`${LAST_YEAR}-12-31 12:00`);
    expect(deadlineAfter(lastNoon, working(1)).estimated).toBe(true);
    expect(deadlineAfter(plus(lastNoon, -30 * DAY), working(1)).estimated).toBe(false);
    expect(deadlineAfter(plus(lastNoon, -30 * DAY), working(40)).estimated).toBe(true);
    for (const unit of UNITS.filter((one) => one !== 'workingDays')) {
      expect(deadlineAfter(lastNoon, { amount: 500, unit }).estimated).toBe(false);
    }
  });

  it('ends at the same time of day on the n-th working day after the start', () => {
    fc.assert(
      fc.property(someMoment, fc.integer({ min: 1, max: 40 }), (start, amount) => {
        const end = deadlineAfter(start, working(amount)).at;
        expect(timeOfDay(end)).toBe(timeOfDay(start));
        expect(isWorkingDay(dayOf(end))).toBe(true);
        // Whole days, from the midnight after the start to the midnight after the end.
        expect(workingTimeBetween(plus(startOfDay(dayOf(start)), DAY), plus(startOfDay(dayOf(end)), DAY))).toBe(amount * DAY);
      }),
    );
  });

  it('never ends earlier for a later start, seen by the day', () => {
    fc.assert(
      fc.property(someMoment, spans, limits, (start, later, limit) => {
        const [first, second] = [deadlineAfter(start, limit), deadlineAfter(plus(start, later), limit)];
        expect(dayOf(second.at) >= dayOf(first.at)).toBe(true);
      }),
    );
  });

  it('never ends earlier for a later start, to the millisecond, where both start on a working day or the unit is elapsed time', () => {
    fc.assert(
      fc.property(someMoment, spans, limits, (start, later, limit) => {
        fc.pre(limit.unit !== 'workingDays' || (isWorkingDay(dayOf(start)) && isWorkingDay(dayOf(plus(start, later)))));
        expect(deadlineAfter(plus(start, later), limit).at).toBeGreaterThanOrEqual(deadlineAfter(start, limit).at);
      }),
    );
  });

  it('takes a day as it is: Friday 11:00 ends after Saturday 10:00, on the same Monday', () => {
    expect(shown(deadlineAfter(at('2026-11-20 11:00'), working(1)).at)).toBe('2026-11-23 11:00');
    expect(shown(deadlineAfter(at('2026-11-21 10:00'), working(1)).at)).toBe('2026-11-23 10:00');
  });
});

describe('working time', () => {
  it.each([
    ['2026-11-20 18:00', '2026-11-23 06:00', 12],
    ['2026-11-21 10:00', '2026-11-22 10:00', 0],
    ['2026-02-14 00:00', '2026-02-24 00:00', 24],
    ['2026-02-13 12:00', '2026-02-24 12:00', 48],
    ['2025-09-27 12:00', '2025-10-12 00:00', 24 * 6],
    ['2026-11-23 10:00', '2026-11-20 10:00', 0],
    ['2026-11-23 10:00', '2026-11-23 10:00', 0],
  ])('between %s and %s is %i hours', (from, to, hours) => {
    expect(workingTimeBetween(at(from), at(to))).toBe(hours * HOUR);
  });

  it.each([
    ['2026-11-20 18:00', 12 * HOUR, '2026-11-23 06:00'],
    ['2026-11-20 18:00', 6 * HOUR, '2026-11-23 00:00'],
    ['2026-11-21 10:00', MINUTE, '2026-11-23 00:01'],
    ['2026-11-21 10:00', 0, '2026-11-21 10:00'],
    ['2026-02-13 12:00', 2 * DAY, '2026-02-24 12:00'],
  ])('added to %s walks over non-working days', (start, milliseconds, end) => {
    const result = addWorkingTime(at(start), milliseconds);
    expect(shown(result.at)).toBe(end);
    expect(result.estimated).toBe(false);
  });

  it('added and measured again is the same', () => {
    fc.assert(
      fc.property(someMoment, spans, (start, milliseconds) => {
        expect(workingTimeBetween(start, addWorkingTime(start, milliseconds).at)).toBe(milliseconds);
      }),
    );
  });

  it('adds up over any moment between', () => {
    fc.assert(
      fc.property(someMoment, spans, spans, (start, first, second) => {
        const middle = plus(start, first);
        const end = plus(middle, second);
        expect(workingTimeBetween(start, middle) + workingTimeBetween(middle, end)).toBe(workingTimeBetween(start, end));
      }),
    );
  });

  it('from a working day agrees with counting working days', () => {
    fc.assert(
      fc.property(someMoment, fc.integer({ min: 1, max: 40 }), (start, amount) => {
        fc.pre(isWorkingDay(dayOf(start)));
        expect(addWorkingTime(start, amount * DAY)).toEqual(deadlineAfter(start, working(amount)));
      }),
    );
  });

  it('is estimated once it reaches a day that nobody has published yet', () => {
    const lastNoon = at(`${LAST_YEAR}-12-31 12:00`);
    expect(addWorkingTime(plus(lastNoon, -30 * DAY), DAY).estimated).toBe(false);
    expect(addWorkingTime(lastNoon, 2 * DAY).estimated).toBe(true);
    expect(addWorkingTime(plus(lastNoon, DAY), 0).estimated).toBe(false);
  });
});

describe('afterPause', () => {
  const pauses = fc.record({ start: someMoment, limit: limits, before: spans, length: spans }).map(({ start, limit, before, length }) => {
    const pausedAt = plus(start, before);
    return { deadline: deadlineAfter(start, limit), pausedAt, resumedAt: plus(pausedAt, length), unit: limit.unit };
  });
  /** Deadlines that a dispatcher set by hand, on any day. */
  const byHand = fc
    .record({ due: someMoment, pausedAt: someMoment, length: spans, unit: units })
    .map(({ due, pausedAt, length, unit }) => ({
      deadline: { at: due, estimated: false },
      pausedAt,
      resumedAt: plus(pausedAt, length),
      unit,
    }));
  const anyPause = fc.oneof(pauses, byHand);

  it.each([
    ['days', '2026-02-16 10:00', '2026-02-12 10:00', '2026-02-25 10:00', '2026-03-01 10:00'],
    ['hours', '2026-11-23 10:00', '2026-11-21 09:00', '2026-11-21 09:30', '2026-11-23 10:30'],
    // Left at Thursday noon: half of Thursday, Friday, the make-up Saturday and half of Tuesday the 24th.
    ['workingDays', '2026-02-24 12:00', '2026-02-12 12:00', '2026-02-13 12:00', '2026-02-25 12:00'],
    // Nothing of a weekend's pause was working time.
    ['workingDays', '2026-11-23 10:00', '2026-11-21 12:00', '2026-11-22 12:00', '2026-11-23 10:00'],
    // Begun on a Saturday: ten working hours were left, and still are.
    ['workingDays', '2026-11-23 10:00', '2026-11-21 12:00', '2026-11-26 09:00', '2026-11-26 19:00'],
    ['workingDays', '2026-11-20 10:00', '2026-11-19 10:00', '2026-11-20 16:00', '2026-11-23 16:00'],
  ] as const)('%s: due %s, paused %s, resumed %s, is due %s', (unit, due, paused, resumed, moved) => {
    const deadline = afterPause({ deadline: sure(due), pausedAt: at(paused), resumedAt: at(resumed), unit });
    expect(shown(deadline.at)).toBe(moved);
    expect(deadline.estimated).toBe(false);
  });

  it('of no length changes nothing', () => {
    fc.assert(
      fc.property(anyPause, (pause) => {
        expect(afterPause({ ...pause, resumedAt: pause.pausedAt })).toEqual(pause.deadline);
      }),
    );
  });

  it('leaves a deadline that had passed as it was', () => {
    fc.assert(
      fc.property(anyPause, fc.integer({ min: 1, max: 40 * DAY }), (pause, late) => {
        const pausedAt = plus(pause.deadline.at, late);
        expect(afterPause({ ...pause, pausedAt, resumedAt: plus(pausedAt, DAY) })).toEqual(pause.deadline);
      }),
    );
  });

  it('never brings a deadline forward, and leaves none behind the moment of resuming', () => {
    fc.assert(
      fc.property(anyPause, (pause) => {
        fc.pre(pause.deadline.at >= pause.pausedAt);
        const { at: moved } = afterPause(pause);
        expect(moved).toBeGreaterThanOrEqual(pause.deadline.at);
        expect(moved).toBeGreaterThanOrEqual(pause.resumedAt);
      }),
      { numRuns: 500 },
    );
  });

  it('keeps the time that was left, by its unit', () => {
    fc.assert(
      fc.property(anyPause, (pause) => {
        fc.pre(pause.deadline.at >= pause.pausedAt);
        const left = (from: EpochMs, to: EpochMs): number => (pause.unit === 'workingDays' ? workingTimeBetween(from, to) : to - from);
        expect(left(pause.resumedAt, afterPause(pause).at)).toBe(left(pause.pausedAt, pause.deadline.at));
      }),
      { numRuns: 500 },
    );
  });

  it('longer never makes a deadline earlier', () => {
    fc.assert(
      fc.property(anyPause, spans, (pause, longer) => {
        const moved = afterPause({ ...pause, resumedAt: plus(pause.resumedAt, longer) });
        expect(moved.at).toBeGreaterThanOrEqual(afterPause(pause).at);
      }),
    );
  });

  it('in two pieces is the same as in one', () => {
    fc.assert(
      fc.property(pauses, fc.double({ min: 0, max: 1, noNaN: true }), (pause, share) => {
        const between = epochMs(Math.round(pause.pausedAt + share * (pause.resumedAt - pause.pausedAt)));
        const first = afterPause({ ...pause, resumedAt: between });
        expect(afterPause({ ...pause, deadline: first, pausedAt: between }).at).toBe(afterPause(pause).at);
      }),
      { numRuns: 500 },
    );
  });

  it('of a deadline set on a free day, wholly within free days, leaves it due when it resumes', () => {
    const pause = { deadline: sure('2026-11-22 15:00'), pausedAt: at('2026-11-21 12:00'), resumedAt: at('2026-11-22 20:00') };
    expect(afterPause({ ...pause, unit: 'workingDays' })).toEqual(sure('2026-11-22 20:00'));
  });

  it('keeps the mark of an estimate, and sets it when it moves beyond the published years', () => {
    const pausedAt = at(`${LAST_YEAR}-12-01 12:00`);
    const deadline = { at: plus(pausedAt, DAY), estimated: false };
    const pause = { deadline, pausedAt, resumedAt: plus(pausedAt, 60 * DAY) };
    expect(afterPause({ ...pause, unit: 'workingDays' }).estimated).toBe(true);
    expect(afterPause({ ...pause, unit: 'days' }).estimated).toBe(false);
    for (const unit of UNITS) {
      const marked = { ...pause, deadline: { ...deadline, estimated: true }, resumedAt: plus(pausedAt, HOUR), unit };
      expect(afterPause(marked).estimated).toBe(true);
    }
  });
});

describe('pauseEnds', () => {
  const allowance = working(10);

  it('stops the clock for ten working days', () => {
    expect(pauseEnds(at('2026-02-13 10:00'), 0, allowance)).toEqual(sure('2026-03-05 10:00'));
  });

  it('has less left after an earlier pause', () => {
    expect(pauseEnds(at('2026-02-13 10:00'), 8 * DAY, allowance)).toEqual(sure('2026-02-24 10:00'));
  });

  it('ends where it begins when nothing is left', () => {
    expect(pauseEnds(at('2026-02-14 10:00'), 10 * DAY, allowance)).toEqual(sure('2026-02-14 10:00'));
    expect(pauseEnds(at('2026-02-14 10:00'), 11 * DAY, allowance)).toEqual(sure('2026-02-14 10:00'));
  });

  it('measures another unit by elapsed time', () => {
    expect(pauseEnds(at('2026-02-14 10:00'), 6 * HOUR, { amount: 2, unit: 'days' })).toEqual(sure('2026-02-16 04:00'));
  });

  it('grants the allowance and no more, however it is cut', () => {
    fc.assert(
      fc.property(someMoment, spans, spans, (pausedAt, pause, gap) => {
        const first = epochMs(Math.min(plus(pausedAt, pause), pauseEnds(pausedAt, 0, allowance).at));
        const used = workingTimeBetween(pausedAt, first);
        const again = plus(first, gap);
        expect(used + workingTimeBetween(again, pauseEnds(again, used, allowance).at)).toBe(10 * DAY);
      }),
    );
  });
});
