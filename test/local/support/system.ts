/**
 * A program for tests that kill it: engine, stream, bus and one reaction on the folder that its argument names. Says where the engine
 * is once all of it runs. `node system.ts <folder>`.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { once } from 'node:events';
import { localSystem } from './local-system.ts';
import { startEngine } from '../../../lib/local/engine.ts';

const [, , dataFolder = '.'] = process.argv;
const engine = await startEngine({ dataFolder, log: () => undefined });
const settings = { endpoint: engine.endpoint, region: 'local', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
const system = await localSystem({ dataFolder, client: new DynamoDBClient(settings), streamsClient: new DynamoDBStreamsClient(settings) });
const told = once(process, 'SIGTERM');
process.stdout.write(`${engine.endpoint}\n`);
await told;
await system.stop();
await engine.stop();
process.exit(0);
