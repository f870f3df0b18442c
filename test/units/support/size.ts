/** What DynamoDB weighs and asks for, by its documented rules. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { isDeepStrictEqual } from 'node:util';
import type { IndexDescription, TableDescription } from '../../../functions/data/table.ts';

export type Native = Readonly<Record<string, unknown>>;
type Stored = Readonly<Record<string, AttributeValue>>;

const KB = 1024;
const bytes = (text: string): number => Buffer.byteLength(text, 'utf8');

/** Two significant digits a byte, and one; one more below zero. */
const numberSize = (text: string): number => {
  const [, sign = '', digits = ''] = /^(-?)(.*)$/.exec(text) ?? [];
  const significant = digits.replace(/e.*$/i, '').replace('.', '').replace(/^0+/, '').replace(/0+$/, '');
  return Math.ceil(Math.max(1, significant.length) / 2) + 1 + sign.length;
};

const valueSize = (value: AttributeValue): number => {
  if (value.S !== undefined) return bytes(value.S);
  if (value.N !== undefined) return numberSize(value.N);
  if (value.L !== undefined) return 3 + value.L.reduce((sum, each) => sum + 1 + valueSize(each), 0);
  if (value.M !== undefined) return 3 + Object.entries(value.M).reduce((sum, [name, each]) => sum + 1 + bytes(name) + valueSize(each), 0);
  if (value.BOOL !== undefined || value.NULL !== undefined) return 1;
  throw new Error(`no rule for ${Object.keys(value).join()}`);
};

/** Bytes of an item: names and values. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html */
export const sizeOf = (item: Stored): number =>
  Object.entries(item).reduce((sum, [name, value]) => sum + bytes(name) + valueSize(value), 0);

export const storedOf = (item: Native): Stored => marshall(item, { removeUndefinedValues: true });

/** What an index holds of an item; undefined where the item has not both of its keys. */
export const entryOf = (item: Stored | undefined, { partition, sort, project }: IndexDescription): Stored | undefined => {
  if (item?.[partition] === undefined || item[sort] === undefined) return undefined;
  const names = new Set(['pk', 'sk', partition, sort, ...(project === 'keys' ? [] : project)]);
  return Object.fromEntries(Object.entries(item).filter(([name]) => names.has(name)));
};

const writes = (size: number): number => Math.max(1, Math.ceil(size / KB));

/** Write units of one change: of the table, twice in a transaction, and of each index that the change reaches. */
export interface WriteUnits {
  readonly table: number;
  readonly indexes: Readonly<Record<string, number>>;
}

/**
 * One unit for each KB of the larger of the two images; in an index, one for each KB of an entry that comes, goes or changes. An entry whose
 * key changes goes and comes. What changes nothing in an index costs nothing there.
 */
export const writeUnits = (
  table: TableDescription,
  before: Stored | undefined,
  after: Stored | undefined,
  inTransaction: boolean,
): WriteUnits => {
  const larger = Math.max(before === undefined ? 0 : sizeOf(before), after === undefined ? 0 : sizeOf(after));
  const ofIndex = (index: IndexDescription): number => {
    const [old, now] = [entryOf(before, index), entryOf(after, index)];
    const size = (entry: Stored | undefined): number => (entry === undefined ? 0 : writes(sizeOf(entry)));
    if (old === undefined || now === undefined) return size(old) + size(now);
    const moved = [index.partition, index.sort].some((name) => old[name]?.S !== now[name]?.S);
    if (moved) return size(old) + size(now);
    return isDeepStrictEqual(old, now) ? 0 : Math.max(size(old), size(now));
  };
  return {
    table: writes(larger) * (inTransaction ? 2 : 1),
    indexes: Object.fromEntries(
      Object.entries(table.indexes)
        .map(([name, index]) => [name, ofIndex(index)] as const)
        .filter(([, units]) => units > 0),
    ),
  };
};

/** Read units: half of one for each 4 KB, one where the read is consistent. */
export const readUnits = (size: number, consistent: boolean): number => Math.max(1, Math.ceil(size / (4 * KB))) * (consistent ? 1 : 0.5);
