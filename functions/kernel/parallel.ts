/** Does `work` for each, at most `atOnce` at once, and answers in their order. The first failure ends it, when what is under way has ended. */
export const inParallel = async <T, R>(all: readonly T[], atOnce: number, work: (item: T) => Promise<R>): Promise<readonly R[]> => {
  const results = new Map<number, R>();
  const failures: unknown[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < all.length && failures.length === 0; index = next++) {
      try {
        results.set(index, await work(all[index] as T));
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, all.length) }, worker));
  if (failures.length > 0) throw failures[0];
  return all.map((_, index) => results.get(index) as R);
};
