import { createHash } from 'node:crypto';
import type { CatalogueService } from '../catalogue/service.ts';
import type { Repeatable } from '../http/call.ts';
import { eachRow, importAnswer, replayImport, withoutEmptyCells, type ImportRow, type RowOutcome } from '../http/import.ts';
import { administers, type Principal } from '../http/principal.ts';
import type { FieldError } from '../http/problem.ts';
import { validate } from '../http/validate.ts';
import { CHANNELS, type Channel } from '../kernel/channel.ts';
import type { DivisionCode } from '../kernel/division.ts';
import { roundDegrees } from '../kernel/degrees.ts';
import { derivedFrom, ID_PATTERN, newNumberedId } from '../kernel/id.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import { parseInstant, toInstant, type EpochMs } from '../kernel/time.ts';
import { bulkNames, IMPORTED, isLineOf, servicesByName } from './bulk.ts';
import { bulkRow, type BulkRow, type importRequests } from './contract.ts';
import { dependencies } from './dependencies.ts';
import type { HistoryEntry, ServiceRequest } from './service-request.ts';
import { clocksFrom } from './transitions.ts';

/** Ids of several imported requests may begin with one number, and others may take in the same file: that every one of these fails will not happen. */
const ATTEMPTS = 8;

interface Read {
  readonly line: number;
  readonly row: BulkRow;
  readonly requestedAt: EpochMs;
  readonly updatedAt: EpochMs;
  readonly closedAt: EpochMs | undefined;
}

const MOMENT = { 'zh-CN': '应为带时区的 RFC 3339 时间', en: 'must be an RFC 3339 moment with an offset' };

const readRow = async (raw: ImportRow, caller: Principal): Promise<Result<Read, readonly FieldError[]>> => {
  const { line, ...cells } = withoutEmptyCells(raw);
  const checked = await validate(bulkRow, cells);
  if (!checked.ok) return checked;
  const row = bulkRow.parse(checked.value);
  const errors: FieldError[] = [];
  const moment = (path: 'requested_datetime' | 'updated_datetime' | 'closed_date'): EpochMs | undefined => {
    const text = row[path];
    const value = text === undefined ? undefined : parseInstant(text);
    if (text !== undefined && value === undefined) errors.push({ path, message: MOMENT });
    return value;
  };
  const requestedAt = moment('requested_datetime');
  const updatedAt = moment('updated_datetime');
  const closedAt = moment('closed_date');
  if (requestedAt !== undefined && closedAt !== undefined && closedAt < requestedAt)
    errors.push({ path: 'closed_date', message: { 'zh-CN': '早于提出时间', en: 'is before requested_datetime' } });
  if (row.status_description === 'closed' && row.closed_date === undefined)
    errors.push({ path: 'closed_date', message: { 'zh-CN': '已办结的须填', en: 'is required of what is closed' } });
  if ((row.lat === undefined) !== (row.long === undefined))
    errors.push({
      path: row.lat === undefined ? 'lat' : 'long',
      message: { 'zh-CN': '经纬度须成对', en: 'goes with the other coordinate' },
    });
  for (const [path, most] of [
    ['lat', 90],
    ['long', 180],
  ] as const) {
    if (Math.abs(Number(row[path] ?? 0)) > most)
      errors.push({ path, message: { 'zh-CN': `应在 −${most} 到 ${most} 之间`, en: `must be between −${most} and ${most}` } });
  }
  if (!administers(caller, row.community))
    errors.push({ path: 'community', message: { 'zh-CN': '不在您的管辖范围内', en: 'is outside your division' } });
  return errors.length > 0 || requestedAt === undefined
    ? err(errors)
    : ok({ line: Number(line), row, requestedAt, updatedAt: updatedAt ?? closedAt ?? requestedAt, closedAt });
};

const channelOf = (source: string | undefined): Channel => {
  const word = source?.toLowerCase() ?? '';
  const own = CHANNELS.find((each) => each === word);
  if (own !== undefined) return own;
  if (/phone|电话|12345/.test(word)) return 'phone';
  if (/mobile|app/.test(word)) return 'app';
  return /online|web|网/.test(word) ? 'web' : 'counter';
};

const requestFrom = (
  { row, requestedAt, updatedAt, closedAt }: Read,
  id: string,
  service: CatalogueService,
  version: number,
  importHash: string,
): ServiceRequest => {
  const submitted: HistoryEntry = { at: toInstant(requestedAt), action: 'submit', status: 'submitted', round: 1 };
  const closed = closedAt === undefined ? undefined : toInstant(closedAt);
  return {
    id,
    version,
    change: 'imported',
    service: service.code,
    serviceVersion: service.version,
    community: row.community,
    visibility: service.visibility,
    status: closed === undefined ? 'submitted' : 'closed',
    priority: 'normal',
    channel: channelOf(row.source),
    description: row.description ?? row.service_name,
    address: row.address,
    location: row.lat === undefined ? undefined : { lat: roundDegrees(Number(row.lat)), long: roundDegrees(Number(row.long)) },
    requestedAt: toInstant(requestedAt),
    changedAt: toInstant(updatedAt),
    round: 1,
    ...clocksFrom(requestedAt, service),
    resolvedAt: closed,
    closedAt: closed,
    resolution: closed === undefined ? undefined : row.status_notes,
    pausedWorkingMs: 0,
    escalation: { respond: 0, resolve: 0 },
    rounds: [],
    history:
      closed === undefined
        ? [submitted]
        : [
            submitted,
            { at: closed, action: 'resolve', status: 'resolved', round: 1, note: row.status_notes },
            { at: closed, action: 'close', status: 'closed', round: 1 },
          ],
    trail: closed === undefined ? [] : [{ at: closed, was: { phase: 'open', resolvedAt: null } }],
    comments: 0,
    imported: row,
    importHash,
  };
};

const fails = (path: string, zh: string, en: string): RowOutcome => ({ errors: [{ path, message: { 'zh-CN': zh, en } }] });

/** Takes in requests from before: each line makes the same request every time, so what is there already is left, or brought up to the file. */
export const importAll: Repeatable<typeof importRequests> = {
  run: async ({ runtime, caller, body, language, requestId, once }) => {
    const { requests, catalogue, divisions } = dependencies(runtime);
    const read = await eachRow(body.rows, (row) => readRow(row, caller));
    const good = read.flatMap((each) => (each.ok ? [each.value] : []));
    const [services, communities] = await Promise.all([
      catalogue.all(),
      divisions.findMany([...new Set(good.map(({ row }) => row.community))]),
    ]);
    const active = new Set<DivisionCode>(communities.filter((each) => each.active).map((each) => each.code));
    const byName = servicesByName(services);
    const nameOf = bulkNames(services);
    const unknown = services.find((each) => each.code === IMPORTED);
    if (unknown === undefined) throw new Error('the catalogue has no service `imported`: load the starting catalogue');

    const lastLineOf = new Map(good.map(({ row, line }) => [row.service_request_id, line]));

    const take = async (item: Read): Promise<RowOutcome> => {
      const { row, line } = item;
      if (!active.has(row.community)) return fails('community', '没有这个社区，或已停用', 'is no community in use');
      if (lastLineOf.get(row.service_request_id) !== line)
        return fails('service_request_id', '在同一批中重复，以后面的为准', 'stands again further on in this chunk, which is what counts');
      const importHash = createHash('sha256')
        .update(JSON.stringify(Object.entries(row).toSorted()))
        .digest('base64url');
      const ours = ID_PATTERN.test(row.service_request_id) ? await requests.read(row.service_request_id) : undefined;
      if (ours !== undefined && ours.imported === undefined)
        return isLineOf(row, ours, nameOf)
          ? 'unchanged'
          : fails('service_request_id', '是本系统中的诉求，未覆盖', 'is a request of this system: left as it is');
      for (let attempt = 0, draw = 0; attempt < ATTEMPTS; attempt++) {
        const id = newNumberedId(derivedFrom('import', row.service_request_id, draw));
        const before = await requests.readByNumber(id);
        if (before !== undefined && before.id !== id) {
          draw += 1;
          continue;
        }
        if (before?.importHash === importHash) return 'unchanged';
        if (before !== undefined && before.change !== IMPORTED) {
          if (isLineOf(row, before, nameOf)) return 'unchanged';
          return fails('service_request_id', '导入后已在系统中办理，未覆盖', 'has been worked on here since: left as it is');
        }
        const request = requestFrom(item, id, byName.get(row.service_name) ?? unknown, (before?.version ?? 0) + 1, importHash);
        const written = await requests.write([
          before === undefined ? requests.makes(request, requestId) : requests.changes(request, before.version, requestId),
        ]);
        if (written.ok) return before === undefined ? 'made' : 'changed';
        // Somebody else takes in the same file at the same time: look again, at the same number.
      }
      return fails('service_request_id', '同时被他人更改，请重新导入', 'was changed by somebody else meanwhile: import it again');
    };

    const taken = await eachRow(good, take);
    const answer = importAnswer(
      [
        ...good.map(({ line }, index): [number, RowOutcome] => [line, taken[index] ?? 'unchanged']),
        ...read.flatMap((each, index): [number, RowOutcome][] => (each.ok ? [] : [[body.rows[index]?.line ?? 0, { errors: each.error }]])),
      ],
      language,
    );
    const written = await runtime.database.write(once(200, 'import', answer));
    return written.ok ? ok({ status: 200, body: answer }) : err({ code: 'conflict' });
  },
  replay: replayImport,
};
