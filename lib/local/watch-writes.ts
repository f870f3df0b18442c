import { watch } from 'node:fs';

/** What the engine's SQLite writes first. */
const LOG_FILE = 'engine.db-wal';

/**
 * Calls `onWrite` whenever the engine that runs on this folder may have written something: often, and sometimes a moment before it can
 * be read. Some network file systems tell nothing. Answers with what ends it.
 */
export const watchWrites = (dataFolder: string, onWrite: () => void): (() => void) => {
  const watcher = watch(dataFolder, { persistent: false }, (_event, file) => {
    if (file === LOG_FILE) onWrite();
  });
  watcher.on('error', () => watcher.close());
  return () => watcher.close();
};
