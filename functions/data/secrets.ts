/** Secrets that somebody else gave us, in AWS Secrets Manager: keys of payment providers. Ours to make is the stage's own alone. */
import { GetSecretValueCommand, ResourceNotFoundException, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

export interface SecretReaderDependencies {
  /** What the names of this stage begin with, `linli/<stage>/`. */
  readonly prefix: string;
  readonly client?: Pick<SecretsManagerClient, 'send'>;
}

/**
 * Reads secrets by name, anew each time: whoever asks keeps what they were told as long as is right. What is no JSON, or not there, is
 * undefined. Nothing of a secret is ever in an error.
 */
export const secretReader =
  ({ prefix, client = new SecretsManagerClient({ maxAttempts: 3 }) }: SecretReaderDependencies) =>
  async (name: string): Promise<unknown> => {
    try {
      const { SecretString: text } = await client.send(new GetSecretValueCommand({ SecretId: `${prefix}${name}` }));
      return text === undefined ? undefined : JSON.parse(text);
    } catch (error) {
      if (error instanceof ResourceNotFoundException || error instanceof SyntaxError) return undefined;
      throw error;
    }
  };
