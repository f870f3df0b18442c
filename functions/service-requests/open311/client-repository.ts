/** Clients of the Open311 face, and what they call their own reports, in DynamoDB. */
import { createHash } from 'node:crypto';
import { conditionOn, type ConditionFailed, type Database, type Key, type Page, type Write } from '../../data/database.ts';
import type { Result } from '../../kernel/result.ts';
import { serviceRequestsTable } from '../table.ts';
import type { ApiClient } from './client.ts';

const CLIENTS = 'CLIENTS';
/** Each lies by itself, since every call with its key reads it; and once more in the list of all. */
const keyOf = (id: string): Key => ({ pk: `CLIENT#${id}`, sk: 'CLIENT' });
const listKeyOf = (id: string): Key => ({ pk: CLIENTS, sk: id });

/** What a client calls something of its own, once. */
export interface Reference {
  readonly client: string;
  readonly kind: 'report' | 'update';
  readonly name: string;
}

const referenceKey = ({ client, kind, name }: Reference): Key => ({
  pk: `CLIENT#${client}#${kind}#${createHash('sha256').update(name).digest('base64url')}`,
  sk: 'REFERENCE',
});

interface StoredReference extends Key {
  readonly resource: string;
}

export const clientRepository = (database: Database) => ({
  read: (id: string): Promise<ApiClient | undefined> => database.read(serviceRequestsTable, keyOf(id)),
  list: (limit: number, after: string | undefined): Promise<Page<ApiClient>> =>
    database.query(serviceRequestsTable, { partition: CLIENTS, limit, after: after === undefined ? undefined : { ...listKeyOf(after) } }),
  puts: (client: Omit<ApiClient, 'pk' | 'sk'>, before: ApiClient | undefined): readonly Write[] => [
    { table: serviceRequestsTable, put: { ...client, ...keyOf(client.id) }, condition: conditionOn(before) },
    { table: serviceRequestsTable, put: { ...client, ...listKeyOf(client.id) } },
  ],
  /** Holds what a client calls something to what we call it, for good. */
  refers: (reference: Reference, resource: string): Write => {
    const put: StoredReference = { ...referenceKey(reference), resource };
    return { table: serviceRequestsTable, put, condition: { kind: 'absent' } };
  },
  /** What we call what a client calls so. */
  referred: async (reference: Reference): Promise<string | undefined> =>
    (await database.read<StoredReference>(serviceRequestsTable, referenceKey(reference)))?.resource,
  write: (writes: readonly Write[]): Promise<Result<void, ConditionFailed>> => database.write(writes),
});

export type ClientRepository = ReturnType<typeof clientRepository>;
