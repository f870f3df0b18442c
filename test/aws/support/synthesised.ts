/** The templates of one stage as `cdk synth` makes them, with the context of cdk.json and a few settings, and a way to read them. */
import { Stage, type App } from 'aws-cdk-lib';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { linliApp } from '../../../lib/aws/linli-app.ts';
import { bundle, type Bundled } from '../../../lib/bundle.ts';

/** An intrinsic function, or text: see `flat`. */
type Reference = unknown;

export interface PolicyDocument {
  readonly Statement: readonly Readonly<Record<string, unknown>>[];
}

/** What the tests read of CloudFormation's properties, by its own names. */
export interface Properties {
  readonly [name: string]: unknown;
  readonly AccessLogSettings?: { readonly Format: string };
  readonly AlarmActions?: readonly Reference[];
  readonly AlarmDescription?: string;
  readonly AlarmName?: string;
  readonly DestinationConfig?: { readonly OnFailure: { readonly Destination: Reference } };
  readonly Dimensions?: readonly { readonly Name: string; readonly Value: Reference }[];
  readonly Environment?: { readonly Variables: Readonly<Record<string, string>> };
  readonly FilterCriteria?: { readonly Filters: readonly { readonly Pattern: string }[] };
  readonly FilterPattern?: string;
  readonly FunctionName?: string;
  readonly GlobalSecondaryIndexes?: readonly {
    readonly IndexName: string;
    readonly Projection: { readonly ProjectionType: string; readonly NonKeyAttributes?: readonly string[] };
  }[];
  readonly KeyPolicy?: PolicyDocument;
  readonly LoggingConfig?: { readonly LogGroup: Reference };
  readonly MetricTransformations?: readonly {
    readonly MetricName: string;
    readonly MetricNamespace: string;
    readonly MetricValue: string;
  }[];
  readonly Name?: string;
  readonly Policies?: readonly { readonly PolicyDocument: PolicyDocument }[];
  readonly PolicyDocument?: PolicyDocument;
  readonly QueueName?: string;
  readonly Replicas?: readonly object[];
  readonly RouteKey?: string;
  readonly TableName?: string;
  readonly Target?: { readonly DeadLetterConfig: { readonly Arn: Reference } };
  readonly Targets?: readonly {
    readonly Arn: Reference;
    readonly DeadLetterConfig: { readonly Arn: Reference };
    readonly InputTransformer?: { readonly InputPathsMap: Readonly<Record<string, string>>; readonly InputTemplate: string };
  }[];
}

export interface Resource {
  readonly Type: string;
  readonly Properties: Properties;
  readonly DeletionPolicy?: string;
}

export interface StackTemplate {
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs?: Readonly<Record<string, { readonly Value: unknown; readonly Export?: { readonly Name: string } }>>;
  readonly Parameters?: Readonly<Record<string, Record<string, unknown>>>;
}

export type StackName = 'state' | 'events' | 'reactions' | 'api';

export interface FoundResource extends Resource {
  readonly id: string;
  readonly stack: StackName;
}

export interface Synthesised {
  readonly app: App;
  readonly bundled: readonly Bundled[];
  readonly stacks: Readonly<Record<StackName, StackTemplate>>;
  readonly all: (type: string) => readonly FoundResource[];
  /** A value as text: references to resources of any stack as `<id.Attribute>`, pseudo parameters as `<AWS::…>`. */
  readonly flat: (value: unknown) => string;
  readonly warnings: readonly string[];
  readonly remove: () => void;
}

const STACKS: readonly StackName[] = ['state', 'events', 'reactions', 'api'];

const cdkContext = (): Record<string, unknown> => {
  const { context }: { context: Record<string, unknown> } = JSON.parse(readFileSync('cdk.json', 'utf8'));
  return context;
};

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** Throws where cdk-nag finds something that nobody has accepted. */
export const synthesised = async (
  stage: string,
  settings: Readonly<Record<string, unknown>>,
  already?: readonly Bundled[],
): Promise<Synthesised> => {
  const folder = mkdtempSync(join(tmpdir(), 'linli-aws-'));
  const bundled = already ?? (await bundle(join(folder, 'functions')));
  const app = linliApp({
    bundled,
    stages: [stage],
    outdir: join(folder, 'out'), // A trace of where each construct was made is for a person at a terminal, and takes most of the time here.
    context: { ...cdkContext(), 'aws:cdk:disable-stack-trace': true, [stage]: settings },
  });
  const made = app.node.findChild(stage);
  if (!Stage.isStage(made)) throw new Error('the app has no such stage');
  const assembly = app.synth().getNestedAssembly(made.artifactId);
  const template = (name: StackName): StackTemplate => assembly.getStackByName(`linli-${stage}-${name}`).template;
  const stacks = { state: template('state'), events: template('events'), reactions: template('reactions'), api: template('api') };
  const all = (type: string): readonly FoundResource[] =>
    STACKS.flatMap((stack) =>
      Object.entries(stacks[stack].Resources)
        .filter(([, resource]) => resource.Type === type)
        .map(([id, resource]) => ({ ...resource, id, stack })),
    );
  const exported = new Map(
    STACKS.flatMap((stack) => Object.values(stacks[stack].Outputs ?? {})).flatMap(({ Value: value, Export: name }) =>
      name === undefined ? [] : [[name.Name, value] as const],
    ),
  );
  const flat = (value: unknown): string => {
    if (!isObject(value)) return String(value);
    if ('Ref' in value) return `<${String(value['Ref'])}>`;
    const { 'Fn::GetAtt': attribute, 'Fn::Join': join_, 'Fn::ImportValue': import_ } = value;
    if (Array.isArray(attribute)) return `<${attribute.join('.')}>`;
    if (Array.isArray(join_)) return join_[1].map(flat).join(join_[0]);
    if (typeof import_ === 'string') return flat(exported.get(import_) ?? `nobody exports ${import_}`);
    return JSON.stringify(value);
  };
  const warnings = app.node
    .findAll()
    .flatMap(({ node }) => node.metadata.filter(({ type }) => type === 'aws:cdk:warning').map(({ data }) => String(data)));
  return { app, bundled, stacks, all, flat, warnings, remove: () => rmSync(folder, { recursive: true, force: true }) };
};
