/** What clients call: the HTTP API and a function for each domain; and the dashboard, which shows them with all the rest. */
import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { VARIABLES } from '../../functions/kernel/environment.ts';
import { OPERATIONS } from '../../functions/reference/operations.ts';
import { functionNeeds } from './function-needs.ts';
import { issuerOf } from './issuer.ts';
import { LinliFunction } from './linli-function.ts';
import { PublicApi } from './public-api.ts';
import { StageDashboard } from './stage-dashboard.ts';
import { bundledAs, type StageParts } from './stage-parts.ts';

/** Answers what no route takes: it knows every operation. */
const FALLBACK = 'reference';

export class ApiStack extends Stack {
  constructor(scope: Construct, id: string, { parts, ...props }: StackProps & { readonly parts: StageParts }) {
    super(scope, id, props);
    const { settings, alarmTopic } = parts;
    const issuer = issuerOf(this, settings);
    const verifying = { [VARIABLES.oidcIssuer]: issuer.issuer, [VARIABLES.oidcAudience]: issuer.audience };
    const domains = Object.entries(OPERATIONS).map(([domain, operations]) => {
      const bundled = bundledAs(parts, `${domain}-api`);
      const { function: handler } = new LinliFunction(this, `${domain}-api`, {
        parts,
        bundled,
        environment: functionNeeds(bundled).issuer ? verifying : {},
      });
      return { domain, operations, function: handler };
    });
    const { url, metrics } = new PublicApi(this, 'Public', { settings, issuer, domains, fallback: FALLBACK, alarmTopic });
    new CfnOutput(this, 'Url', { value: url, description: 'Where the interface answers' });
    new StageDashboard(this, 'Dashboard', { parts, api: metrics });
  }
}
