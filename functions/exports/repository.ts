/** Jobs in DynamoDB. */
import { createHash } from 'node:crypto';
import { conditionOn, type ConditionFailed, type Database, type Item, type Write } from '../data/database.ts';
import type { Result } from '../kernel/result.ts';
import type { Job } from './job.ts';
import { exportsTable } from './table.ts';

interface Asked extends Item {
  readonly job: string;
  readonly version: number;
}

const jobKey = (id: string) => ({ pk: `JOB#${id}`, sk: 'JOB' });

/** Who asks for the same with the same rights: it says nothing of them. */
const askedKey = ({ caller, division, month }: Pick<Job, 'caller' | 'division' | 'month'>) => ({
  pk: `ASKED#${createHash('sha256')
    .update(JSON.stringify([caller.sub, caller.roles, caller.division ?? null, caller.provider ?? null, division, month]))
    .digest('base64url')}`,
  sk: 'ASKED',
});

export const exportRepository = (database: Database) => ({
  /** A job as it is now: who looks again sees no less of it. */
  read: (id: string): Promise<(Job & Item) | undefined> => database.read(exportsTable, jobKey(id)),
  /** Which job was made last for the same. */
  asked: (job: Pick<Job, 'caller' | 'division' | 'month'>): Promise<Asked | undefined> => database.read(exportsTable, askedKey(job)),
  makes: (job: Job, before: Asked | undefined, requestId: string): readonly Write[] => {
    const item = { ...job, ...jobKey(job.id), requestId };
    const asked = { ...askedKey(job), job: job.id, version: (before?.version ?? 0) + 1, requestId, expiresAt: job.expiresAt };
    return [
      { table: exportsTable, put: item, condition: { kind: 'absent' } },
      { table: exportsTable, put: asked, condition: conditionOn(before) },
    ];
  },
  changes: (job: Job, before: Job, requestId: string): Write => {
    const item = { ...job, ...jobKey(job.id), requestId };
    return { table: exportsTable, put: item, condition: { kind: 'version', version: before.version } };
  },
  write: (writes: readonly Write[]): Promise<Result<void, ConditionFailed>> => database.write(writes),
});
