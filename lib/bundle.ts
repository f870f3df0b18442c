/** Bundles every function for Lambda, each by itself, without what no function of ours reaches. */
import { build, type Metafile, type Plugin } from 'esbuild';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import type { ObjectRight } from '../functions/data/object-store.ts';
import { OPERATIONS } from '../functions/reference/operations.ts';
import { functionNeeds } from './aws/function-needs.ts';
import { FACES, REACTIONS, SCHEDULES, TABLES } from './declarations.ts';
import { kebab } from './kebab.ts';

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
const entry = (kind: FunctionKind, domain: string, file: string, name: string): FunctionEntry => ({
  name,
  kind,
  domain,
  file: `functions/${domain}/${file}.ts`,
});

/** Every function, as its domain declares it: an API for each domain with operations, a relay for each table with entities, one for each reaction and schedule. */
export const functionEntries = (): readonly FunctionEntry[] => [
  ...Object.keys(OPERATIONS).map((domain) => ({
    ...entry('api', domain, 'api', `${domain}-api`),
    file: `functions/${FACES[domain]?.folder ?? domain}/api.ts`,
  })),
  ...Object.entries(TABLES).flatMap(([domain, { entities }]) =>
    entities.length === 0 ? [] : [entry('relay', domain, 'relay', `${domain}-relay`)],
  ),
  ...REACTIONS.map(({ domain, name }) => entry('reaction', domain, name, name)),
  ...SCHEDULES.map(({ domain, name }) => entry('schedule', domain, kebab(name), kebab(name))),
];

/**
 * What is not bundled but copied as it is, for the functions that decode pictures: it finds its WebAssembly by its own path. Without a native
 * binary beside it, which would have to be another for arm64, sharp takes that. None of it counts as our code.
 */
const DECODER = ['sharp', 'detect-libc', 'semver', '@img/colour', '@img/sharp-wasm32'];
const LIBRARIES: Readonly<Record<string, readonly string[]>> = { 'process-media': DECODER, 'receive-media': DECODER };
/** Parts of packages that nothing loads: sources to build from, types. */
const UNLOADED = /\/(?:src|install)(?:\/|$)|\.d\.[cm]?ts$|\.map$|\.md$/;

/** Copies packages with what only they have beside them. */
const copyLibraries = (names: readonly string[], folder: string): void => {
  for (const name of names) {
    const from = join(ROOT, 'node_modules', name);
    cpSync(from, join(folder, 'node_modules', name), {
      recursive: true,
      filter: (path) => !UNLOADED.test(path.slice(from.length)),
    });
  }
};

/** What stands in for a module in Lambda. */
const STAND_INS: Readonly<Record<string, string>> = {
  // Lambda hands credentials over in the environment: files, SSO, STS and the instance's own service are never asked.
  '@aws-sdk/credential-provider-node': "export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';",
  // Finding DynamoDB's endpoint by asking for it is off unless it is switched on, and then has one entry, which no limit needs to hold down.
  'mnemonist/lru-cache': 'export default class extends Map { constructor() { super(); } peek(key) { return this.get(key); } }',
  // For browsers, and for services that stream events.
  bowser: "throw new Error('bowser is not bundled: lib/bundle.ts');",
  '@smithy/core/event-streams': [
    "const none = () => { throw new Error('@smithy/core/event-streams is not bundled: lib/bundle.ts'); };",
    // S3 has one operation that streams events, and asks for it as soon as it is loaded.
    'export const resolveEventStreamSerdeConfig = (config) => config;',
    'export { none as eventStreamSerdeProvider };',
    'export class EventStreamSerde { constructor() { none(); } }',
  ].join('\n'),
};

const schemas = new Map<string, string>();

/** A client's shapes with the constants that their keys are computed from put in. */
const schemasIn = (path: string): string => {
  const known = schemas.get(path);
  if (known !== undefined) return known;
  const source = readFileSync(path, 'utf8');
  const words = new Map([...source.matchAll(/^const (_\w+) = ("[^"]*");$/gm)].map(([, name = '', word = '']) => [name, word]));
  const contents = source.replaceAll(/\[(_\w+)\]:/g, (key, name: string) => (words.has(name) ? `${words.get(name)}:` : key));
  schemas.set(path, contents);
  return contents;
};

/** Leaves out what no function of ours reaches. */
const lean: Plugin = {
  name: 'lean',
  setup({ onResolve, onLoad }) {
    // A filter is tried by esbuild itself; to ask us of every import would take longer than all the rest.
    const standIns = new RegExp(`^(?:${Object.keys(STAND_INS).join('|')})$`);
    onResolve({ filter: standIns }, ({ path }) => ({ path, namespace: 'stand-in', sideEffects: false }));
    onLoad({ filter: /.*/, namespace: 'stand-in' }, ({ path }) => ({ contents: STAND_INS[path] ?? '', resolveDir: ROOT }));
    // Importing a builtin module reads every property of it, and one of node:http loads all of fetch and WebSocket: 30 ms of CPU. Requiring it does not.
    onResolve({ filter: /^(?:node:)?http$/ }, ({ path, kind }) =>
      kind === 'require-call' ? { path, external: true } : { path, namespace: 'required', sideEffects: false },
    );
    onLoad({ filter: /.*/, namespace: 'required' }, ({ path }) => ({ contents: `module.exports = require(${JSON.stringify(path)});` }));
    // Of its own manifest the SDK reads the version.
    onLoad({ filter: /@aws-sdk[\\/][\w-]+[\\/]package\.json$/ }, ({ path }) => ({
      contents: JSON.stringify({ version: (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version }),
      loader: 'json',
    }));
    // A client knows the shape of every operation. Their keys are computed from constants, which might do anything as far as esbuild knows: with
    // the constants put in, it leaves out what nobody asks for, which is most.
    onLoad({ filter: /dist-es[\\/]schemas[\\/]schemas_\d+\.js$/ }, ({ path }) => ({
      contents: schemasIn(path),
      resolveDir: dirname(path),
    }));
    // Of the calendar we ask which days are in it, not what they are called; and most calls ask nothing of it.
    onLoad({ filter: /chinese-days\.json$/ }, ({ path }) => {
      const { holidays, workdays } = JSON.parse(readFileSync(path, 'utf8')) as Record<string, object>;
      const named = (name: string, days: object = {}): string =>
        `get ${name}() { return (this.${name[0]} ??= daysOf(${JSON.stringify(Object.keys(days).join(' '))})); }`;
      return {
        contents: [
          'const daysOf = (text) => Object.fromEntries(text.split(" ").map((day) => [day, 1]));',
          `export default { ${named('holidays', holidays)}, ${named('workdays', workdays)} };`,
        ].join('\n'),
        loader: 'js',
      };
    });
  },
};

/** What stands in for the client of S3 in a function that declares no objects, or reads none: links, and what is no more than one, are signed without it. */
const NO_OBJECTS = "export const s3Store = () => { throw new Error('declare `objects`: this function is bundled without their store'); };";
const LINKS_ALONE = "export { s3Links as s3Store } from './s3-links.ts';";

/** Rights of which all can be done by a signed request alone. */
const BY_LINKS: ReadonlySet<ObjectRight> = new Set(['link', 'put', 'drop']);

/** What stands in for the secrets of others in a function that speaks to no payment provider and carries nothing. */
const NO_SECRETS =
  "export const secretReader = () => { throw new Error('declare `payments` or `carries`: this function is bundled without secrets'); };";

/** What stands in for the vault in a function that neither makes nor opens keys. */
const NO_VAULT = "export const secretsVault = () => { throw new Error('declare `vault`: this function is bundled without one'); };";

/** What stands in for that which carries messages in a function that carries none. */
const NO_ADAPTERS = "export const adapterOf = () => { throw new Error('declare `carries`: this function is bundled without carriers'); };";

/** Puts something else in the place of a file. */
const instead = (file: string, contents: string): Plugin => ({
  name: `without-${file}`,
  setup({ onResolve, onLoad }) {
    const namespace = `no-${file}`;
    onResolve({ filter: new RegExp(`/${file}\\.ts$`) }, ({ path }) => ({ path, namespace, sideEffects: false }));
    onLoad({ filter: /.*/, namespace }, () => ({ contents, resolveDir: join(ROOT, 'functions', 'data') }));
  },
});

/** Leaves out the clients of services that a function has not declared to use. */
const undeclared = (entry: FunctionEntry): readonly Plugin[] => {
  const { objects, carries, secrets, vault } = functionNeeds(entry);
  const rights = Object.values(objects);
  const plugins = secrets.length > 0 ? [] : [instead('secrets', NO_SECRETS)];
  if (vault.length === 0) plugins.push(instead('secrets-vault', NO_VAULT));
  if (!carries) plugins.push(instead('adapters', NO_ADAPTERS));
  if (rights.length === 0) plugins.push(instead('s3-store', NO_OBJECTS));
  else if (rights.every((right) => BY_LINKS.has(right))) plugins.push(instead('s3-store', LINKS_ALONE));
  return plugins;
};

/** Output files that `file` loads, itself first: at once, and with what it may import later. */
const loaded = (outputs: Metafile['outputs'], file: string, alsoLater: boolean, seen: Set<string> = new Set()): Set<string> => {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const { path, kind, external } of outputs[file]?.imports ?? []) {
    if (external !== true && (alsoLater || kind !== 'dynamic-import')) loaded(outputs, path, alsoLater, seen);
  }
  return seen;
};

/**
 * Bundles one function into a folder of its own, with just what it loads. Each is built by itself: functions that share a build share many
 * small files as well, and opening them took a third of a cold start.
 */
export const bundleOne = async (
  entry: FunctionEntry,
  { all, outFolder, outbase }: { readonly all: string; readonly outFolder: string; readonly outbase: string },
): Promise<Bundled> => {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: [entry.file],
    outbase,
    outdir: all,
    bundle: true,
    splitting: true,
    minify: true,
    legalComments: 'none',
    charset: 'utf8',
    // Stays in `all`: it reads a stack in the log, and is not deployed.
    sourcemap: 'external',
    sourcesContent: false,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    mainFields: ['module', 'main'],
    outExtension: { '.js': '.mjs' },
    banner: { js: "import{createRequire as $require}from'node:module';const require=$require(import.meta.url);" },
    external: [...(LIBRARIES[entry.name] ?? [])],
    plugins: [lean, ...undeclared(entry)],
    metafile: true,
    logLevel: 'warning',
  });
  const { outputs } = metafile;
  const sizeOf = (files: Iterable<string>): number => [...files].reduce((sum, file) => sum + (outputs[file]?.bytes ?? 0), 0);
  const main = Object.keys(outputs).find((file) => outputs[file]?.entryPoint === entry.file);
  if (main === undefined) throw new Error(`${entry.file} was not bundled`);
  const files = loaded(outputs, main, true);
  const folder = join(outFolder, entry.name);
  for (const file of files) {
    const from = resolve(ROOT, file);
    const to = join(folder, relative(resolve(all), from));
    mkdirSync(dirname(to), { recursive: true });
    cpSync(from, to);
  }
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  copyLibraries(LIBRARIES[entry.name] ?? [], folder);
  return {
    ...entry,
    folder,
    handler: `${relative(resolve(all), resolve(ROOT, main)).replace(/\.mjs$/, '')}.handler`,
    staticBytes: sizeOf(loaded(outputs, main, false)),
    bytes: sizeOf(files),
  };
};

const into = (outFolder: string) => (entry: FunctionEntry) =>
  bundleOne(entry, { all: join(outFolder, 'all', entry.name), outFolder, outbase: 'functions' });

/** Bundles everything below `outFolder`, which is emptied first. */
export const bundle = async (outFolder: string): Promise<readonly Bundled[]> => {
  rmSync(outFolder, { recursive: true, force: true });
  return Promise.all(functionEntries().map(into(outFolder)));
};

/** Bundles one function below `outFolder`. */
export const bundleNamed = (name: string, outFolder: string): Promise<Bundled> => {
  const found = functionEntries().find((each) => each.name === name);
  return found === undefined ? Promise.reject(new Error(`no function is named ${name}`)) : into(outFolder)(found);
};
