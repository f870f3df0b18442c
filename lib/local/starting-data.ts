/** What a new folder begins with: the catalogue, and on request a believable day in Jinjiang, Chengdu. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Runtime } from '../../functions/data/runtime.ts';
import {
  addDays,
  dayOf,
  fromInstant,
  HOUR,
  MINUTE,
  monthOf,
  plus,
  startOfDay,
  startOfMonth,
  toInstant,
  type EpochMs,
  type Instant,
} from '../../functions/kernel/time.ts';
import { catalogue } from '../../functions/catalogue/api.ts';
import { divisions } from '../../functions/divisions/api.ts';
import { serviceRequests } from '../../functions/service-requests/api.ts';
import { readCsv } from './csv.ts';
import { foundationYear, type FoundationTexts } from './demo-foundation.ts';
import { demoHistory, historyMonths } from './demo-history.ts';
import { importRows } from './import-rows.ts';
import { inProcess } from './in-process.ts';
import type { TokenClaims } from './issuer.ts';
import { playAlerts, type DemoAlerts } from './play-alerts.ts';
import { playCare, type DemoRecipient } from './play-care.ts';
import { playFoundation } from './play-foundation.ts';
import { playSurveys, type DemoSurvey } from './play-surveys.ts';
import { playPlaces, type DemoPlaces } from './play-places.ts';
import { playProviders, type DemoProvider } from './play-providers.ts';
import { writeAtomically } from './write-atomically.ts';

const DATA = join(import.meta.dirname, '..', 'data');
const MARK = 'starting-data.json';
const BEGUN = 'starting-data-begun.json';
const AT_ONCE = 8;

const ADMIN: TokenClaims = { sub: 'starting-data', roles: ['admin'] };
const DEMO_PEOPLE: Readonly<Record<'resident' | 'worker' | 'dispatcher', TokenClaims>> = {
  resident: { sub: 'demo-resident', roles: ['resident'], division: '510104017001' },
  worker: { sub: 'demo-worker', roles: ['worker'], division: '510104' },
  dispatcher: { sub: 'demo-dispatcher', roles: ['dispatcher'], division: '510104' },
};

const json = (...path: string[]): unknown => JSON.parse(readFileSync(join(DATA, ...path), 'utf8'));

interface StartingCatalogue {
  readonly programmes: readonly unknown[];
  readonly services: readonly ({ readonly code: string } & Record<string, unknown>)[];
}

/** Reaches the catalogue; answers with undefined for what is not there. */
type CatalogueCall = (call: { method: 'GET' | 'PUT'; path: string; as: TokenClaims; body?: unknown }) => Promise<unknown>;

const hasProgrammes = (setting: unknown): boolean =>
  typeof setting === 'object' && setting !== null && 'value' in setting && Array.isArray(setting.value) && setting.value.length > 0;

/** Puts the programmes and services that a deployment begins with; what is there already stays as it is. */
export const loadCatalogue = async (call: CatalogueCall, told: (done: number, all: number) => void = () => undefined): Promise<void> => {
  const { programmes, services } = json('catalogue.json') as StartingCatalogue;
  const setting = '/v1/settings/programmes';
  if (!hasProgrammes(await call({ method: 'GET', path: setting, as: ADMIN }))) {
    await call({ method: 'PUT', path: setting, as: ADMIN, body: { value: programmes } });
  }
  const put = async ({ code, ...service }: StartingCatalogue['services'][number]): Promise<void> => {
    const path = `/v1/services/${code}`;
    if ((await call({ method: 'GET', path, as: ADMIN })) === undefined) {
      await call({ method: 'PUT', path, as: ADMIN, body: { ...service, startingValues: true } });
    }
  };
  for (let start = 0; start < services.length; start += AT_ONCE) {
    const chunk = services.slice(start, start + AT_ONCE);
    await Promise.all(chunk.map(put));
    told(start + chunk.length, services.length);
  }
};

interface DemoAction {
  readonly after: string;
  readonly action: string;
  readonly as: 'requester' | 'worker' | 'dispatcher';
  readonly body: unknown;
}

interface DemoRequest {
  readonly at: string;
  readonly by: 'resident' | 'worker';
  readonly then: readonly DemoAction[];
}

const clock = (text: string): number => {
  const [hours = 0, minutes = 0] = text.split(':').map(Number);
  return hours * HOUR + minutes * MINUTE;
};

/** Plays the months before it, in a few threads: what happens to one request happens in its order. */
const playHistory = async (runtime: Runtime, templates: readonly DemoRequest[], now: EpochMs): Promise<void> => {
  const past = demoHistory(templates, startOfDay(addDays(dayOf(now), -1)));
  for (let start = 0; start < past.length; start += AT_ONCE) {
    await Promise.all(
      past.slice(start, start + AT_ONCE).map(async ({ template, at: begins, steps }, index) => {
        const { at: _at, by, then: _then, ...body } = template;
        const key = `demo-past-${start + index}`;
        const call = (moment: EpochMs) => inProcess(serviceRequests.build({ ...runtime, now: () => moment }));
        const { id } = (await call(begins)({ method: 'POST', path: '/v1/requests', as: DEMO_PEOPLE[by], body, key })) as { id: string };
        for (const { at: moment, action, as, body: input } of steps) {
          const who = as === 'requester' ? DEMO_PEOPLE[by] : DEMO_PEOPLE[as];
          await call(moment)({ method: 'POST', path: `/v1/requests/${id}/${action}`, as: who, body: input, key: `${key}-${action}` });
        }
      }),
    );
  }
};

/** Plays the demo's day, the day before today, with its own clock. */
const playDemo = async (runtime: Runtime, requests: readonly DemoRequest[], now: EpochMs): Promise<void> => {
  const midnight = startOfDay(addDays(dayOf(now), -1));
  const at = (moment: EpochMs) => inProcess(serviceRequests.build({ ...runtime, now: () => moment }));
  // The keys make a demo that was killed half-way go on where it was.
  for (const [index, { at: time, by, then, ...body }] of requests.entries()) {
    const begins = plus(midnight, clock(time));
    const { id } = (await at(begins)({ method: 'POST', path: '/v1/requests', as: DEMO_PEOPLE[by], body, key: `demo-${index}` })) as {
      id: string;
    };
    for (const [step, { after, action, as, body: input }] of then.entries()) {
      const who = as === 'requester' ? DEMO_PEOPLE[by] : DEMO_PEOPLE[as];
      await at(plus(begins, clock(after)))({
        method: 'POST',
        path: `/v1/requests/${id}/${action}`,
        as: who,
        body: input,
        key: `demo-${index}-${step}`,
      });
    }
  }
};

/** As of when the demo is: one that was killed half-way goes on as of the moment on which it began, for which its keys stand. */
const begunAt = (dataFolder: string | undefined, now: EpochMs): EpochMs => {
  if (dataFolder === undefined) return now;
  const file = join(dataFolder, BEGUN);
  if (existsSync(file)) return fromInstant((JSON.parse(readFileSync(file, 'utf8')) as { at: Instant }).at);
  writeAtomically(file, JSON.stringify({ at: toInstant(now) }), { durable: true });
  return now;
};

/** Fills a folder that has no data yet; one that has is left as it is. Answers whether the demo has come in now. */
export const loadStartingData = async ({
  runtime,
  dataFolder,
  demo,
  onDemo,
  turnSandbox,
}: {
  readonly runtime: Runtime;
  readonly dataFolder: string | undefined;
  readonly demo: boolean;
  /** Told before the demo is laid out. */
  readonly onDemo: () => void;
  /** Sets the clock of the sandbox while the demo pays with it; undefined gives it the system's again. */
  readonly turnSandbox: (moment: EpochMs | undefined) => void;
}): Promise<boolean> => {
  const mark = dataFolder === undefined ? undefined : join(dataFolder, MARK);
  if (mark !== undefined && existsSync(mark)) return false;
  if (demo) onDemo();
  await loadCatalogue(inProcess(catalogue.build(runtime)));
  if (demo) {
    const { rows } = readCsv(readFileSync(join(DATA, 'demo', 'divisions.csv')));
    const began = begunAt(dataFolder, runtime.now());
    const [first = monthOf(began)] = historyMonths(began);
    // They were there before anything that happens in them.
    const call = inProcess(divisions.build({ ...runtime, now: () => startOfMonth(first) }));
    const result = await importRows(rows, (chunk) =>
      call({
        method: 'POST',
        path: '/v1/imports/divisions',
        as: ADMIN,
        body: { rows: chunk.map(({ line, cells }) => ({ ...cells, line })) },
      }),
    );
    if (result.errors.length > 0) throw new Error(`the demo's divisions do not go in: ${JSON.stringify(result.errors[0])}`);
    const requests = json('demo', 'requests.json') as readonly DemoRequest[];
    const year = foundationYear(json('demo', 'foundation.json') as FoundationTexts, began, Object.keys(runtime.payments)[0]);
    await Promise.all([
      playHistory(runtime, requests, began).then(() => playDemo(runtime, requests, began)),
      playFoundation(runtime, year, turnSandbox),
      playAlerts(runtime, json('demo', 'alerts.json') as DemoAlerts, began),
      playSurveys(runtime, json('demo', 'surveys.json') as readonly DemoSurvey[], began),
      playPlaces(runtime, json('demo', 'places.json') as DemoPlaces, began),
      playCare(runtime, json('demo', 'care.json') as readonly DemoRecipient[], began),
      playProviders(runtime, json('demo', 'providers.json') as readonly DemoProvider[], began),
    ]);
  }
  if (mark !== undefined) writeAtomically(mark, JSON.stringify({ demo }), { durable: true });
  if (dataFolder !== undefined) rmSync(join(dataFolder, BEGUN), { force: true });
  return demo;
};
