/** `npm run openapi`: writes docs/openapi.json from the operations; a test compares the two. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openApi } from '../functions/reference/openapi.ts';

const FILE = join(import.meta.dirname, '..', 'docs', 'openapi.json');

writeFileSync(FILE, `${JSON.stringify(openApi(), null, 2)}\n`);
process.stdout.write(`${FILE} is written\n`);
