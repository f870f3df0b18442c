import type { Stream } from './streams.ts';

/**
 * Answers when every change so far has gone through every reaction, and the changes that these made as well: when all streams are
 * empty after a round in which none handled anything, since only what handles a record can write another.
 */
export const settle = async (streams: readonly Stream[]): Promise<void> => {
  const handled = (): number => streams.reduce((sum, stream) => sum + stream.handled(), 0);
  for (;;) {
    const before = handled();
    await Promise.all(streams.map((stream) => stream.settled()));
    if (handled() === before) return;
  }
};
