/** Keys that come and go: made by one function, opened by another, and gone for good once they are destroyed. In no table, whose backups would keep them. */

/** What of a vault a declaration may do: `create` makes secrets and sees none, `open` reads and destroys them. */
export type VaultRight = 'create' | 'open';

export interface Vault {
  /** Keeps a secret under a name that is new. */
  create(name: string, value: string): Promise<void>;
  /** Undefined where there is none, or none any more. */
  read(name: string): Promise<string | undefined>;
  /** For good, at once; also where there is none. */
  destroy(name: string): Promise<void>;
}

/** What the names of such secrets begin with, behind the prefix of their stage. */
export const VAULT_SECRETS = 'vault/';
