/** Bundles what is measured: every function as it is deployed, and what they are measured against. */
import { build } from 'esbuild';
import { join, resolve } from 'node:path';
import { bundle, bundleOne, type Bundled } from '../../lib/bundle.ts';

export interface Bundles {
  readonly functions: readonly Bundled[];
  /** The file to load. */
  readonly mainOf: (name: string) => string;
}

const ROOT = resolve(import.meta.dirname, '..', '..');
const OTHERS = ['raw', 'baseline', 'cold-process', 'warm-process'];

/** As the SDK's users are told to bundle: ESM, minified, from its ES modules, what is loaded later apart. */
const buildPlainly = async (name: string, folder: string): Promise<void> => {
  await build({
    absWorkingDir: ROOT,
    entryPoints: [`test/bench/${name}.ts`],
    outdir: folder,
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    mainFields: ['module', 'main'],
    outExtension: { '.js': '.mjs' },
    banner: { js: "import{createRequire as $require}from'node:module';const require=$require(import.meta.url);" },
  });
};

export const bundleAll = async (folder: string): Promise<Bundles> => {
  const functions = await bundle(folder);
  const mains = new Map<string, string>([['raw-plain', join(folder, 'raw-plain', 'raw.mjs')]]);
  await buildPlainly('raw', join(folder, 'raw-plain'));
  // Each by itself: what one uses is none of the other's.
  const others = await Promise.all(
    OTHERS.map((name) =>
      bundleOne(
        { name, kind: 'api', domain: 'bench', file: `test/bench/${name}.ts` },
        {
          all: join(folder, 'all', name),
          outFolder: folder,
          outbase: 'test',
        },
      ),
    ),
  );
  for (const each of [...functions, ...others]) mains.set(each.name, join(each.folder, `${each.handler.replace(/\.handler$/, '')}.mjs`));
  return {
    functions,
    mainOf: (name) => {
      const main = mains.get(name);
      if (main === undefined) throw new Error(`${name} is not bundled`);
      return main;
    },
  };
};
