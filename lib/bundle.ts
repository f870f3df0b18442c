/** One esbuild call for every function: what they share is split off once, and each gets a folder of its own with just what it loads. */
import { build, type Metafile } from 'esbuild';
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { OPERATIONS } from '../functions/reference/operations.ts';
import { REACTIONS, SCHEDULES, TABLES } from './declarations.ts';

export type FunctionKind = 'api' | 'relay' | 'reaction' | 'schedule';

export interface FunctionEntry {
  /** Unique, in kebab-case: `service-requests-api`. */
  readonly name: string;
  readonly kind: FunctionKind;
  readonly domain: string;
  /** `functions/<domain>/<file>.ts`. */
  readonly file: string;
}

export interface Bundled extends FunctionEntry {
  /** The folder to deploy. */
  readonly folder: string;
  /** Lambda's handler setting. */
  readonly handler: string;
  /** Bytes that are loaded at a cold start, and all that might be loaded later, minified. */
  readonly staticBytes: number;
  readonly bytes: number;
}

const ROOT = resolve(import.meta.dirname, '..');
const kebab = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
const entry = (kind: FunctionKind, domain: string, file: string, name: string): FunctionEntry => ({
  name,
  kind,
  domain,
  file: `functions/${domain}/${file}.ts`,
});

/** Every function, as its domain declares it: an API for each domain with operations, a relay for each table with entities, one for each reaction and schedule. */
export const functionEntries = (): readonly FunctionEntry[] => [
  ...Object.keys(OPERATIONS).map((domain) => entry('api', domain, 'api', `${domain}-api`)),
  ...Object.entries(TABLES).flatMap(([domain, { entities }]) =>
    entities.length === 0 ? [] : [entry('relay', domain, 'relay', `${domain}-relay`)],
  ),
  ...REACTIONS.map(({ domain, name }) => entry('reaction', domain, name, name)),
  ...SCHEDULES.map(({ domain, name }) => entry('schedule', domain, kebab(name), kebab(name))),
];

/** Output files that `file` loads, itself first: at once, and with what it may import later. */
const loaded = (outputs: Metafile['outputs'], file: string, alsoLater: boolean, seen: Set<string> = new Set()): Set<string> => {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const { path, kind, external } of outputs[file]?.imports ?? []) {
    if (external !== true && (alsoLater || kind !== 'dynamic-import')) loaded(outputs, path, alsoLater, seen);
  }
  return seen;
};

/** Bundles everything below `outFolder`, which is emptied first. */
export const bundle = async (outFolder: string): Promise<readonly Bundled[]> => {
  const entries = functionEntries();
  rmSync(outFolder, { recursive: true, force: true });
  const all = join(outFolder, 'all');
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: entries.map(({ file }) => file),
    outbase: 'functions',
    outdir: all,
    bundle: true,
    splitting: true,
    minify: true,
    // A stack that names our functions is worth a few bytes.
    keepNames: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    mainFields: ['module', 'main'],
    outExtension: { '.js': '.mjs' },
    banner: { js: "import{createRequire as $require}from'node:module';const require=$require(import.meta.url);" },
    metafile: true,
    logLevel: 'warning',
  });
  const outputs = metafile.outputs;
  const sizeOf = (files: Iterable<string>): number => [...files].reduce((sum, file) => sum + (outputs[file]?.bytes ?? 0), 0);
  return entries.map((each) => {
    const main = Object.keys(outputs).find((file) => outputs[file]?.entryPoint === each.file);
    if (main === undefined) throw new Error(`${each.file} was not bundled`);
    const files = loaded(outputs, main, true);
    const folder = join(outFolder, each.name);
    for (const file of files) {
      const from = resolve(ROOT, file);
      const to = join(folder, relative(all, from));
      mkdirSync(dirname(to), { recursive: true });
      cpSync(from, to);
    }
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    return {
      ...each,
      folder,
      handler: `${relative(all, resolve(ROOT, main)).replace(/\.mjs$/, '')}.handler`,
      staticBytes: sizeOf(loaded(outputs, main, false)),
      bytes: sizeOf(files),
    };
  });
};
