/** One cold start: imports a bundle, calls its handler once, and tells the parent how much CPU both took. */
import { argv } from 'node:process';

const [file = '', event = ''] = argv.slice(2);
const parsed: unknown = JSON.parse(event);
const context = { getRemainingTimeInMillis: () => 30_000 };

const before = process.cpuUsage();
const { handler } = (await import(file)) as { handler: (event: unknown, context: unknown) => Promise<{ statusCode: number }> };
const { statusCode } = await handler(parsed, context);
const { user, system } = process.cpuUsage(before);
process.send?.({ statusCode, microseconds: user + system }, () => process.exit(0));
