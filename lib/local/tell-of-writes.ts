/** Tells which tables a client has written to, as it writes: whoever reads their streams need not keep asking. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';

interface Written {
  readonly TableName?: string;
  readonly TransactItems?: readonly Readonly<Record<string, { readonly TableName?: string } | undefined>>[];
  readonly RequestItems?: Readonly<Record<string, unknown>>;
}

const WRITES: ReadonlySet<string> = new Set([
  'PutItemCommand',
  'UpdateItemCommand',
  'DeleteItemCommand',
  'TransactWriteItemsCommand',
  'BatchWriteItemCommand',
]);

const tablesOf = ({ TableName: table, TransactItems: items = [], RequestItems: requests = {} }: Written): readonly string[] => [
  ...new Set([
    ...(table === undefined ? [] : [table]),
    ...items.flatMap((item) => Object.values(item).flatMap((part) => part?.TableName ?? [])),
    ...Object.keys(requests),
  ]),
];

/** Calls `onWrite` with the physical name of each table, when the write has been answered. */
export const tellOfWrites = (client: DynamoDBClient, onWrite: (table: string) => void): void => {
  client.middlewareStack.add(
    (next, context) => async (args) => {
      try {
        return await next(args);
      } finally {
        // Also where it failed: it may have been done, and only its answer be lost.
        if (WRITES.has(context.commandName ?? '')) tablesOf(args.input as Written).forEach(onWrite);
      }
    },
    { step: 'initialize', name: 'tellOfWrites' },
  );
};
