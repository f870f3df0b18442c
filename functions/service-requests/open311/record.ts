/** A request as GeoReport v2 shows it: the public part to everybody, the whole of it to the client that sent it in. */
import type { CatalogueService } from '../../catalogue/service.ts';
import { numberOf } from '../../kernel/id.ts';
import { inLanguage, type Language } from '../../kernel/texts.ts';
import type { Comment, HistoryEntry, ServiceRequest } from '../service-request.ts';
import type { RequestRecord } from './contract.ts';
import { momentText } from './moments.ts';
import { fineStatus, plainStatus, STATUS_TEXTS } from './statuses.ts';

export interface Shown {
  readonly request: ServiceRequest;
  /** It is the caller's own. */
  readonly isOwn: boolean;
  readonly comments: readonly Comment[];
  /** Links to its pictures, as far as they can be seen. */
  readonly pictures: readonly string[];
}

export interface Showing {
  readonly language: Language;
  readonly services: ReadonlyMap<string, CatalogueService>;
  readonly extensions: boolean;
}

/** What is said of a change: its reason or resolution to whose it is, and its status to everybody else. Of lateness, the note is a clock. */
export const descriptionOf = (
  { action, status, note }: Pick<HistoryEntry, 'action' | 'status' | 'note'>,
  isOwn: boolean,
  language: Language,
): string => (isOwn && note !== undefined && action !== 'escalate' ? note : inLanguage(STATUS_TEXTS[status], language));

/** Whether it told who waits for it anything: being late, and being rated, do not. */
export const isTelling = ({ action }: Pick<HistoryEntry, 'action'>): boolean => action !== 'escalate' && action !== 'rating';

/** Comments are between the requester and staff; what staff keep to themselves is for nobody else. */
export const seenComments = ({ isOwn, comments }: Pick<Shown, 'isOwn' | 'comments'>): readonly Comment[] =>
  isOwn ? comments.filter(({ internal }) => !internal) : [];

/** What the service asks for first, in its order: a stored map has none. */
const attributesOf = ({ attributes = {} }: ServiceRequest, service: CatalogueService | undefined, language: Language) => {
  const asked = service?.attributes.toSorted((a, b) => a.order - b.order).map(({ code }) => code) ?? [];
  const codes = new Set([...asked, ...Object.keys(attributes).toSorted()]);
  return [...codes].flatMap((code) => {
    const declared = service?.attributes.find((each) => each.code === code);
    const label = declared === undefined ? code : inLanguage(declared.description, language);
    return [attributes[code] ?? []].flat().map((value) => {
      const name = declared?.values?.find(({ key }) => key === value)?.name;
      return { code, label, name: name === undefined ? null : inLanguage(name, language), value: String(value) };
    });
  });
};

const extensionsOf = (shown: Shown, { language, services }: Showing): Partial<RequestRecord> => {
  const { request, isOwn, pictures } = shown;
  const external = isOwn ? request.external : undefined;
  const notes: NonNullable<RequestRecord['notes']> = [
    ...request.history
      .filter((entry) => isOwn || isTelling(entry))
      .map((entry) => ({
        datetime: momentText(entry.at),
        description: descriptionOf(entry, isOwn, language),
        type: entry.action,
      })),
    ...seenComments(shown).map(({ at, text }) => ({ datetime: momentText(at), description: text, type: 'comment' })),
  ].toSorted((a, b) => (a.datetime < b.datetime ? -1 : a.datetime > b.datetime ? 1 : 0));
  return {
    notes,
    ...(isOwn
      ? {
          attributes: [
            ...attributesOf(request, services.get(request.service), language),
            ...Object.entries(external?.attributes ?? {})
              .toSorted(([a], [b]) => (a < b ? -1 : 1))
              .flatMap(([code, values]) => values.map((value) => ({ code, label: code, name: null, value }))),
          ],
        }
      : {}),
    extended_attributes: {
      number: numberOf(request.id),
      community: request.community,
      detailed_status: fineStatus(request.status),
      respond_by: momentText(request.respondBy),
      photos: pictures.map((url) => ({ media_url: url, title: null })),
      ...(external === undefined
        ? {}
        : {
            first_name: external.firstName ?? null,
            last_name: external.lastName ?? null,
            email: external.email ?? null,
            phone: external.phone ?? null,
            device_id: external.deviceId ?? null,
            account_id: external.accountId ?? null,
            media_urls: [...(external.mediaUrls ?? [])],
          }),
    },
  };
};

export const recordOf = (shown: Shown, showing: Showing): RequestRecord => {
  const { request, isOwn, pictures } = shown;
  const { language, services, extensions } = showing;
  const service = services.get(request.service);
  const last = request.history.findLast(isTelling);
  // Of somebody else's picture we do not know what it shows, and where: only ours go out to everybody.
  const picture = pictures[0] ?? (isOwn ? request.external?.mediaUrls?.[0] : undefined);
  return {
    service_request_id: request.id,
    status: plainStatus(request),
    status_notes: last === undefined ? null : descriptionOf({ ...last, status: request.status }, isOwn, language),
    service_name: service === undefined ? request.service : inLanguage(service.name, language),
    service_code: request.service,
    description: request.description,
    agency_responsible: request.imported?.agency_responsible ?? null,
    service_notice: null,
    requested_datetime: momentText(request.requestedAt),
    updated_datetime: momentText(request.changedAt),
    expected_datetime: momentText(request.resolveBy),
    address: request.address ?? null,
    address_id: isOwn ? (request.external?.addressId ?? null) : null,
    zipcode: null,
    lat: request.location?.lat ?? null,
    long: request.location?.long ?? null,
    media_url: picture ?? null,
    ...(extensions ? extensionsOf(shown, showing) : {}),
  };
};
