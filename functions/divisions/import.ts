import type { Repeatable } from '../http/call.ts';
import { eachRow, importAnswer, replayImport, withoutEmptyCells, type ImportRow, type RowOutcome } from '../http/import.ts';
import { administers, type Principal } from '../http/principal.ts';
import type { FieldError } from '../http/problem.ts';
import { validate } from '../http/validate.ts';
import { CODE_LENGTHS, LEVELS, parentOf, type DivisionCode } from '../kernel/division.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import { toInstant } from '../kernel/time.ts';
import { divisionInput, divisionRow, type DivisionInput, type importDivisions } from './contract.ts';
import { isSame, radiusErrors, type Division } from './division.ts';
import { divisionFrom } from './put.ts';
import { divisionRepository } from './repository.ts';

interface Read {
  readonly line: number;
  readonly code: DivisionCode;
  readonly input: DivisionInput;
}

/** How often a row is tried that somebody else changes at the same time. */
const ATTEMPTS = 5;

const numberOf = (cell: string | undefined): number | undefined => (cell === undefined ? undefined : Number(cell));
const flagOf = (cell: 'true' | 'false' | undefined): boolean | undefined => (cell === undefined ? undefined : cell === 'true');

/** Reads one line: cells are text, and what they say must be a division as PUT takes it. */
const readRow = async (row: ImportRow, caller: Principal): Promise<Result<Read, readonly FieldError[]>> => {
  const { line, ...cells } = withoutEmptyCells(row);
  const checked = await validate(divisionRow, cells);
  if (!checked.ok) return checked;
  const { code, name, lat, long, radiusKm, population, households, largeCity, mergedInto, active } = divisionRow.parse(checked.value);
  if (!administers(caller, code))
    return err([{ path: 'code', message: { 'zh-CN': '不在您的管辖范围内', en: 'is outside your division' } }]);
  if ((lat === undefined) !== (long === undefined))
    return err([{ path: lat === undefined ? 'lat' : 'long', message: { 'zh-CN': '经纬度须成对', en: 'goes with the other coordinate' } }]);
  const input = {
    name,
    location: lat === undefined ? undefined : { lat: Number(lat), long: Number(long) },
    radiusKm: numberOf(radiusKm),
    population: numberOf(population),
    households: numberOf(households),
    largeCity: flagOf(largeCity),
    mergedInto,
    active: flagOf(active),
  };
  const division = await validate(divisionInput, Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)));
  const errors = division.ok ? radiusErrors(code, input.radiusKm) : division.error;
  return division.ok && errors.length === 0 ? ok({ line: Number(line), code, input: divisionInput.parse(division.value) }) : err(errors);
};

/** Takes in divisions level by level, so that a parent in the same chunk is there before its children. */
export const importAll: Repeatable<typeof importDivisions> = {
  run: async ({ runtime, caller, body, language, requestId, now, once }) => {
    const repository = divisionRepository(runtime.database);
    const outcomes: [number, RowOutcome][] = [];
    const rows: Read[] = [];
    const seen = new Set<string>();
    for (const [index, result] of (await eachRow(body.rows, (row) => readRow(row, caller))).entries()) {
      const line = body.rows[index]?.line ?? 0;
      if (!result.ok) outcomes.push([line, { errors: result.error }]);
      else if (seen.has(result.value.code))
        outcomes.push([line, { errors: [{ path: 'code', message: { 'zh-CN': '在同一批中重复', en: 'stands twice in this chunk' } }] }]);
      else {
        seen.add(result.value.code);
        rows.push(result.value);
      }
    }

    const parents = [...new Set(rows.map(({ code }) => parentOf(code)).filter((code) => code !== undefined))];
    const stored = await repository.readMany([...new Set([...rows.map(({ code }) => code), ...parents])]);
    const known = new Map<DivisionCode, Division>(stored.map((division) => [division.code, division]));

    const take = async ({ code, input }: Read): Promise<RowOutcome> => {
      const parent = parentOf(code);
      if (parent !== undefined && !known.has(parent))
        return { errors: [{ path: 'code', message: { 'zh-CN': `请先建立上级区划 ${parent}`, en: `make its parent ${parent} first` } }] };
      for (let attempt = 1, before = known.get(code); attempt <= ATTEMPTS; attempt++) {
        // What the file has no column for stays as it is.
        const said = { ...before, ...(input.mergedInto === undefined ? {} : { active: false }), ...input };
        const division = divisionFrom(code, said, before, { requestId, changedAt: toInstant(now) });
        if (before !== undefined && isSame(before, division)) return 'unchanged';
        const written = await repository.put(division, before);
        if (written.ok) {
          known.set(code, division);
          return before === undefined ? 'made' : 'changed';
        }
        // Somebody else has changed it meanwhile, perhaps by the same file: look again.
        before = await repository.read(code);
        if (before !== undefined) known.set(code, before);
      }
      return {
        errors: [
          {
            path: 'code',
            message: { 'zh-CN': '同时被他人更改，请重新导入', en: 'was changed by somebody else meanwhile: import it again' },
          },
        ],
      };
    };

    for (const level of LEVELS) {
      const ofLevel = rows.filter(({ code }) => code.length === CODE_LENGTHS[level]);
      const done = await eachRow(ofLevel, take);
      outcomes.push(...done.map((outcome, index): [number, RowOutcome] => [ofLevel[index]?.line ?? 0, outcome]));
    }
    const answer = importAnswer(outcomes, language);
    const written = await runtime.database.write(once(200, 'import', answer));
    return written.ok ? ok({ status: 200, body: answer }) : err({ code: 'conflict' });
  },
  replay: replayImport,
};
