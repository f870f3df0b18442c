/** `requestClocks`: raises what is late, ends pauses whose allowance is spent, closes what was resolved for long enough. */
import type { Context } from 'aws-lambda';
import type { Runtime } from '../data/runtime.ts';
import { scheduledInstant, type ScheduledEvent } from '../data/schedule.ts';
import { lambda } from '../data/lambda.ts';
import { withUses } from '../data/scope.ts';
import { cause } from '../kernel/cause.ts';
import { fromInstant, type EpochMs } from '../kernel/time.ts';
import { dependencies, termsOf, type Dependencies } from './dependencies.ts';
import { requestClocks as declaration } from './schedules.ts';
import { DUE_SHARDS } from './repository.ts';
import { nextDue, type ServiceRequest } from './service-request.ts';
import { closeByTime, endPauseByTime, escalate } from './transitions.ts';

const PAGE = 100;
const AT_ONCE = 8;
/** One request has at most this many steps behind it: three levels by two clocks, a pause, a closing. */
const MOST_STEPS = 10;

const advance = async (deps: Dependencies, request: ServiceRequest, at: EpochMs): Promise<ServiceRequest | undefined> => {
  const due = nextDue(request);
  if (due === undefined || due.at > at) return undefined;
  switch (due.what) {
    case 'escalate':
      return escalate(request, due.clock, at);
    case 'close':
      return closeByTime(request, at);
    case 'endPause':
      return endPauseByTime(request, at, (await termsOf(deps, request)).resolveWithin);
  }
};

/** Brings one request to `at`, a step at a time: each step is told once. Whoever changes it meanwhile goes first. */
const bringUpToDate = async (deps: Dependencies, pk: string, at: EpochMs, runId: string): Promise<number> => {
  for (let steps = 0; steps < MOST_STEPS;) {
    const request = await deps.requests.readByPartition(pk);
    if (request === undefined) return steps;
    const next = await advance(deps, request, at);
    if (next === undefined) return steps;
    const written = await deps.requests.write([deps.requests.changes(next, request.version, `${runId}#${request.id}#${next.version}`)]);
    if (written.ok) steps += 1;
  }
  return MOST_STEPS;
};

export interface ClocksDone {
  readonly requests: number;
  readonly steps: number;
}

/**
 * Runs for the moment it is scheduled for, never for the clock's. What a run leaves, since its time is up, the next one finds: every step
 * moves its request along the index that it is found by.
 */
export const requestClocks = (outer: Runtime) => {
  const runtime = withUses(outer, declaration.uses, declaration.name);
  const deps = dependencies(runtime);
  return async (
    { scheduledTime }: ScheduledEvent,
    { getRemainingTimeInMillis: remainingMs }: Pick<Context, 'getRemainingTimeInMillis'>,
  ): Promise<ClocksDone> => {
    const at = fromInstant(scheduledInstant({ scheduledTime }));
    const runId = `requestClocks#${scheduledTime}`;
    let requests = 0;
    let steps = 0;
    const failures: unknown[] = [];
    /** What fails keeps nothing else waiting: it is told at once, and once more by the run's own failure. */
    const orTold = async <T>(work: Promise<T>, otherwise: T, where: { readonly shard: number; readonly request?: string }): Promise<T> => {
      try {
        return await work;
      } catch (error) {
        failures.push(error);
        runtime.log({ level: 'error', code: 'requestClocksStuck', ...where, ...cause(error) });
        return otherwise;
      }
    };
    for (let shard = 0; shard < DUE_SHARDS; shard++) {
      const seen = new Set<string>();
      for (;;) {
        const due = (await orTold(deps.requests.due(shard, at, PAGE), [], { shard })).filter((pk) => !seen.has(pk));
        if (due.length === 0 || remainingMs() < 60_000) break;
        for (let start = 0; start < due.length; start += AT_ONCE) {
          const done = await Promise.all(
            due.slice(start, start + AT_ONCE).map((pk) => orTold(bringUpToDate(deps, pk, at, runId), 0, { shard, request: pk })),
          );
          requests += done.length;
          steps += done.reduce((sum, each) => sum + each, 0);
        }
        for (const pk of due) seen.add(pk);
      }
      runtime.log({ level: 'info', code: 'requestClocksProgress', shard: shard + 1, shards: DUE_SHARDS, requests, steps });
    }
    if (failures.length > 0) throw new Error(`${failures.length} of the due requests or lists failed`, { cause: failures[0] });
    return { requests, steps };
  };
};

export const handler = lambda(requestClocks);
