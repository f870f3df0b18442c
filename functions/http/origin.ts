/** Where the interface is reached, as links to it say. */
import { VARIABLES, type Environment } from '../kernel/environment.ts';

/** What the stage says of itself, `https://<host>`; undefined where it says nothing. */
export const publicOrigin = ({ environment }: { readonly environment: Environment }): string | undefined =>
  environment.optional(VARIABLES.publicUrl)?.replace(/\/+$/, '');
