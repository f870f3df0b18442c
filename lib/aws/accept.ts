/** Accepts findings of cdk-nag, each with its reason in writing. */
import { Stack, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

export const accept = (construct: IConstruct, rule: string, reason: string): void => {
  Validations.of(construct).acknowledge({ id: rule, reason });
};

/** A resolved ARN as cdk-nag writes it: `arn:<AWS::Partition>:…`. */
const flat = (resolved: unknown): string => {
  if (typeof resolved === 'string') return resolved;
  if (typeof resolved === 'object' && resolved !== null) {
    if ('Ref' in resolved) return `<${String(resolved.Ref)}>`;
    if ('Fn::Join' in resolved && Array.isArray(resolved['Fn::Join'])) {
      const [delimiter, parts]: [unknown, unknown] = [resolved['Fn::Join'][0], resolved['Fn::Join'][1]];
      if (typeof delimiter === 'string' && Array.isArray(parts)) return parts.map(flat).join(delimiter);
    }
  }
  throw new Error('name the resource by its ARN, so that what is accepted can be read');
};

/** Accepts that a policy names this very pattern of resources. */
export const acceptPattern = (construct: IConstruct, arn: string, reason: string): void =>
  accept(construct, `AwsSolutions-IAM5[Resource::${flat(Stack.of(construct).resolve(arn))}]`, reason);
