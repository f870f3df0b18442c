/** Alerts in DynamoDB. */
import type { Database, Key } from '../data/database.ts';
import type { AlertMessage } from './alert.ts';
import { alertsTable } from './table.ts';

const keyOf = (id: string): Key => ({ pk: `ALERT#${id}`, sk: 'ALERT' });

export const alertRepository = (database: Database) => ({
  read: (id: string): Promise<AlertMessage | undefined> => database.read<AlertMessage & Key>(alertsTable, keyOf(id)),
});
