/** The vault in AWS Secrets Manager: beside every table, so that restoring one to an earlier moment brings no key back. */
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  GetSecretValueCommand,
  InvalidRequestException,
  ResourceNotFoundException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { VAULT_SECRETS, type Vault } from './vault.ts';

export interface SecretsVaultDependencies {
  /** What the names of this stage begin with, `linli/<stage>/`. */
  readonly prefix: string;
  readonly client?: Pick<SecretsManagerClient, 'send'>;
}

/** Not there, or marked as deleted, which reading is told as another thing. */
const isGone = (error: unknown): boolean => error instanceof ResourceNotFoundException || error instanceof InvalidRequestException;

export const secretsVault = ({ prefix, client = new SecretsManagerClient({ maxAttempts: 5 }) }: SecretsVaultDependencies): Vault => {
  const idOf = (name: string): string => `${prefix}${VAULT_SECRETS}${name}`;
  return {
    async create(name, value) {
      await client.send(new CreateSecretCommand({ Name: idOf(name), SecretString: value }));
    },
    async read(name) {
      try {
        return (await client.send(new GetSecretValueCommand({ SecretId: idOf(name) }))).SecretString;
      } catch (error) {
        if (isGone(error)) return undefined;
        throw error;
      }
    },
    async destroy(name) {
      try {
        // Nobody is to have second thoughts: without the days in which it could be had back.
        await client.send(new DeleteSecretCommand({ SecretId: idOf(name), ForceDeleteWithoutRecovery: true }));
      } catch (error) {
        if (!isGone(error)) throw error;
      }
    },
  };
};
