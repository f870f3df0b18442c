/** The baseline of a cold start: the same calls with DynamoDB's client alone, bundled and called as our functions are. */
import { DynamoDBClient, GetItemCommand, QueryCommand, type GetItemCommandInput, type QueryCommandInput } from '@aws-sdk/client-dynamodb';

export type RawEvent = { readonly get: GetItemCommandInput } | { readonly query: QueryCommandInput };

let client: DynamoDBClient | undefined;

export const handler = async (event: RawEvent): Promise<{ statusCode: number }> => {
  client ??= new DynamoDBClient({ maxAttempts: 5 });
  if ('get' in event) {
    const { Item: item } = await client.send(new GetItemCommand(event.get));
    return { statusCode: item === undefined ? 404 : 200 };
  }
  const { Items: items } = await client.send(new QueryCommand(event.query));
  return { statusCode: items?.length === 1 ? 200 : 404 };
};
