/** Somebody for whom a worker acts. */
export interface Represented {
  readonly name: string;
  readonly phone?: string | undefined;
  readonly sub?: string | undefined;
}
