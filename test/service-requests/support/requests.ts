/** Requests as the tests of this folder make them and move them on, over HTTP only. */
import { readFileSync } from 'node:fs';
import { plus, toInstant, DAY, epochMs } from '../../../functions/kernel/time.ts';
import type { TokenClaims } from '../../../lib/local/issuer.ts';
import { dispatcher, resident, SHUIJINGFANG, worker } from '../../support/people.ts';
import { KNOWN_PROVIDER, putAdmitted } from '../../support/providers.ts';
import type { Answer, World } from '../../support/world.ts';

const CATALOGUE: { readonly services: readonly { readonly code: string }[] } = JSON.parse(
  readFileSync(new URL('../../../lib/data/catalogue.json', import.meta.url), 'utf8'),
);

/** See `registerProvider`. */
export const provider: TokenClaims = { sub: 'provider-person', roles: ['provider'], provider: KNOWN_PROVIDER };
/** Workers and volunteers need not be registered to be given work: a volunteer is a resident by their `sub`. */
export const volunteer: TokenClaims = { sub: 'volunteer-tang', roles: ['resident'], division: '510105006001' };

export interface Assignee {
  readonly kind: 'worker' | 'provider' | 'volunteer';
  readonly id: string;
}
export const TO_WORKER: Assignee = { kind: 'worker', id: worker.sub };
export const TO_PROVIDER: Assignee = { kind: 'provider', id: KNOWN_PROVIDER };
export const TO_VOLUNTEER: Assignee = { kind: 'volunteer', id: volunteer.sub };

/** Has the provider in the register, admitted in the whole province for all services, and those that a test has added. */
export const registerProvider = (world: World, added: readonly string[] = []): Promise<void> =>
  putAdmitted(world.system.runtime, [...CATALOGUE.services.map(({ code }) => code), ...added]);

/** Makes a request, a street lamp's unless told otherwise; throws where it is not taken. */
export const make = async (world: World, body: Readonly<Record<string, unknown>> = {}, as: TokenClaims = resident): Promise<string> => {
  const made = await world.post('/v1/requests', as, {
    service: 'streetLamp',
    community: SHUIJINGFANG,
    description: '路灯不亮',
    channel: 'app',
    ...body,
  });
  if (made.status !== 201) throw new Error(`not made: ${made.text}`);
  return made.body.id;
};

export const act = (world: World, id: string, action: string, as: TokenClaims | undefined, body: unknown = {}): Promise<Answer> =>
  world.post(`/v1/requests/${id}/${action}`, as, body);

export const read = (world: World, id: string, as?: TokenClaims): Promise<Answer> => world.get(`/v1/requests/${id}`, as);

/** An action that must succeed; answers with the request. */
export const done = async (
  world: World,
  id: string,
  action: string,
  as: TokenClaims | undefined,
  body: unknown = {},
): Promise<Answer['body']> => {
  const answer = await act(world, id, action, as, body);
  if (answer.status !== 200) throw new Error(`${action} by ${as?.sub}: ${answer.text}`);
  return answer.body;
};

export const REASON = { reason: '测试' };
export const RESOLUTION = { resolution: '已修好' };

type Step = readonly [action: string, as: TokenClaims, body: unknown];
const ACCEPT: Step = ['accept', dispatcher, {}];
const ASSIGN: Step = ['assign', dispatcher, { to: TO_WORKER }];
const START: Step = ['start', worker, {}];
const RESOLVE: Step = ['resolve', worker, RESOLUTION];

/** The shortest way from `submitted` to each status. */
export const WAYS: Readonly<Record<string, readonly Step[]>> = {
  submitted: [],
  accepted: [ACCEPT],
  assigned: [ACCEPT, ASSIGN],
  inProgress: [ACCEPT, ASSIGN, START],
  resolved: [ACCEPT, ASSIGN, START, RESOLVE],
  closed: [ACCEPT, ASSIGN, START, RESOLVE, ['close', dispatcher, {}]],
  rejected: [['reject', dispatcher, REASON]],
  cancelled: [['cancel', resident, {}]],
};

/** Makes a request and brings it to that status. */
export const makeIn = async (
  world: World,
  status: string,
  body: Readonly<Record<string, unknown>> = {},
  as: TokenClaims = resident,
): Promise<string> => {
  const id = await make(world, body, as);
  if (status === 'duplicate') {
    await done(world, id, 'duplicate', dispatcher, { of: await make(world) });
    return id;
  }
  const way = WAYS[status];
  if (way === undefined) throw new Error(`no way to ${status}`);
  for (const [action, by, input] of way) await done(world, id, action, action === 'cancel' ? as : by, input);
  return id;
};

/** The moment that many days after another. */
export const daysAfter = (moment: string | number, days: number): string =>
  toInstant(plus(epochMs(typeof moment === 'number' ? moment : Date.parse(moment)), days * DAY));

/** A moment of Shanghai's wall clock as answers have it. */
export const shanghai = (text: string): string => new Date(`${text.replace(' ', 'T')}:00+08:00`).toISOString();

export const ids = (answer: Answer): readonly string[] => answer.body.items.map((item: { id: string }) => item.id);

/** Every page of a list, one after another. */
export const allPages = async (world: World, path: string, as: TokenClaims): Promise<readonly Answer['body'][]> => {
  const items: Answer['body'][] = [];
  let next: string | null = null;
  do {
    const page: Answer = await world.get(`${path}${next === null ? '' : `${path.includes('?') ? '&' : '?'}cursor=${next}`}`, as);
    if (page.status !== 200) throw new Error(`${path}: ${page.text}`);
    items.push(...page.body.items);
    next = page.body.next;
  } while (next !== null);
  return items;
};
