/** The real messages and the schema beside them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(import.meta.dirname, '..', '..', '..', 'fixtures', 'cap');

export const fixture = (name: string): Buffer => readFileSync(join(FOLDER, name));
