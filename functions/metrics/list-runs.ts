/** How far runs have come, for who waits for a month to close. */
import type { Run } from '../http/call.ts';
import { limitOf } from '../http/schema.ts';
import { ok } from '../kernel/result.ts';
import type { listRuns as declaration } from './contract.ts';
import { runRepository, type PieceLevel, type RunState } from './run-repository.ts';

const LEVELS: readonly PieceLevel[] = ['county', 'city', 'province'];
const MOST_OPEN = 20;

export const listRuns: Run<typeof declaration> = async ({ runtime, query }) => {
  const runs = runRepository(runtime.database);
  const newest = await runs.newest(limitOf(query.limit));
  const progress = async (run: RunState): Promise<{ done: number; open: string[] }> => {
    if (run.status === 'done') return { done: run.pieces, open: [] };
    const pieces = (await Promise.all(LEVELS.map((level) => runs.pieces(run.id, level)))).flat();
    const open = pieces.filter(({ change }) => change !== 'done').map(({ division }) => division);
    return { done: pieces.length - open.length, open: open.slice(0, MOST_OPEN) };
  };
  const items = await Promise.all(
    newest.map(async (run) => ({
      schedule: run.schedule,
      scheduledTime: run.scheduledTime,
      status: run.status,
      closes: run.closes,
      pieces: run.pieces,
      ...(await progress(run)),
    })),
  );
  return ok({ status: 200, body: { items, next: null } });
};
