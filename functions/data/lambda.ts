import type { Context } from 'aws-lambda';
import { runtimeFromEnvironment, type Runtime } from './runtime.ts';

/** The Lambda entry of something that is built from a runtime: built at the first event, so that importing it asks for nothing. */
export const lambda = <E, R>(
  build: (runtime: Runtime) => (event: E, context: Context) => Promise<R>,
): ((event: E, context: Context) => Promise<R>) => {
  let built: ((event: E, context: Context) => Promise<R>) | undefined;
  return (event, context) => (built ??= build(runtimeFromEnvironment()))(event, context);
};
