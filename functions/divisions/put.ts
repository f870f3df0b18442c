import { isMatch, type Run } from '../http/call.ts';
import { administers } from '../http/principal.ts';
import { wrongField } from '../http/problem.ts';
import { err, ok } from '../kernel/result.ts';
import { parentOf, type DivisionCode } from '../kernel/division.ts';
import { toWgs84 } from '../kernel/position.ts';
import { toInstant, type Instant } from '../kernel/time.ts';
import type { DivisionInput, putDivision } from './contract.ts';
import { pastOf, radiusErrors, viewOf, type Division } from './division.ts';
import { divisionRepository, keyOf } from './repository.ts';

/** The division that an input asks for: all of it is replaced. */
export const divisionFrom = (
  code: DivisionCode,
  input: DivisionInput,
  before: Division | undefined,
  stamp: { readonly requestId: string; readonly changedAt: Instant },
): Division => {
  // What has become part of another is no longer in use.
  const active = input.active ?? input.mergedInto === undefined;
  return {
    ...keyOf(code),
    code,
    name: input.name,
    location: input.location === undefined ? undefined : toWgs84(input.location),
    radiusKm: input.radiusKm,
    population: input.population,
    households: input.households,
    largeCity: input.largeCity,
    mergedInto: input.mergedInto,
    active,
    version: (before?.version ?? 0) + 1,
    change: before === undefined ? 'made' : 'changed',
    ...stamp,
    ...pastOf({ active, mergedInto: input.mergedInto, changedAt: stamp.changedAt }, before),
  };
};

/** Makes or replaces a division. Only its parent's existence is asked for. */
export const put: Run<typeof putDivision> = async ({ runtime, caller, params, body, ifMatch, requestId, now }) => {
  const { code } = params;
  if (!administers(caller, code)) return err({ code: 'forbidden' });
  const repository = divisionRepository(runtime.database);
  const parent = parentOf(code);
  const [before, above] = await Promise.all([repository.read(code), parent === undefined ? undefined : repository.find(parent)]);
  if (!isMatch(ifMatch, before?.version)) return err({ code: 'preconditionFailed' });
  if (parent !== undefined && above === undefined) {
    return err(wrongField('code', { 'zh-CN': `请先建立上级区划 ${parent}`, en: `make its parent ${parent} first` }));
  }
  const errors = radiusErrors(code, body.radiusKm);
  if (errors.length > 0) return err({ code: 'invalid', errors });
  const division = divisionFrom(code, body, before, { requestId, changedAt: toInstant(now) });
  const written = await repository.put(division, before);
  if (!written.ok) return err({ code: ifMatch === undefined ? 'conflict' : 'preconditionFailed' });
  return ok({
    status: before === undefined ? 201 : 200,
    body: viewOf(division),
    version: division.version,
    location: `/v1/divisions/${code}`,
  });
};
