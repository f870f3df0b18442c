/**
 * Secrets that others gave us: keys of payment providers and of what carries messages, which an operator makes by hand under `linli/<stage>/<beginning>`
 * (docs/runbooks/deploy.md). No template holds one.
 */
import { ArnFormat, Stack } from 'aws-cdk-lib';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { VARIABLES } from '../../functions/kernel/environment.ts';
import { acceptPattern } from './accept.ts';
import { secretsPrefix } from './names.ts';

export const secretsEnvironment = (stage: string, beginnings: readonly string[]): Readonly<Record<string, string>> =>
  beginnings.length === 0 ? {} : { [VARIABLES.secretsPrefix]: secretsPrefix(stage) };

/** To read those whose names begin so, and nothing else. With the account's own key for Secrets Manager no right to decrypt is needed beside it. */
export const grantSecrets = (role: Role, stage: string, beginnings: readonly string[]): void => {
  for (const beginning of beginnings) {
    // Secrets Manager adds a hyphen and six characters to the name of each. One that is not there is judged by its name without them: who may
    // not read that either would be told so, and not that there is none.
    const secrets = Stack.of(role).formatArn({
      service: 'secretsmanager',
      resource: 'secret',
      resourceName: `${secretsPrefix(stage)}${beginning}*`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    role.addToPrincipalPolicy(new PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources: [secrets] }));
    acceptPattern(role, secrets, 'Which channels have keys is for the operator to say; the right ends with the beginning of their names.');
  }
};
