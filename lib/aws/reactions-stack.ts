/** What domains do when something happened. */
import { Stack, type StackProps } from 'aws-cdk-lib';
import type { IEventBus } from 'aws-cdk-lib/aws-events';
import type { Construct } from 'constructs';
import { REACTIONS } from '../declarations.ts';
import { ReactionRule } from './reaction-rule.ts';
import { bundledAs, type StageParts } from './stage-parts.ts';

export interface ReactionsStackProps extends StackProps {
  readonly parts: StageParts;
  readonly bus: IEventBus;
}

export class ReactionsStack extends Stack {
  constructor(scope: Construct, id: string, { parts, bus, ...props }: ReactionsStackProps) {
    super(scope, id, props);
    for (const declaration of REACTIONS) {
      new ReactionRule(this, declaration.name, { parts, bundled: bundledAs(parts, declaration.name), declaration, bus });
    }
  }
}
