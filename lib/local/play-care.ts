/** The demo's people who are looked after, and visits of three months: most as they are asked for, one that found nobody, one that found need of help. */
import { care } from '../../functions/care/api.ts';
import type { Runtime } from '../../functions/data/runtime.ts';
import {
  addDays,
  addMonths,
  dayOf,
  HOUR,
  monthOf,
  plus,
  startOfDay,
  startOfMonth,
  toInstant,
  type EpochMs,
} from '../../functions/kernel/time.ts';
import { historyMonths } from './demo-history.ts';
import { inProcess } from './in-process.ts';
import type { TokenClaims } from './issuer.ts';

interface DemoVisit {
  /** This month, or so many before it. */
  readonly month: number;
  readonly day: number;
  readonly mode: string;
  readonly outcome: string;
  readonly note?: string;
}

export type DemoRecipient = Readonly<Record<string, unknown>> & {
  readonly volunteers: readonly string[];
  readonly visits: readonly DemoVisit[];
  /** What was found yesterday. */
  readonly help?: string;
};

const WORKER: TokenClaims = { sub: 'demo-worker', roles: ['worker'], division: '510104' };
const VISITED_AT = 10 * HOUR;
const HELPED_AT = 16 * HOUR;

/** Registered before the first of the demo's months; visits that would be still to come are not there. The keys make one that was killed go on. */
export const playCare = async (runtime: Runtime, demo: readonly DemoRecipient[], now: EpochMs): Promise<void> => {
  const [first = monthOf(now)] = historyMonths(now);
  const began = startOfMonth(first);
  const at = (moment: EpochMs) => inProcess(care.build({ ...runtime, now: () => moment }));
  for (const [index, { visits, help, ...person }] of demo.entries()) {
    const key = `demo-care-${index}`;
    const made = await at(began)({ method: 'POST', path: '/v1/care/recipients', as: WORKER, body: person, key });
    const path = `/v1/care/recipients/${(made as { readonly id: string }).id}/visits`;
    const visit = async (moment: EpochMs, as: TokenClaims, body: object, which: string): Promise<void> => {
      if (moment < now) await at(moment)({ method: 'POST', path, as, body: { at: toInstant(moment), ...body }, key: `${key}-${which}` });
    };
    const [volunteer] = person.volunteers;
    const visitor = volunteer === undefined ? WORKER : { sub: volunteer, roles: [] };
    for (const { month, day, ...found } of visits) {
      const on = addDays(dayOf(startOfMonth(addMonths(monthOf(now), month))), day - 1);
      await visit(plus(startOfDay(on), VISITED_AT), visitor, found, on);
    }
    if (help === undefined) continue;
    const yesterday = startOfDay(addDays(dayOf(now), -1));
    await visit(plus(yesterday, HELPED_AT), visitor, { mode: 'inPerson', outcome: 'needsHelp', note: help }, 'help');
  }
};
