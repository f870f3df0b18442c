/** Warm calls: ours and the baseline in one process, in turn, in a few processes; the median of what each pair of turns says. */
import type { Fixture } from './fixture.ts';
import { answerOf } from './processes.ts';

export interface Warm {
  readonly name: string;
  readonly functionName: string;
  /** Microseconds of CPU a call, medians. */
  readonly ours: number;
  readonly baseline: number;
  /** Median of the pairs' ratios, less 1. */
  readonly above: number;
}

const PROCESSES = 3;

const median = (numbers: readonly number[]): number => {
  const sorted = numbers.toSorted((a, b) => a - b);
  return ((sorted[Math.floor((sorted.length - 1) / 2)] ?? 0) + (sorted[Math.ceil((sorted.length - 1) / 2)] ?? 0)) / 2;
};

export const measureWarm = async (
  { pairs, environment }: Fixture,
  { mainOf, turns, told }: { readonly mainOf: (name: string) => string; readonly turns: number; readonly told: (done: number) => void },
): Promise<readonly Warm[]> => {
  const measured: Warm[] = [];
  for (const { name, functionName, event, baseline } of pairs) {
    const each: (readonly [number, number])[] = [];
    // What V8 makes of the code differs from process to process.
    for (let process = 0; process < PROCESSES; process++) {
      each.push(
        ...(await answerOf<readonly (readonly [number, number])[]>(
          mainOf('warm-process'),
          [
            JSON.stringify({
              ours: { file: mainOf(functionName), event },
              baseline: { file: mainOf('baseline'), event: baseline },
              warmUp: 2500,
              calls: 100,
              turns,
            }),
          ],
          environment,
        )),
      );
    }
    measured.push({
      name,
      functionName,
      ours: median(each.map(([ours]) => ours)),
      baseline: median(each.map(([, other]) => other)),
      above: median(each.map(([ours, other]) => ours / other)) - 1,
    });
    told(measured.length);
  }
  return measured;
};
