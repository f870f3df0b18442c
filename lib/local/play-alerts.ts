/** The demo's alerts: one that is over, an exercise, one that is active; and where help is. Each issued by its own clock. */
import { alerts } from '../../functions/alerts/api.ts';
import type { Runtime } from '../../functions/data/runtime.ts';
import { HOUR, plus, toInstant, type EpochMs } from '../../functions/kernel/time.ts';
import { places } from '../../functions/places/api.ts';
import { inProcess } from './in-process.ts';
import type { TokenClaims } from './issuer.ts';

export interface DemoAlerts {
  readonly facilities: readonly ({ readonly id: string } & Readonly<Record<string, unknown>>)[];
  readonly alerts: readonly {
    readonly hoursBefore: number;
    /** Hours. */
    readonly lasts: number;
    readonly cancelled?: { readonly after: number; readonly reason: string };
    readonly alert: object;
  }[];
}

const WORKER: TokenClaims = { sub: 'demo-worker', roles: ['worker'], division: '510104' };
const OFFICER: TokenClaims = { sub: 'demo-officer', roles: ['alertOfficer'], division: '510104' };

/** The keys make a demo that was killed half-way go on where it was. */
export const playAlerts = async (runtime: Runtime, demo: DemoAlerts, now: EpochMs): Promise<void> => {
  const put = inProcess(places.build(runtime));
  for (const { id, ...body } of demo.facilities) await put({ method: 'PUT', path: `/v1/facilities/${id}`, as: WORKER, body });
  const at = (moment: EpochMs) => inProcess(alerts.build({ ...runtime, now: () => moment }));
  for (const [index, { hoursBefore, lasts, cancelled, alert }] of demo.alerts.entries()) {
    const begins = plus(now, -hoursBefore * HOUR);
    const body = { ...alert, expires: toInstant(plus(begins, lasts * HOUR)) };
    const made = await at(begins)({ method: 'POST', path: '/v1/alerts', as: OFFICER, body, key: `demo-alert-${index}` });
    const { id } = made as { id: string };
    if (cancelled !== undefined)
      await at(plus(begins, cancelled.after * HOUR))({
        method: 'POST',
        path: `/v1/alerts/${id}/cancel`,
        as: OFFICER,
        body: { reason: cancelled.reason },
        key: `demo-alert-${index}-over`,
      });
  }
};
