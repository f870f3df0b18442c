import { expect, onTestFinished, test } from 'vitest';
import { epochMs, HOUR, MINUTE, SECOND, DAY } from '../../functions/kernel/time.ts';
import { startSchedules, type LocalSchedule, type Schedules } from '../../lib/local/schedules.ts';
import { gate, logLines, turnedClock } from './support/local.ts';

const start = (
  schedules: readonly LocalSchedule[],
  clock: ReturnType<typeof turnedClock>,
  log: (line: { code: string }) => void = () => undefined,
): Schedules => {
  const started = startSchedules({ schedules, now: clock.now, log });
  onTestFinished(() => started.stop());
  return started;
};

const recorder = (): { readonly events: unknown[]; readonly handler: LocalSchedule['handler'] } => {
  const events: unknown[] = [];
  return { events, handler: async (event) => void events.push(event) };
};

const monthly = { name: 'monthlyMetrics', cron: '30 0 1 * *', timeZone: 'Asia/Shanghai' };

test('a schedule runs at its time in its zone and is told that time, not the clock', async () => {
  const clock = turnedClock('2026-11-30T16:29:59.000Z');
  const { events, handler } = recorder();
  const schedules = start([{ ...monthly, handler }], clock);
  await schedules.check();
  expect(events).toEqual([]);
  clock.turn(7 * SECOND + 123);
  await schedules.check();
  // 00:30 on the 1st of December in Shanghai.
  expect(events).toEqual([{ scheduledTime: '2026-11-30T16:30:00Z' }]);
  await schedules.check();
  clock.turn(30 * DAY);
  await schedules.check();
  expect(events).toHaveLength(1);
  clock.turn(DAY);
  await schedules.check();
  expect(events).toEqual([{ scheduledTime: '2026-11-30T16:30:00Z' }, { scheduledTime: '2026-12-31T16:30:00Z' }]);
});

test('it runs exactly at its time, again at the next, and once for all times that were slept through', async () => {
  const clock = turnedClock('2026-11-24T05:50:00.000Z');
  const { events, handler } = recorder();
  const schedules = start([{ name: 'requestClocks', cron: '*/15 * * * *', timeZone: 'Asia/Shanghai', handler }], clock);
  clock.turn(10 * MINUTE);
  await schedules.check();
  clock.turn(15 * MINUTE);
  await schedules.check();
  clock.turn(10 * HOUR + 5 * MINUTE);
  await schedules.check();
  await schedules.check();
  expect(events).toEqual([
    { scheduledTime: '2026-11-24T06:00:00Z' },
    { scheduledTime: '2026-11-24T06:15:00Z' },
    { scheduledTime: '2026-11-24T16:15:00Z' },
  ]);
});

test('it happens by itself', async () => {
  const clock = turnedClock();
  const ran = gate();
  start([{ name: 'often', cron: '* * * * *', timeZone: 'Asia/Shanghai', handler: async () => ran.open() }], clock);
  clock.turn(MINUTE);
  await ran.opened;
});

test('run answers when the function is done, at the time that is asked for', async () => {
  const clock = turnedClock('2026-11-24T06:07:08.999Z');
  const events: unknown[] = [];
  const schedules = start(
    [
      {
        ...monthly,
        handler: async (event, context) => {
          events.push(event, context.functionName, context.getRemainingTimeInMillis() > 14 * MINUTE);
          return 'done';
        },
      },
    ],
    clock,
  );
  expect(await schedules.run('monthlyMetrics', epochMs(Date.parse('2027-02-28T16:30:00.000Z')))).toEqual({ ok: true, value: 'done' });
  // Named to the millisecond or not at all: the next whole second, so that what has happened in this one is counted.
  expect(await schedules.run('monthlyMetrics')).toEqual({ ok: true, value: 'done' });
  expect(await schedules.run('noSuch')).toEqual({ ok: false, error: 'unknownSchedule' });
  expect(events).toEqual([
    { scheduledTime: '2027-02-28T16:30:00Z' },
    'monthlyMetrics',
    true,
    { scheduledTime: '2026-11-24T06:07:09Z' },
    'monthlyMetrics',
    true,
  ]);
});

test('a run that fails is logged, told to who asked for it, and comes again at its next time', async () => {
  const clock = turnedClock('2026-11-24T05:59:00.000Z');
  const { log, lines } = logLines();
  let runs = 0;
  const schedules = start(
    [
      {
        name: 'fails',
        cron: '0 * * * *',
        timeZone: 'Asia/Shanghai',
        handler: async () => {
          runs += 1;
          throw new RangeError('13800000000');
        },
      },
    ],
    clock,
    (line) => log({ level: 'error', ...line }),
  );
  clock.turn(MINUTE);
  await schedules.check();
  clock.turn(HOUR);
  await schedules.check();
  expect(runs).toBe(2);
  expect(lines[0]).toMatchObject({
    level: 'error',
    code: 'scheduleFailed',
    schedule: 'fails',
    scheduledTime: '2026-11-24T06:00:00Z',
    error: 'RangeError',
  });
  expect(JSON.stringify(lines)).not.toContain('13800000000');
  await expect(schedules.run('fails')).rejects.toThrow(RangeError);
});

test('a schedule waits for its own run before and not for others; stop waits for what runs', async () => {
  const clock = turnedClock('2026-11-24T05:59:00.000Z');
  const goOn = gate();
  let slowRuns = 0;
  const { events, handler } = recorder();
  const schedules = start(
    [
      {
        name: 'slow',
        cron: '*/10 * * * *',
        timeZone: 'Asia/Shanghai',
        handler: async () => {
          slowRuns += 1;
          await goOn.opened;
        },
      },
      { name: 'quick', cron: '*/10 * * * *', timeZone: 'Asia/Shanghai', handler },
    ],
    clock,
  );
  clock.turn(MINUTE);
  const first = schedules.check();
  clock.turn(10 * MINUTE);
  const second = schedules.check();
  const stopped = schedules.stop();
  expect(slowRuns).toBe(1);
  goOn.open();
  await Promise.all([first, second, stopped]);
  expect(events.length).toBeGreaterThanOrEqual(1);
  clock.turn(10 * MINUTE);
  await schedules.check();
  expect(slowRuns).toBe(1);
});

test('a pattern or a zone that is none is refused at the start', () => {
  const clock = turnedClock();
  const { handler } = recorder();
  expect(() => start([{ name: 'x', cron: 'every day', timeZone: 'Asia/Shanghai', handler }], clock)).toThrow();
  expect(() => start([{ name: 'x', cron: '0 0 * * *', timeZone: 'Asia/Chengdoo', handler }], clock)).toThrow();
});
