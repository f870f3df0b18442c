/** The CDK app; `npx cdk` starts it (cdk.json). */
import { resolve } from 'node:path';
import { linliApp } from '../lib/aws/linli-app.ts';
import { bundle } from '../lib/bundle.ts';

const bundled = await bundle(resolve(import.meta.dirname, '..', 'dist', 'aws'));
linliApp({ bundled }).synth();
