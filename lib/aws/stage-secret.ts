/**
 * The stage's secret. CloudFormation puts it into each function's environment at deploy, so that a cold start makes no extra call. Each
 * version is a secret of its own: raising `secretVersion` makes a new one and changes every template that names it, while the one before
 * stays valid for what it made.
 */
import { RemovalPolicy, SecretValue } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { VARIABLES } from '../../functions/kernel/environment.ts';
import { accept } from './accept.ts';
import { secretName } from './names.ts';
import type { Settings } from './settings.ts';

const LENGTH = 64;

/** The versions that are valid now, newest first. */
const versions = ({ secretVersion, acceptPreviousSecret }: Settings): readonly [number, ...number[]] => [
  secretVersion,
  ...(secretVersion > 1 && acceptPreviousSecret ? [secretVersion - 1] : []),
];

/** The environment that hands the secrets to a function, as references that are resolved at deploy. */
export const secretEnvironment = (settings: Settings): Readonly<Record<string, string>> => {
  // A reference by name and not by export: a secret that is dropped would otherwise wait for functions that wait for its stack.
  const reference = (version: number): string => SecretValue.secretsManager(secretName(settings.stage, version)).unsafeUnwrap();
  const [current, previous] = versions(settings);
  return {
    [VARIABLES.secret]: reference(current),
    ...(previous === undefined ? {} : { [VARIABLES.previousSecret]: reference(previous) }),
  };
};

export class StageSecret extends Construct {
  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id);
    for (const version of versions(settings)) {
      const secret = new Secret(this, `Version${version}`, {
        secretName: secretName(settings.stage, version),
        description: `Linli ${settings.stage}: cursors, keyed hashes and derived secrets. Rotated by the setting secretVersion`,
        generateSecretString: { passwordLength: LENGTH, excludePunctuation: true },
        removalPolicy: settings.retain ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY,
      });
      accept(
        secret,
        'AwsSolutions-SMG4',
        'Rotation happens at a deploy, by the setting secretVersion: two versions are valid at a time, and functions read theirs from the environment (docs/runbooks/deploy.md).',
      );
    }
  }
}
