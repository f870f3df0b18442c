/** Warm calls: two bundles in one process take turns, and tell the parent the CPU of a call in each turn. Their log lines go where stdout goes. */
import { argv } from 'node:process';

interface Side {
  readonly file: string;
  readonly event: unknown;
}
const { ours, baseline, warmUp, turns, calls } = JSON.parse(argv[2] ?? '') as {
  readonly ours: Side;
  readonly baseline: Side;
  readonly warmUp: number;
  readonly turns: number;
  readonly calls: number;
};

type Turn = (calls: number) => Promise<number>;
const context = { getRemainingTimeInMillis: () => 30_000 };
/** Answers with the microseconds of CPU that a call takes. */
const turnOf = async ({ file, event }: Side): Promise<Turn> => {
  const { handler } = (await import(file)) as { handler: (event: unknown, context: unknown) => Promise<{ statusCode: number }> };
  return async (count) => {
    let total = 0;
    for (let done = 0; done < count; done++) {
      // Each event is its own, as Lambda's are, and was made by somebody else; both sides leave the same garbage of it.
      const [each] = structuredClone([event, ours.event]);
      const before = process.cpuUsage();
      const { statusCode } = await handler(each, context);
      const { user, system } = process.cpuUsage(before);
      if (statusCode !== 200) throw new Error(`answered ${statusCode}`);
      total += user + system;
    }
    return total / count;
  };
};

const [one, other] = [await turnOf(ours), await turnOf(baseline)];
await one(warmUp);
await other(warmUp);
const measured: [ours: number, baseline: number][] = [];
for (let done = 0; done < turns; done++) {
  // Whoever always came second would always find the other's garbage.
  if (done % 2 === 0) measured.push([await one(calls), await other(calls)]);
  else {
    const second = await other(calls);
    measured.push([await one(calls), second]);
  }
}
process.send?.(measured, () => process.exit(0));
