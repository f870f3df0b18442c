/** The baseline of a warm call: the same calls through lib-dynamodb, bundled as our functions are. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, QueryCommand, type GetCommandInput, type QueryCommandInput } from '@aws-sdk/lib-dynamodb';

export type BaselineEvent = { readonly get: GetCommandInput } | { readonly query: QueryCommandInput };

let client: DynamoDBDocumentClient | undefined;

export const handler = async (event: BaselineEvent): Promise<{ statusCode: number }> => {
  client ??= DynamoDBDocumentClient.from(new DynamoDBClient({ maxAttempts: 5 }), { marshallOptions: { removeUndefinedValues: true } });
  if ('get' in event) {
    const { Item: item } = await client.send(new GetCommand(event.get));
    return { statusCode: item === undefined ? 404 : 200 };
  }
  const { Items: items } = await client.send(new QueryCommand(event.query));
  return { statusCode: items?.length === 1 ? 200 : 404 };
};
