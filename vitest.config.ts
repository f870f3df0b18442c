import { accessSync, constants, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { defineConfig } from 'vitest/config';

const ENOUGH_BYTES = 2 ** 31;

/** In memory where the machine has room there: what tests store is not to last, and disks are slow. */
const folder = (): string => {
  try {
    const { bavail, bsize } = statfsSync('/dev/shm');
    accessSync('/dev/shm', constants.W_OK);
    return bavail * bsize >= ENOUGH_BYTES ? '/dev/shm' : tmpdir();
  } catch {
    return tmpdir();
  }
};

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    // Much is short-lived: with more room for it, less of the time goes into collecting it.
    execArgv: ['--max-semi-space-size=64'],
    // To load the SDK and ourselves anew for each file takes a third of the time; no test leaves anything behind in a module.
    isolate: false,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Days and clocks are Shanghai's whatever the machine's own zone is.
    env: { TZ: 'America/New_York', TMPDIR: folder() },
  },
});
