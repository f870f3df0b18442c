import type { Run } from '../http/call.ts';
import { ok } from '../kernel/result.ts';
import type { listIndicators as declaration } from './contract.ts';
import { cacheFor } from './read-metrics.ts';
import { INDICATORS } from './sources.ts';

export const listIndicators: Run<typeof declaration> = ({ caller }) =>
  Promise.resolve(
    ok({
      status: 200,
      body: {
        items: INDICATORS.map(({ id, names, definition, numerator, denominator, unit, target, targetIn, source, sensitive }) => ({
          id,
          names,
          definition,
          numerator,
          denominator,
          unit,
          target: target ?? null,
          targetIn: targetIn ?? null,
          source,
          sensitive,
        })),
        next: null,
      },
      ...cacheFor(caller, 'final'),
    }),
  );
