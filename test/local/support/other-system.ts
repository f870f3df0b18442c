import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** Another local system, in its own process, on the folder, and where its engine is. It ends with the test unless it was ended before. */
export const otherSystem = async (dataFolder: string): Promise<{ readonly process: ChildProcess; readonly endpoint: string }> => {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'system.ts'), dataFolder], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null && child.kill('SIGTERM')) await once(child, 'exit');
  });
  const [line]: unknown[] = await once(child.stdout, 'data');
  return { process: child, endpoint: String(line).trim() };
};
