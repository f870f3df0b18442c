import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Replaces a file's text at once: whoever reads it, or comes back after a kill -9, finds the text of before or of after. `durable`
 * makes it survive a power cut as well. Makes the folder where it is missing.
 */
export const writeAtomically = (path: string, text: string, { durable = false }: { readonly durable?: boolean } = {}): void => {
  mkdirSync(dirname(path), { recursive: true });
  const beside = `${path}.new`;
  const file = openSync(beside, 'w', 0o600);
  try {
    writeFileSync(file, text);
    if (durable) fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(beside, path);
};
