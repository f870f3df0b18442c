import type { Repeatable, SignedInCall } from '../http/call.ts';
import { isStaffOf } from '../http/principal.ts';
import type { FieldError } from '../http/problem.ts';
import type { CatalogueService } from '../catalogue/service.ts';
import type { Division } from '../divisions/division.ts';
import { newNumberedId } from '../kernel/id.ts';
import { toWgs84 } from '../kernel/position.ts';
import { err, ok } from '../kernel/result.ts';
import { toInstant } from '../kernel/time.ts';
import { attributeErrors } from './attributes.ts';
import type { CreateInput, createRequest } from './contract.ts';
import { dependencies } from './dependencies.ts';
import { replay } from './read.ts';
import { OFFLINE_CHANNELS, type ServiceRequest } from './service-request.ts';
import { clocksFrom } from './transitions.ts';
import { requestView } from './view.ts';

/** Two requests draw one number less than once in ten thousand million. */
const NUMBER_ATTEMPTS = 5;

/** What is wrong with the place, the service and its attributes. */
const errorsOf = (body: CreateInput, community: Division | undefined, service: CatalogueService | undefined): readonly FieldError[] => {
  const errors: FieldError[] = [];
  if (community === undefined) errors.push({ path: 'community', message: { 'zh-CN': '没有这个社区', en: 'is no community here' } });
  else if (!community.active) {
    const into = community.mergedInto;
    errors.push({
      path: 'community',
      message:
        into === undefined
          ? { 'zh-CN': '该社区已停用', en: 'is no longer in use' }
          : { 'zh-CN': `该社区已并入 ${into}`, en: `has become part of ${into}` },
    });
  }
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
  const requestedAt = toInstant(now);
  return {
    id,
    version: 1,
    change: 'submitted',
    service: service.code,
    serviceVersion: service.version,
    community: body.community,
    visibility: body.confidential === true ? 'confidential' : service.visibility,
    status: 'submitted',
    priority: 'normal',
    channel: body.channel,
    description: body.description,
    address: body.address,
    location: body.location === undefined ? undefined : toWgs84(body.location),
    attributes: body.attributes,
    contact: body.contact,
    onBehalfOf: body.onBehalfOf,
    requester,
    recordedBy: requester === caller.sub ? undefined : caller.sub,
    requestedAt,
    changedAt: requestedAt,
    round: 1,
    ...clocksFrom(now, service),
    pausedWorkingMs: 0,
    escalation: { respond: 0, resolve: 0 },
    rounds: [],
    history: [{ at: requestedAt, action: 'submit', status: 'submitted', round: 1, by: caller.sub }],
    trail: [],
    comments: 0,
  };
};

/** Takes in a request. Two reads at once, then one write: the request, and the idempotency record with it. */
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
    const { requests, catalogue, divisions } = dependencies(runtime);
    const [community, service] = await Promise.all([divisions.find(body.community), catalogue.offered(body.service, body.community)]);
    const errors = errorsOf(body, community, service);
    if (errors.length > 0 || service === undefined) return err({ code: 'invalid', errors });
    for (let attempt = 1; ; attempt++) {
      const request = requestFrom(call, service, newNumberedId(runtime.random));
      const written = await requests.write([requests.makes(request, requestId), ...call.once(201, request.id)]);
      if (written.ok) {
        return ok({
          status: 201,
          body: requestView(request, [], 'whole', caller, now),
          version: request.version,
          location: `/v1/requests/${request.id}`,
        });
      }
      // The number was taken: draw another. Or the key was: the kit answers with what it made.
      if (written.error.index !== 0 || attempt === NUMBER_ATTEMPTS) return err({ code: 'conflict' });
    }
  },
  replay: async (call, id) => {
    const again = await replay(call, id);
    return again.ok ? ok({ ...again.value, location: `/v1/requests/${id}` }) : again;
  },
};
