/** The keys of payment providers: secrets that an operator makes by hand, `linli/<stage>/payments/<channel>` (docs/runbooks/deploy.md). No template holds one. */
import { ArnFormat, Stack } from 'aws-cdk-lib';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { PAYMENT_SECRETS } from '../../functions/data/payments.ts';
import { acceptPattern } from './accept.ts';
import { secretsPrefix } from './names.ts';

/** To read them, and nothing else. With the account's own key for Secrets Manager no right to decrypt is needed beside it. */
export const grantPaymentSecrets = (role: Role, stage: string): void => {
  // Secrets Manager adds a hyphen and six characters to the name of each. One that is not there is judged by its name without them: who may
  // not read that either would be told so, and not that there is none.
  const secrets = Stack.of(role).formatArn({
    service: 'secretsmanager',
    resource: 'secret',
    resourceName: `${secretsPrefix(stage)}${PAYMENT_SECRETS}*`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  role.addToPrincipalPolicy(new PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources: [secrets] }));
  acceptPattern(role, secrets, 'Which channels have keys is for the operator to say; the right ends with the beginning of their names.');
};
