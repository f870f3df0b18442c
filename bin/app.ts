/** The CDK app; `npx cdk` starts it (cdk.json). */
import { resolve } from 'node:path';
import { linliApp } from '../lib/aws/linli-app.ts';
import { SettingsError } from '../lib/aws/settings.ts';
import { bundle } from '../lib/bundle.ts';

try {
  linliApp({ bundled: await bundle(resolve(import.meta.dirname, '..', 'dist', 'aws')) }).synth();
} catch (error) {
  if (!(error instanceof SettingsError)) throw error;
  process.stderr.write(`\n${error.message}\n\n`);
  process.exit(1);
}
