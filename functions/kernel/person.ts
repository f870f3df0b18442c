/** Somebody for whom a worker acts. */
export interface Person {
  readonly name: string;
  readonly phone?: string | undefined;
  readonly sub?: string | undefined;
}
