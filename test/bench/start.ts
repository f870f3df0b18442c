/** `npm start` on an empty folder, to its first answer: wall-clock seconds, shown and never asserted. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { VARIABLES } from '../../functions/kernel/environment.ts';

const ROOT = resolve(import.meta.dirname, '..', '..');

export const measureStart = async (): Promise<number> => {
  const folder = mkdtempSync(join(tmpdir(), 'linli-start-'));
  const began = performance.now();
  const child = spawn(process.execPath, ['bin/local.ts', '--empty'], {
    cwd: ROOT,
    env: { ...process.env, [VARIABLES.dataFolder]: folder, [VARIABLES.port]: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((gone) => child.once('exit', () => gone()));
  try {
    const url = await new Promise<string>((found, failed) => {
      let said = '';
      child.stdout.on('data', (text: Buffer) => {
        said += text.toString();
        const running = /running at (\S+)/.exec(said)?.[1];
        if (running !== undefined) found(running);
      });
      child.once('exit', () => failed(new Error(`npm start ended: ${said}`)));
    });
    const answer = await fetch(`${url}/v1/services`);
    if (!answer.ok) throw new Error(`the first answer is ${answer.status}`);
    return (performance.now() - began) / 1000;
  } finally {
    child.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
};
