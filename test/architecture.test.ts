/** Imports point one way: kernel ← http, data ← a domain ← lib, bin. Proved from the imports themselves. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..');

interface Import {
  readonly from: string;
  /** The file, from the root; a package's or Node's own name where it is none of ours. */
  readonly to: string;
  readonly typesOnly: boolean;
}

const COMMENTS = /\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm;
/** `import … from '…'`, `export … from '…'`, `import '…'`; what is named between is needed to tell types from values. */
const STATIC = /^(?:import|export)\s+(?:(type\s+)?([^'";]*?)\s+from\s+)?'([^']+)'/gm;
const DYNAMIC = /\bimport\(\s*(?:'([^']+)'|[^)]*)\s*\)/g;

const isTypesOnly = (keyword: string | undefined, names: string | undefined): boolean =>
  keyword !== undefined ||
  (/^\{[^}]*\}$/.test(names ?? '') &&
    (names ?? '')
      .slice(1, -1)
      .split(',')
      .every((name) => name.trim() === '' || name.trim().startsWith('type ')));

const importsOf = (file: string): readonly Import[] => {
  const source = readFileSync(join(ROOT, file), 'utf8').replaceAll(COMMENTS, '');
  const target = (to: string): string => (to.startsWith('.') ? normalize(join(dirname(file), to)) : to);
  return [
    ...[...source.matchAll(STATIC)].map(([, keyword, names, to = '']) => ({
      from: file,
      to: target(to),
      typesOnly: isTypesOnly(keyword, names),
    })),
    ...[...source.matchAll(DYNAMIC)].map(([whole, to = `computed: ${whole}`]) => ({ from: file, to: target(to), typesOnly: false })),
  ];
};

const filesIn = (folder: string): readonly string[] =>
  globSync(`${folder}/**/*.ts`, { cwd: ROOT }).map((file) => file.replaceAll('\\', '/'));
const FILES = ['bin', 'functions', 'lib'].flatMap(filesIn);
const IMPORTS = FILES.flatMap(importsOf);
const OURS = IMPORTS.filter(({ to }) => /^(?:bin|functions|lib|test)\//.test(to));

/** The kit, which no domain is. */
const KIT = ['kernel', 'http', 'data'];
/** `kernel`, `http`, or a domain's name; undefined outside functions/. */
const roomOf = (file: string): string | undefined => /^functions\/([^/]+)\//.exec(file)?.[1];
const DOMAINS = new Set(FILES.map(roomOf).filter((room) => room !== undefined && !KIT.includes(room) && room !== 'reference'));

const told = (wrong: readonly Import[]): readonly string[] =>
  wrong.map(({ from, to, typesOnly }) => `${from} → ${to}${typesOnly ? ' (types)' : ''}`);
const none = (which: (each: Import) => boolean, among: readonly Import[] = OURS): void => expect(told(among.filter(which))).toEqual([]);

test('there are files to look at, and their imports are seen', () => {
  expect(FILES.length).toBeGreaterThan(80);
  expect(IMPORTS.length).toBeGreaterThan(400);
  for (const room of [...KIT, 'divisions', 'catalogue', 'service-requests'])
    expect(FILES.filter((file) => roomOf(file) === room).length).toBeGreaterThan(2);
  expect(OURS.some(({ from, to }) => from === 'functions/service-requests/dependencies.ts' && to === 'functions/catalogue/reader.ts')).toBe(
    true,
  );
  expect(OURS.some(({ typesOnly }) => typesOnly)).toBe(true);
  // A test that reads imports wrongly would prove nothing: each of ours names a file that there is.
  expect(told(OURS.filter(({ to }) => !FILES.includes(to) && !to.endsWith('.json')))).toEqual([]);
});

test('every import of ours ends in its file’s own name', () => {
  none(({ to }) => !/\.(?:ts|json)$/.test(to));
});

test('what is loaded can be told from the code: no computed import in functions', () => {
  none(({ from, to }) => from.startsWith('functions/') && to.startsWith('computed:'), IMPORTS);
});

test('the kernel knows nothing but itself', () => {
  none(({ from, to }) => roomOf(from) === 'kernel' && roomOf(to) !== 'kernel');
});

test('http and data know the kernel and each other, and no domain', () => {
  none(({ from, to }) => ['http', 'data'].includes(roomOf(from) ?? '') && !KIT.includes(roomOf(to) ?? ''));
});

test('data knows of http nothing at all', () => {
  none(({ from, to }) => roomOf(from) === 'data' && roomOf(to) === 'http');
});

test('nothing in functions knows lib or bin, and nothing outside test knows test', () => {
  none(({ from, to }) => from.startsWith('functions/') && !to.startsWith('functions/'));
  none(({ to }) => to.startsWith('test/'));
});

test('lib knows no bin', () => {
  none(({ from, to }) => from.startsWith('lib/') && to.startsWith('bin/'));
});

/** What a domain shows others: what they may read of it, what they may have it write down, and the shapes of its things. */
const isShown = ({ from, to, typesOnly }: Import): boolean => {
  const name = relative(`functions/${roomOf(to)}`, to);
  // A reader that takes much along stands apart from the one that everybody needs.
  if (/^(?:[a-z]+-)?reader\.ts$/.test(name)) return true;
  // The audit is the one place that every domain writes to beside its own.
  if (to === 'functions/audit/writer.ts') return true;
  // A rule or a constant of another domain is its own affair; the shape of what its reader answers with is not.
  return typesOnly && roomOf(from) !== 'reference' && !/(?:^|\/)(?:repository|table|api|relay|run-.*)\.ts$/.test(name);
};

test('a domain takes of another its reader, and types', () => {
  none((each) => DOMAINS.has(roomOf(each.from)) && DOMAINS.has(roomOf(each.to)) && roomOf(each.from) !== roomOf(each.to) && !isShown(each));
});

test('no domain needs the reference, which knows every contract and nothing else of a domain', () => {
  none(({ from, to }) => roomOf(to) === 'reference' && roomOf(from) !== 'reference' && from.startsWith('functions/'));
  none(({ from, to }) => roomOf(from) === 'reference' && DOMAINS.has(roomOf(to)) && !to.endsWith('/contract.ts'));
});

/** Every file and package that is loaded with a file. */
const loadedWith = (file: string, seen = new Set<string>()): ReadonlySet<string> => {
  for (const { to } of IMPORTS.filter((each) => each.from === file && !each.typesOnly && !each.to.startsWith('computed:'))) {
    if (seen.has(to)) continue;
    seen.add(to);
    loadedWith(to, seen);
  }
  return seen;
};

test('a contract is light: words and schemas, no database, no handler, no package but zod', () => {
  for (const file of FILES.filter((each) => each.endsWith('/contract.ts'))) {
    const heavy = [...loadedWith(file)].filter(
      (each) =>
        !/^functions\/(?:kernel|http)\//.test(each) &&
        each !== 'zod/mini' &&
        !(roomOf(each) === roomOf(file) && !/\/(?:repository|table|api|relay)\.ts$/.test(each)),
    );
    expect([file, heavy.filter((each) => !each.startsWith('zod/v4/locales/') && !each.startsWith('node:'))]).toEqual([file, []]);
  }
});

test('only a repository, the audit’s writer and the kit touch the database’s client', () => {
  none(
    ({ from, to, typesOnly }) =>
      /^@aws-sdk\/(?:client-dynamodb|lib-dynamodb)$/.test(to) && from.startsWith('functions/') && roomOf(from) !== 'data' && !typesOnly,
    IMPORTS,
  );
});

test('lib/aws takes from functions only contracts, descriptions of tables and declarations', () => {
  const wanted =
    /\/(?:contract|table|reactions|schedules)\.ts$|^functions\/(?:kernel|http\/operation|http\/metrics|metrics\/overdue-months|data\/(?:table|reaction|schedule|object-store|payments)|reference\/operations)/;
  none(({ from, to, typesOnly }) => from.startsWith('lib/aws/') && to.startsWith('functions/') && !typesOnly && !wanted.test(to));
  none(({ from, to }) => from.startsWith('lib/aws/') && to.startsWith('lib/local/'));
});

test('the environment is read in one place', () => {
  const readers = FILES.filter((file) =>
    /\bprocess\s*(?:\.|\?\.)\s*env\b|\bprocess\s*\[/.test(readFileSync(join(ROOT, file), 'utf8').replaceAll(COMMENTS, '')),
  );
  expect(readers).toEqual(['functions/kernel/environment.ts']);
});

test('what stands on one machine only is not known in functions or lib/aws', () => {
  const names = /\/dev\/|sandbox/i;
  const knowing = FILES.filter(
    (file) => /^(?:functions|lib\/aws)\//.test(file) && names.test(readFileSync(join(ROOT, file), 'utf8').replaceAll(COMMENTS, '')),
  );
  expect(knowing).toEqual([]);
});
