/**
 * Whose tokens are accepted. It has no default: a wrong one would let the wrong people in, and API Gateway asks the issuer for its keys
 * when it is deployed. Where it is not set, the template asks for it as a parameter, so it synthesises and does not deploy.
 */
import { Annotations, CfnParameter } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Settings } from './settings.ts';

export interface Issuer {
  readonly issuer: string;
  readonly audience: string;
}

export const issuerOf = (scope: Construct, { stage, oidcIssuer, oidcAudience }: Settings): Issuer => {
  if (oidcIssuer !== undefined && oidcAudience !== undefined) return { issuer: oidcIssuer, audience: oidcAudience };
  Annotations.of(scope).addWarningV2(
    'linli:issuer',
    `The stage ${stage} cannot be deployed yet: it does not say whose tokens it accepts. Set oidcIssuer and oidcAudience of your OpenID provider in cdk.json (context → ${stage}), or with -c ${stage}:oidcIssuer=https://… -c ${stage}:oidcAudience=….`,
  );
  const issuer = new CfnParameter(scope, 'OidcIssuer', {
    description: 'The https URL of the OpenID provider, exactly as in the "iss" claim of its tokens',
    allowedPattern: 'https://.+',
    constraintDescription: 'must be the https URL of your OpenID provider; better set oidcIssuer in cdk.json',
  });
  const audience = new CfnParameter(scope, 'OidcAudience', {
    description: 'The "aud" claim of the tokens that are accepted',
    minLength: 1,
    constraintDescription: 'must be the "aud" claim of your tokens; better set oidcAudience in cdk.json',
  });
  return { issuer: issuer.valueAsString, audience: audience.valueAsString };
};
