/** The demo's providers: one that works and has credit, one that has applied, one that is suspended with work open. */
import type { Runtime } from '../../functions/data/runtime.ts';
import { addDays, dayOf, HOUR, plus, startOfDay, type EpochMs } from '../../functions/kernel/time.ts';
import { providers } from '../../functions/providers/api.ts';
import { serviceRequests } from '../../functions/service-requests/api.ts';
import { inProcess, type InProcessCall } from './in-process.ts';
import type { TokenClaims } from './issuer.ts';

interface DemoWork {
  readonly daysAgo: number;
  readonly community: string;
  readonly service: string;
  readonly description: string;
  /** What is not resolved stays open. */
  readonly resolution?: string;
  readonly afterHours?: number;
  readonly level?: number;
}

export interface DemoProvider {
  readonly owner: string;
  readonly daysAgo: number;
  readonly application: unknown;
  readonly work: readonly DemoWork[];
  readonly steps: readonly { readonly daysAgo: number; readonly action: string; readonly body: unknown }[];
}

const DISPATCHER: TokenClaims = { sub: 'demo-dispatcher', roles: ['dispatcher'], division: '510104' };
const RESIDENT: TokenClaims = { sub: 'demo-resident', roles: ['resident'], division: '510104017001' };

/** Of a day, the hour at which people begin. */
const MORNING = 9 * HOUR;

/** Everything by its moment, as if it had happened then; the keys make a demo that was killed half-way go on where it was. */
export const playProviders = async (runtime: Runtime, demo: readonly DemoProvider[], now: EpochMs): Promise<void> => {
  const ago = (days: number): EpochMs => plus(startOfDay(addDays(dayOf(now), -days)), MORNING);
  const at = (moment: EpochMs, path: string, body: unknown, as: TokenClaims, key: string) => {
    const domain = path.startsWith('/v1/requests') ? serviceRequests : providers;
    const call: InProcessCall = { method: 'POST', path, as, body, key: `demo-provider-${key}` };
    return inProcess(domain.build({ ...runtime, now: () => moment }))(call) as Promise<{ readonly id: string }>;
  };
  for (const { owner, daysAgo, application, work, steps } of demo) {
    const { id } = await at(ago(daysAgo), '/v1/providers', application, { sub: owner, roles: ['resident'] }, owner);
    const crew: TokenClaims = { sub: `${owner}-crew`, roles: ['provider'], provider: id };
    const takeStep = ({ daysAgo: days, action, body }: DemoProvider['steps'][number]) =>
      at(ago(days), `/v1/providers/${id}/${action}`, body, DISPATCHER, `${owner}-${action}`);
    const doWork = async ({ daysAgo: days, resolution, afterHours = 0, level, ...asked }: DemoWork): Promise<void> => {
      const [begins, key] = [ago(days), `${owner}-${days}`];
      const request = await at(begins, '/v1/requests', { ...asked, channel: 'app' }, RESIDENT, key);
      const act = (hours: number, action: string, body: unknown, as: TokenClaims) =>
        at(plus(begins, hours * HOUR), `/v1/requests/${request.id}/${action}`, body, as, `${key}-${action}`);
      await act(1, 'assign', { to: { kind: 'provider', id } }, DISPATCHER);
      if (resolution === undefined) return;
      await act(2, 'start', {}, crew);
      await act(afterHours, 'resolve', { resolution }, crew);
      await act(afterHours + 1, 'rating', { level }, RESIDENT);
    };
    const happens = [
      ...steps.map((step) => ({ daysAgo: step.daysAgo, play: (): Promise<unknown> => takeStep(step) })),
      ...work.map((each) => ({ daysAgo: each.daysAgo, play: (): Promise<unknown> => doWork(each) })),
    ];
    for (const { play } of happens.toSorted((a, b) => b.daysAgo - a.daysAgo)) await play();
  }
};
