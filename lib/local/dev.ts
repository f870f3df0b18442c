/** `/dev/*`: what one machine has and no cloud deployment does. Refuses what a web page or another host might send. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import * as z from 'zod/mini';
import { problemOf, type Failure, type FieldError } from '../../functions/http/problem.ts';
import { ROLES } from '../../functions/http/principal.ts';
import { divisionCode, line, moment } from '../../functions/http/schema.ts';
import { validate } from '../../functions/http/validate.ts';
import { preferredLanguage } from '../../functions/kernel/texts.ts';
import type { DivisionCode } from '../../functions/kernel/division.ts';
import { parseInstant, type EpochMs } from '../../functions/kernel/time.ts';
import type { Rebuilt } from '../../functions/metrics/rebuild.ts';
import type { Result } from '../../functions/kernel/result.ts';
import type { Redriven } from './bus.ts';
import type { Issuer } from './issuer.ts';
import { Message, type Outbox } from './outbox.ts';
import type { Parked } from './parked.ts';

const DEV_PATH = '/dev';
export const ISSUER_PATH = `${DEV_PATH}/issuer`;
export const OUTBOX_PATH = `${DEV_PATH}/outbox`;

const tokenInput = z.strictObject({
  sub: line(255),
  roles: z.array(z.enum(ROLES)),
  division: z.optional(divisionCode),
  provider: z.optional(line(255)),
  name: z.optional(line(100)),
});
const factsInput = z.strictObject({
  division: z.optional(divisionCode),
  within: z.optional(divisionCode),
  recount: z._default(z.boolean(), false),
});
const scheduleInput = z.strictObject({ time: z.optional(moment) });

export interface DevDependencies {
  readonly issuer: Issuer;
  readonly outbox: Outbox;
  readonly parked: Parked;
  /** Plays parked events again for a reaction, or parked records for a relay (`serviceRequests-relay`). */
  readonly redrive: (name: string) => Promise<Result<Redriven, 'unknownReaction'>>;
  readonly settle: () => Promise<void>;
  readonly runSchedule: (name: string, time: EpochMs | undefined) => Promise<Result<unknown, 'unknownSchedule'>>;
  /** The facts of a division made again from the tables. */
  readonly rebuildFacts: (division: DivisionCode, recount: boolean) => Promise<Rebuilt>;
  readonly parts: (within: DivisionCode | undefined) => Promise<readonly DivisionCode[]>;
  readonly port: () => number;
}

type Answer = { readonly status: number; readonly body: unknown } | Failure;

const isOurs = (request: IncomingMessage, port: number): boolean =>
  request.headers.origin === undefined && ['127.0.0.1', 'localhost', '[::1]'].some((host) => request.headers.host === `${host}:${port}`);

const invalid = (errors: readonly FieldError[]): Failure => ({ code: 'invalid', errors });

const jsonOf = (bytes: Buffer): unknown => {
  try {
    return bytes.length === 0 ? {} : JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
};

/** Answers a path below `/dev`; false for every other one. */
export const devRoutes =
  ({ issuer, outbox, parked, redrive, settle, runSchedule, rebuildFacts, parts, port }: DevDependencies) =>
  async (request: IncomingMessage, response: ServerResponse, readBody: () => Promise<Buffer>): Promise<boolean> => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (url.pathname !== DEV_PATH && !url.pathname.startsWith(`${DEV_PATH}/`)) return false;

    const answer = async (): Promise<Answer> => {
      if (!isOurs(request, port()))
        return {
          code: 'forbidden',
          detail: {
            'zh-CN': '/dev 只接受本机直接调用，不接受网页或其他主机名。',
            en: '/dev answers direct calls to 127.0.0.1 or localhost only, none from a web page.',
          },
        };
      const route = `${request.method} ${url.pathname}`;
      const document =
        request.method === 'GET' && url.pathname.startsWith(ISSUER_PATH)
          ? issuer.documents[url.pathname.slice(ISSUER_PATH.length)]
          : undefined;
      if (document !== undefined) return { status: 200, body: document };
      if (route === `GET ${OUTBOX_PATH}`) return { status: 200, body: { items: outbox.list(url.searchParams.get('to') ?? undefined) } };
      if (route === `GET ${DEV_PATH}/parked`) return { status: 200, body: parked.counts() };
      if (request.method !== 'POST') return { code: 'notFound' };

      const input = jsonOf(await readBody());
      if (input === undefined) return { code: 'malformed' };
      if (route === `POST ${DEV_PATH}/tokens`) {
        const checked = await validate(tokenInput, input);
        return checked.ok ? { status: 200, body: { token: await issuer.sign(tokenInput.parse(checked.value)) } } : invalid(checked.error);
      }
      if (route === `POST ${DEV_PATH}/settle`) {
        await settle();
        return { status: 200, body: { settled: true } };
      }
      if (route === `POST ${DEV_PATH}/facts`) {
        const checked = await validate(factsInput, input);
        if (!checked.ok) return invalid(checked.error);
        const { division, within, recount } = factsInput.parse(checked.value);
        return { status: 200, body: division === undefined ? { parts: await parts(within) } : await rebuildFacts(division, recount) };
      }
      if (route === `POST ${OUTBOX_PATH}`) {
        const checked = await validate(Message, input);
        if (!checked.ok) return invalid(checked.error);
        outbox.add(Message.parse(checked.value));
        return { status: 200, body: { status: 'delivered' } };
      }
      const [, kind, name] = /^\/dev\/(schedules|redrive)\/([A-Za-z-]+)$/.exec(url.pathname) ?? [];
      if (kind === 'schedules' && name !== undefined) {
        const checked = await validate(scheduleInput, input);
        if (!checked.ok) return invalid(checked.error);
        const { time } = scheduleInput.parse(checked.value);
        const ran = await runSchedule(name, time === undefined ? undefined : parseInstant(time));
        return ran.ok ? { status: 200, body: ran.value ?? {} } : { code: 'notFound' };
      }
      if (kind === 'redrive' && name !== undefined) {
        const redriven = await redrive(name);
        return redriven.ok ? { status: 200, body: redriven.value } : { code: 'notFound' };
      }
      return { code: 'notFound' };
    };

    const given = await answer();
    const language = preferredLanguage(request.headers['accept-language']);
    const [status, body] = 'status' in given ? [given.status, given.body] : [problemOf(given, language).status, problemOf(given, language)];
    response
      .writeHead(status, { 'content-type': `application/${'status' in given ? 'json' : 'problem+json'}; charset=utf-8` })
      .end(JSON.stringify(body));
    return true;
  };
