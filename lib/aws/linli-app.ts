/** The CDK app: a stage for each that is asked for, under the rules of cdk-nag. */
import { App, Validations, type AppProps } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { Bundled } from '../bundle.ts';
import { LinliStage } from './linli-stage.ts';
import { readSettings } from './settings.ts';

const STAGES = ['dev', 'prod'] as const;

export interface LinliAppProps extends Pick<AppProps, 'outdir' | 'context'> {
  readonly bundled: readonly Bundled[];
  readonly stages?: readonly string[];
}

/** Throws, with what to do, where a setting is wrong. */
export const linliApp = ({ bundled, stages = STAGES, ...props }: LinliAppProps): App => {
  const app = new App({ analyticsReporting: false, ...props });
  const context: Readonly<Record<string, unknown>> = app.node.getAllContext();
  for (const stage of stages) new LinliStage(app, { settings: readSettings(stage, context), bundled });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return app;
};
