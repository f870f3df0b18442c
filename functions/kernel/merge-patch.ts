/** JSON Merge Patch (RFC 7396) of one level of an object. */

type Patch<T> = { readonly [K in keyof T]?: T[K] | null | undefined };

/** `target` with what the patch says: null takes away, what it does not name stays. */
export const mergePatch = <T extends object>(target: T, patch: Patch<T>): Partial<T> => {
  const merged: Partial<T> = { ...target };
  for (const name in patch) {
    const value = patch[name];
    if (value === null) delete merged[name];
    else if (value !== undefined) merged[name] = value;
  }
  return merged;
};
