import type { Run } from '../http/call.ts';
import { nextOf, positionOf } from '../http/page.ts';
import { limitOf } from '../http/schema.ts';
import type { DivisionCode } from '../kernel/division.ts';
import { err, ok } from '../kernel/result.ts';
import type { listChildren, readDivision } from './contract.ts';
import { viewOf } from './division.ts';
import { divisionRepository } from './repository.ts';

export const read: Run<typeof readDivision> = async ({ runtime, params }) => {
  const division = await divisionRepository(runtime.database).find(params.code);
  return division === undefined ? err({ code: 'notFound' }) : ok({ status: 200, body: viewOf(division), version: division.version });
};

export const list: Run<typeof listChildren> = async (call) => {
  const { runtime, params, query } = call;
  const after = positionOf<DivisionCode>(call, query.cursor);
  if (!after.ok) return after;
  const repository = divisionRepository(runtime.database);
  const parent = params.code;
  const page = await repository.children(parent, limitOf(query.limit), after.value);
  if (page.items.length === 0 && (await repository.find(parent)) === undefined) return err({ code: 'notFound' });
  return ok({
    status: 200,
    body: { items: page.items.map(viewOf), next: nextOf(call, page.after === undefined ? undefined : page.items.at(-1)?.code) },
  });
};
