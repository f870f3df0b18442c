/** `careDue`: reminds each community's desk of visits that are due and of those that were missed, in numbers alone, once a day. */
import type { Context } from 'aws-lambda';
import { catalogueReader } from '../catalogue/reader.ts';
import { lambda } from '../data/lambda.ts';
import type { Runtime } from '../data/runtime.ts';
import { scheduledInstant, type ScheduledEvent } from '../data/schedule.ts';
import { withUses } from '../data/scope.ts';
import { divisionsReader } from '../divisions/reader.ts';
import { cause } from '../kernel/cause.ts';
import type { DivisionCode } from '../kernel/division.ts';
import { inParallel } from '../kernel/parallel.ts';
import { fromInstant } from '../kernel/time.ts';
import { alertsInForce } from './alerts-in-force.ts';
import { isNothing, NOTHING, reminderOf, sumOf, tallyOf, type CarePlan, type Tally } from './due.ts';
import { ALL_COUNTIES, careRepository, recipientList } from './repository.ts';
import { careDue as declaration } from './schedules.ts';

const COUNTIES_AT_ONCE = 8;
const WRITES_AT_ONCE = 16;
const PAGE = 200;
const RESERVE_MS = 60_000;

export interface Reminded {
  readonly counties: number;
  readonly communities: number;
}

/**
 * Runs for the moment it is scheduled for. What it has behind it is noted by county, so that whoever tries again goes on where it stopped; once it
 * has all of them behind it, whoever runs it again looks into all of them again. A community that has been reminded that day is not reminded again,
 * so that whoever runs twice tells nobody twice.
 */
export const careDue = (outer: Runtime) => {
  const runtime = withUses(outer, declaration.uses, declaration.name);
  const { database, log } = runtime;
  const repository = careRepository(database);

  return async (
    { scheduledTime }: ScheduledEvent,
    { getRemainingTimeInMillis: remainingMs }: Pick<Context, 'getRemainingTimeInMillis'>,
  ): Promise<Reminded> => {
    const at = scheduledInstant({ scheduledTime });
    const now = fromInstant(at);
    const runId = `careDue#${at}`;

    const remind = async (county: DivisionCode, plan: CarePlan): Promise<number> => {
      const list = recipientList(county, true);
      const tallies = new Map<DivisionCode, Tally>();
      const alerts = await alertsInForce(database, [county], now);
      for (let to: string | undefined, more = true; more;) {
        const page = await repository.entriesBelow(list, PAGE, to);
        for (const entry of page.items)
          tallies.set(entry.community, sumOf(tallies.get(entry.community) ?? NOTHING, tallyOf(entry, { now, plan, alerts })));
        to = page.items.at(-1)?.listAt;
        more = page.more;
      }
      const due = [...tallies].filter(([, tally]) => !isNothing(tally));
      await inParallel(due, WRITES_AT_ONCE, ([community, tally]) =>
        repository.write([repository.putsReminder(community, reminderOf(tally, now, plan), now, runId)]),
      );
      await repository.write([repository.putsRemindedCounty(at, county)]);
      return due.length;
    };

    const plan = await catalogueReader(database).setting('careVisits');
    const all = await divisionsReader(database).counties();
    const before = await repository.remindedCounties(at);
    const counties = all.filter((county) => !before.has(county));
    const failures: unknown[] = [];
    let communities = 0;
    let done = 0;
    for (; done < counties.length && remainingMs() >= RESERVE_MS; done += COUNTIES_AT_ONCE) {
      const counts = await Promise.all(
        counties.slice(done, done + COUNTIES_AT_ONCE).map(async (county) => {
          try {
            return await remind(county, plan);
          } catch (error) {
            // One county's failure keeps no other waiting.
            failures.push(error);
            log({ level: 'error', code: 'careDueStuck', county, ...cause(error) });
            return 0;
          }
        }),
      );
      communities += counts.reduce((sum, each) => sum + each, 0);
    }
    log({ level: 'info', code: 'careReminded', counties: Math.min(done, counties.length), communities });
    if (failures.length > 0) throw new Error(`${failures.length} counties could not be reminded`, { cause: failures[0] });
    if (done < counties.length) throw new Error(`${counties.length - done} counties are left for another run`);
    await repository.write([repository.putsRemindedCounty(at, ALL_COUNTIES)]);
    return { counties: all.length, communities };
  };
};

export const handler = lambda(careDue);
