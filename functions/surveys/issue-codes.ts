import { divisionsReader } from '../divisions/reader.ts';
import type { Repeatable, SignedInCall } from '../http/call.ts';
import { isStaffOf } from '../http/principal.ts';
import { wrongField } from '../http/problem.ts';
import { levelOf, type DivisionCode } from '../kernel/division.ts';
import { newId, parseNumber } from '../kernel/id.ts';
import { err, ok } from '../kernel/result.ts';
import { codeHash, codeHashes, codesOf } from './codes.ts';
import type { issueSurveyCodes } from './contract.ts';
import { wrongStateOf } from './replies.ts';
import { surveyRepository } from './repository.ts';
import { seen } from './seen.ts';
import { isAsked, stateAt, type Survey } from './survey.ts';

/** What is kept of a lot with its idempotency record; the codes follow from it. */
interface Lot {
  readonly lot: string;
  readonly community: DivisionCode;
  readonly count: number;
}

const ATTEMPTS = 3;
const charactersOf = (code: string): string => {
  const characters = parseNumber(code);
  if (characters === undefined) throw new Error('a code of ours has its check sign');
  return characters;
};

const issued = ({ id, version }: Survey, community: DivisionCode, codes: readonly string[]) => {
  const [code] = codes;
  if (code === undefined) throw new Error('a lot has a code at least');
  return ok({ status: 201, body: { survey: id, community, code, codes: [...codes] }, version, location: `/v1/surveys/${id}` });
};

/** Where codes are for, if nothing is said of it. */
const usualOf = ({ caller }: SignedInCall<typeof issueSurveyCodes>, { audience }: Survey): DivisionCode | undefined => {
  const [place, ...others] = audience.divisions;
  return [caller.division, others.length === 0 ? place : undefined].find((code) => code !== undefined && levelOf(code) === 'community');
};

export const issueCodes: Repeatable<typeof issueSurveyCodes> = {
  async run(call) {
    const { runtime, caller, params, body, now } = call;
    const found = await seen(call, params.id);
    if (!found.ok) return found;
    const survey = found.value;
    const { community = usualOf(call, survey), count = 1 } = body;
    if (community === undefined) return err(wrongField('community', { 'zh-CN': '必填', en: 'is required' }));
    if (!isStaffOf(caller, community)) return err({ code: 'forbidden' });
    if (!['scheduled', 'open'].includes(stateAt(survey, now))) return err(wrongStateOf(call, survey));
    if (!isAsked(survey, community) || (await divisionsReader(runtime.database).find(community)) === undefined)
      return err(wrongField('community', { 'zh-CN': '不是此调查范围内的社区', en: 'is no community of this survey’s audience' }));
    const repository = surveyRepository(runtime.database);
    const [secret] = runtime.secrets;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const lot: Lot = { lot: newId(runtime.random), community, count };
      const codes = codesOf(secret, lot.lot, lot.count);
      const written = await repository.write([
        ...codes.map((code) => repository.putsCode(codeHash(secret, survey.id, charactersOf(code)), { community })),
        ...call.once(201, survey.id, lot),
      ]);
      if (written.ok) return issued(survey, community, codes);
      // One of them has been given before; or the very same call was quicker, which is answered from its record.
      if (written.error.index >= codes.length) break;
    }
    return err({ code: 'conflict' });
  },
  async replay({ runtime }, resource, answer) {
    // What was kept with the record is what we kept.
    const { lot, community, count } = answer as Lot;
    const repository = surveyRepository(runtime.database);
    const survey = await repository.read(resource);
    if (survey === undefined) return err({ code: 'notFound' });
    for (const secret of runtime.secrets) {
      const codes = codesOf(secret, lot, count);
      const [first = ''] = codes;
      if ((await repository.findCode(codeHashes(runtime.secrets, resource, charactersOf(first)))) !== undefined)
        return issued(survey, community, codes);
    }
    return err({ code: 'conflict' });
  },
};
