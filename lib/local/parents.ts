/**
 * npm runs a script through a shell, and passes neither SIGTERM nor its own death on to what the shell runs. So a system that npm has
 * started looks whether npm and the shell are still above it.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/** Linux tells by a file; elsewhere a program must be asked, which costs more. */
const HAS_PROC = existsSync('/proc/self/stat');
const LOOK_EVERY_MS = HAS_PROC ? 100 : 1000;

/** Who a process belongs to, by now: an orphan belongs to another. */
const parentOf = (pid: number): string | undefined => {
  try {
    // The name in the second field may hold anything, brackets and spaces included.
    if (HAS_PROC) return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[1];
    return execFileSync('ps', ['-o', 'ppid=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  } catch {
    return undefined;
  }
};

/** Calls `gone` once when the shell or npm above this process ends. */
export const whenParentsGo = (gone: () => void): void => {
  const shell = process.ppid;
  const npm = parentOf(shell);
  const timer = setInterval(() => {
    if (process.ppid === shell && parentOf(shell) === npm) return;
    clearInterval(timer);
    gone();
  }, LOOK_EVERY_MS);
  timer.unref();
};
