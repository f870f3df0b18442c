/** Something that handles what comes to it one after the other: a stream, or uploads. */
export interface Settling {
  /** Answers when everything that came before this call is handled or parked. */
  settled(): Promise<void>;
  /** How much has been handled or parked since the start. */
  handled(): number;
}

/**
 * Answers when every change so far has gone through every reaction, and the changes that these made as well: when all are empty after a round
 * in which none handled anything, since only what handles something can write another.
 */
export const settle = async (all: readonly Settling[]): Promise<void> => {
  const handled = (): number => all.reduce((sum, each) => sum + each.handled(), 0);
  for (;;) {
    const before = handled();
    await Promise.all(all.map((each) => each.settled()));
    if (handled() === before) return;
  }
};
