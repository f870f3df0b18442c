import type { Run } from '../http/call.ts';
import { nextOf, positionOf } from '../http/page.ts';
import { limitOf } from '../http/schema.ts';
import { covers } from '../kernel/division.ts';
import { err, ok } from '../kernel/result.ts';
import { SETTINGS, type listProgrammes, type listServices, type readService, type readSetting } from './contract.ts';
import { catalogueReader } from './reader.ts';
import { catalogueRepository } from './repository.ts';

/** A page reads at most this many, so one with filters may be short while `next` is set. */
const MOST_READ = 200;

export const list: Run<typeof listServices> = async (call) => {
  const { runtime, query } = call;
  const after = positionOf<string>(call, query.cursor);
  if (!after.ok) return after;
  const limit = limitOf(query.limit);
  const page = await catalogueRepository(runtime.database).list(MOST_READ, after.value);
  const { group, division } = query;
  const fits = page.items.filter(
    (service) =>
      service.active &&
      (group === undefined || service.group === group) &&
      (division === undefined ||
        service.divisions === undefined ||
        service.divisions.some((each) => covers(each, division) || covers(division, each))),
  );
  const items = fits.slice(0, limit);
  const position = fits.length > limit ? items.at(-1)?.code : page.after === undefined ? undefined : page.items.at(-1)?.code;
  return ok({ status: 200, body: { items, next: nextOf(call, position) } });
};

export const read: Run<typeof readService> = async ({ runtime, params }) => {
  const service = await catalogueRepository(runtime.database).find(params.code);
  return service === undefined ? err({ code: 'notFound' }) : ok({ status: 200, body: service, version: service.version });
};

export const programmes: Run<typeof listProgrammes> = async (call) => {
  const after = positionOf<number>(call, call.query.cursor);
  if (!after.ok) return after;
  const start = after.value ?? 0;
  const end = start + limitOf(call.query.limit);
  const all = await catalogueReader(call.runtime.database).setting('programmes');
  return ok({ status: 200, body: { items: all.slice(start, end), next: nextOf(call, end < all.length ? end : undefined) } });
};

export const setting: Run<typeof readSetting> = async ({ runtime, params: { name } }) => {
  const stored = await catalogueRepository(runtime.database).findSetting(name);
  return ok({ status: 200, body: { name, value: stored?.value ?? SETTINGS[name].initial }, version: stored?.version ?? 0 });
};
