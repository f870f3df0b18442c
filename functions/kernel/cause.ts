/** What a log line tells of an error: its name and place, never its message, which may quote what somebody wrote. */
export const cause = (error: unknown): { readonly error: string; readonly stack?: readonly string[] } =>
  error instanceof Error
    ? {
        error: error.name,
        stack: (error.stack ?? '')
          .split('\n')
          .filter((line) => line.startsWith('    at '))
          .slice(0, 5)
          .map((line) => line.trim()),
      }
    : { error: typeof error };
