/** The vault: secrets that functions of ours make and destroy, `linli/<stage>/vault/<name>`. Who makes them may not open them. */
import { ArnFormat, Stack } from 'aws-cdk-lib';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { VAULT_SECRETS, type VaultRight } from '../../functions/data/vault.ts';
import { acceptPattern } from './accept.ts';
import { secretsPrefix } from './names.ts';

const ACTIONS: Readonly<Record<VaultRight, readonly string[]>> = {
  create: ['secretsmanager:CreateSecret'],
  open: ['secretsmanager:GetSecretValue', 'secretsmanager:DeleteSecret'],
};

export const grantVault = (role: Role, stage: string, right: VaultRight): void => {
  const secrets = Stack.of(role).formatArn({
    service: 'secretsmanager',
    resource: 'secret',
    resourceName: `${secretsPrefix(stage)}${VAULT_SECRETS}*`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  role.addToPrincipalPolicy(new PolicyStatement({ actions: [...ACTIONS[right]], resources: [secrets] }));
  acceptPattern(role, secrets, 'Its secrets come and go; the right ends with the beginning of their names.');
};
