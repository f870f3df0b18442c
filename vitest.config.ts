import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Days and clocks are Shanghai's whatever the machine's own zone is.
    env: { TZ: 'America/New_York' },
  },
});
