import cliProgress from 'cli-progress';

/** A bar on a terminal, and a line now and then elsewhere. */
export const progressBar = (what: string, total: number): cliProgress.SingleBar => {
  const bar = new cliProgress.SingleBar(
    { format: `${what} {bar} {value}/{total} | {percentage} % | {eta_formatted} left`, noTTYOutput: true, notTTYSchedule: 2000 },
    cliProgress.Presets.shades_classic,
  );
  bar.start(total, 0);
  return bar;
};
