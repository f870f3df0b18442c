/** What counts as used: everything that is started, tested or, as its declaration says, deployed. */
import type { KnipConfig } from 'knip';
import { functionEntries } from './lib/bundle.ts';

const config: KnipConfig = {
  entry: ['bin/*.ts', 'test/**/*.ts', ...functionEntries().map(({ file }) => file)],
  project: ['bin/**/*.ts', 'lib/**/*.ts', 'functions/**/*.ts', 'test/**/*.ts'],
  ignoreDependencies: ['@img/sharp-wasm32'],
  exclude: ['types'],
  ignoreUnresolved: ['./client.ts'],
};

export default config;
