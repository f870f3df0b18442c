/** Open311's bulk columns (http://wiki.open311.org/GeoReport_v2/bulk/) of a request. Pure; what was imported comes out as it went in. */
import type { CatalogueService } from '../catalogue/service.ts';
import { fromInstant, toShanghai, type Instant } from '../kernel/time.ts';
import { bulkRow, type BulkRow } from './contract.ts';
import { isOpen, type ServiceRequest, type Sight } from './service-request.ts';

/** The columns in their order, as the import has them. */
export const BULK_COLUMNS = Object.keys(bulkRow.shape) as readonly (keyof BulkRow)[];

export type BulkService = Pick<CatalogueService, 'code' | 'name'>;

/** Which service a file means by a name: a code is never taken for another service's name. */
export const servicesByName = <S extends BulkService>(services: readonly S[]): ReadonlyMap<string, S> =>
  new Map([
    ...services.flatMap((each) => [each.name.en ?? each.code, each.name['zh-CN']].map((name): [string, S] => [name, each])),
    ...services.map((each): [string, S] => [each.code, each]),
  ]);

/** What a file calls a service, so that the same one is found by it again: its Chinese name, or its code where another goes by that name. */
export const bulkNames = (services: readonly BulkService[]): ((code: string) => string) => {
  const byName = servicesByName(services);
  const names = new Map(
    services.map(({ code, name }) => {
      const chinese = name['zh-CN'];
      const isFound = byName.get(chinese)?.code === code && bulkRow.shape.service_name.safeParse(chinese).success;
      return [code, isFound ? chinese : code];
    }),
  );
  return (code) => names.get(code) ?? code;
};

/** For a service that a file's own name is not known by. */
export const IMPORTED = 'imported';

/** Never in the exponent's form, in which small ones would be written. */
const decimal = (degrees: number): string => degrees.toFixed(12).replace(/\.?0+$/, '');

const moment = (at: Instant): string => toShanghai(fromInstant(at));

/** When it was over; of one that is closed, when it was closed. */
const endedAt = ({ status, closedAt, resolvedAt, history, changedAt }: ServiceRequest): Instant =>
  (status === 'closed' ? closedAt : resolvedAt) ?? history.findLast((each) => each.status === status)?.at ?? changedAt;

/** Why or how it ended. */
const notesOf = ({ status, resolution, history }: ServiceRequest): string | undefined =>
  resolution ?? (status === 'rejected' || status === 'cancelled' ? history.findLast((each) => each.status === status)?.note : undefined);

/**
 * A request in the columns of the import, as far as `sight` goes: the very line that it was imported from, as long as nobody has worked on it
 * here. Who sees the public part alone gets nothing that staff wrote, and not by what way it came.
 */
export const bulkRowOf = (request: ServiceRequest, nameOf: (service: string) => string, sight: Exclude<Sight, 'nothing'>): BulkRow => {
  const { id, imported, location, service } = request;
  if (imported !== undefined && request.change === IMPORTED) return imported;
  const isClosed = !isOpen(request);
  const isWhole = sight === 'whole';
  return {
    service_request_id: imported?.service_request_id ?? id,
    requested_datetime: moment(request.requestedAt),
    updated_datetime: moment(request.changedAt),
    closed_date: isClosed ? moment(endedAt(request)) : undefined,
    status_description: isClosed ? 'closed' : 'open',
    status_notes: isClosed && isWhole ? notesOf(request) : undefined,
    source: isWhole ? request.channel : undefined,
    service_name: service === IMPORTED ? (imported?.service_name ?? nameOf(service)) : nameOf(service),
    service_subtype: imported?.service_subtype,
    description: request.description,
    agency_responsible: imported?.agency_responsible,
    address: request.address,
    lat: location === undefined ? undefined : decimal(location.lat),
    long: location === undefined ? undefined : decimal(location.long),
    community: request.community,
  };
};

/** Its cells, in the order of the columns. */
export const bulkCells = (row: BulkRow): readonly string[] => BULK_COLUMNS.map((column) => row[column] ?? '');

const isSameLine = (one: BulkRow, other: BulkRow): boolean => bulkCells(one).every((cell, index) => cell === bulkCells(other)[index]);

/** Whether a line is what a request is exported as, to whomever. */
export const isLineOf = (row: BulkRow, request: ServiceRequest, nameOf: (service: string) => string): boolean =>
  (['whole', 'public'] as const).some((sight) => isSameLine(bulkRowOf(request, nameOf, sight), row));
