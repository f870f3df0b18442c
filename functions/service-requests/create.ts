import type { Repeatable, SignedInCall } from '../http/call.ts';
import { isStaffOf } from '../http/principal.ts';
import { wrongField, type FieldError } from '../http/problem.ts';
import type { CatalogueService } from '../catalogue/service.ts';
import type { Division } from '../divisions/division.ts';
import { communityFault } from '../divisions/reader.ts';
import { OFFLINE_CHANNELS } from '../kernel/channel.ts';
import { newNumberedId } from '../kernel/id.ts';
import { toWgs84 } from '../kernel/position.ts';
import { err, ok } from '../kernel/result.ts';
import { ALREADY_ATTACHED, mediaErrors } from '../media/reader.ts';
import { attributeErrors } from './attributes.ts';
import type { CreateInput, createRequest } from './contract.ts';
import { dependencies } from './dependencies.ts';
import { opened } from './opened.ts';
import { picturesById } from './pictures.ts';
import { replay } from './read.ts';
import type { ServiceRequest } from './service-request.ts';
import { requestView } from './view.ts';

/** Two requests draw one number less than once in ten thousand million. */
const NUMBER_ATTEMPTS = 5;

/** What is wrong with the place, the service and its attributes. */
const errorsOf = (body: CreateInput, community: Division | undefined, service: CatalogueService | undefined): readonly FieldError[] => {
  const errors: FieldError[] = [];
  const fault = communityFault(community);
  if (fault !== undefined) errors.push({ path: 'community', message: fault });
  if (service === undefined) {
    errors.push({
      path: 'service',
      message: { 'zh-CN': '此处没有这项服务，请见 GET /v1/services', en: 'is not offered there: see GET /v1/services' },
    });
  } else errors.push(...attributeErrors(service.attributes, body.attributes ?? {}));
  return errors;
};

const requestFrom = ({ body, caller, now }: SignedInCall<typeof createRequest>, service: CatalogueService, id: string): ServiceRequest => {
  const requester = body.onBehalfOf === undefined ? caller.sub : body.onBehalfOf.sub;
  return {
    ...opened({ id, service, community: body.community, now, by: caller.sub }),
    ...(body.confidential === true ? { visibility: 'confidential' } : {}),
    channel: body.channel,
    description: body.description,
    address: body.address,
    location: body.location === undefined ? undefined : toWgs84(body.location),
    attributes: body.attributes,
    contact: body.contact,
    media: body.media === undefined || body.media.length === 0 ? undefined : body.media,
    onBehalfOf: body.onBehalfOf,
    requester,
    recordedBy: requester === caller.sub ? undefined : caller.sub,
  };
};

/** Takes in a request. Its reads at once, then one write: the request, and the idempotency record with it. */
export const create: Repeatable<typeof createRequest> = {
  run: async (call) => {
    const { runtime, body, caller, now, requestId } = call;
    if ((OFFLINE_CHANNELS.has(body.channel) || body.onBehalfOf !== undefined) && !isStaffOf(caller, body.community)) {
      return err({
        code: 'forbidden',
        detail: {
          'zh-CN': '代他人登记或电话、柜台、上门登记只限该社区的工作者或调度员。',
          en: 'Only a worker or dispatcher of that community may take it in for somebody, or by phone, at a counter or at a visit.',
        },
      });
    }
    const { requests, catalogue, divisions, media } = dependencies(runtime);
    const ids = body.media ?? [];
    const [community, service, found] = await Promise.all([
      divisions.find(body.community),
      catalogue.offered(body.service, body.community),
      media.readAll(ids),
    ]);
    const errors = [...errorsOf(body, community, service), ...mediaErrors(ids, found, caller.sub, now)];
    if (errors.length > 0 || service === undefined) return err({ code: 'invalid', errors });
    const pictures = ids.length === 0 ? undefined : picturesById(await media.showAll(found, now));
    for (let attempt = 1; ; attempt++) {
      const request = requestFrom(call, service, newNumberedId(runtime.random));
      const claims = requests.claimsMedia(request);
      const written = await requests.write([requests.makes(request, requestId), ...claims, ...call.once(201, request.id)]);
      if (written.ok) {
        return ok({
          status: 201,
          body: requestView(request, [], 'whole', caller, now, pictures),
          version: request.version,
          view: 'whole',
          location: `/v1/requests/${request.id}`,
        });
      }
      const { index } = written.error;
      if (index > 0 && index <= claims.length) return err(wrongField(`media.${index - 1}`, ALREADY_ATTACHED));
      // The number was taken: draw another. Or the key was: the kit answers with what it made.
      if (index !== 0 || attempt === NUMBER_ATTEMPTS) return err({ code: 'conflict' });
    }
  },
  replay: async (call, id) => {
    const again = await replay(call, id);
    return again.ok ? ok({ ...again.value, location: `/v1/requests/${id}` }) : again;
  },
};
