/** Secrets that somebody else gave us, in AWS Secrets Manager: keys of payment providers. Ours to make is the stage's own alone. */
import { GetSecretValueCommand, ResourceNotFoundException, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { MINUTE, type Clock } from '../kernel/time.ts';

/** A rotated key is used within so long; an adapter that meets an unknown one asks for it at once. */
const KEPT = 5 * MINUTE;

export interface SecretReaderDependencies {
  /** What the names of this stage begin with, `linli/<stage>/`. */
  readonly prefix: string;
  readonly now: Clock;
  readonly client?: Pick<SecretsManagerClient, 'send'>;
}

/** Reads secrets by name; what is no JSON, or not there, is undefined. Nothing of a secret is ever in an error. */
export const secretReader = ({ prefix, now, client = new SecretsManagerClient({ maxAttempts: 3 }) }: SecretReaderDependencies) => {
  const known = new Map<string, { readonly at: number; readonly value: Promise<unknown> }>();
  const read = async (name: string): Promise<unknown> => {
    try {
      const { SecretString: text } = await client.send(new GetSecretValueCommand({ SecretId: `${prefix}${name}` }));
      return text === undefined ? undefined : JSON.parse(text);
    } catch (error) {
      if (error instanceof ResourceNotFoundException || error instanceof SyntaxError) return undefined;
      throw error;
    }
  };
  return (name: string): Promise<unknown> => {
    const before = known.get(name);
    if (before !== undefined && now() - before.at < KEPT) return before.value;
    const value = read(name);
    known.set(name, { at: now(), value });
    // What failed is asked again.
    value.catch(() => known.delete(name));
    return value;
  };
};
