/** Cold starts: fresh processes, ours and raw in turn; of each the least CPU that importing and the first call took. */
import type { Fixture } from './fixture.ts';
import { answerOf } from './processes.ts';

export interface Cold {
  readonly name: string;
  readonly functionName: string;
  /** Milliseconds of CPU. */
  readonly ours: number;
  readonly raw: number;
  /** Raw as esbuild bundles it without our plugin. */
  readonly plain: number;
}

export const measureCold = async (
  { pairs, environment }: Fixture,
  { mainOf, rounds, told }: { readonly mainOf: (name: string) => string; readonly rounds: number; readonly told: (done: number) => void },
): Promise<readonly Cold[]> => {
  const once = async (name: string, event: unknown): Promise<number> => {
    const { statusCode, microseconds } = await answerOf<{ statusCode: number; microseconds: number }>(
      mainOf('cold-process'),
      [mainOf(name), JSON.stringify(event)],
      environment,
    );
    if (statusCode !== 200) throw new Error(`${name} answered ${statusCode}`);
    return microseconds / 1000;
  };
  let least: readonly Cold[] = pairs.map(({ name, functionName }) => ({
    name,
    functionName,
    ours: Infinity,
    raw: Infinity,
    plain: Infinity,
  }));
  for (let round = 0; round < rounds; round++) {
    const next: Cold[] = [];
    for (const [index, { functionName, event, raw }] of pairs.entries()) {
      const best = least[index];
      if (best === undefined) continue;
      next.push({
        ...best,
        ours: Math.min(best.ours, await once(functionName, event)),
        raw: Math.min(best.raw, await once('raw', raw)),
        plain: Math.min(best.plain, await once('raw-plain', raw)),
      });
    }
    least = next;
    told(round + 1);
  }
  return least;
};
