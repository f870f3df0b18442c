/**
 * Plays a year of the demo's funds through the handlers themselves, each call at its own moment; reactions and schedules come when the system
 * would have run them, and what is paid online is paid at the sandbox.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Runtime } from '../../functions/data/runtime.ts';
import { donations } from '../../functions/donations/api.ts';
import type { DisclosureBegun } from '../../functions/donations/foundation-disclosure.ts';
import { createDonation, receiveNotification } from '../../functions/donations/contract.ts';
import { payments } from '../../functions/donations/payments/api.ts';
import { MINUTE, plus, SECOND, toInstant, type EpochMs } from '../../functions/kernel/time.ts';
import type { DemoCall, DemoStep, FoundationPerson, FoundationYear } from './demo-foundation.ts';
import { REACTIONS, SCHEDULES } from './functions.ts';
import { gateway } from './gateway.ts';
import { believeInProcess, inProcess } from './in-process.ts';
import { invoke } from './invoke.ts';
import type { TokenClaims } from './issuer.ts';

const AT_ONCE = 8;
/** A reaction follows within moments. */
const REACTS_AFTER = 2 * SECOND;
/** When the settlement first asks after a gift. */
const ASKED_AFTER = 10 * MINUTE;
const SCHEDULE_MS = 60_000;
const HOST = '127.0.0.1';

const treasurer = (sub: string): TokenClaims => ({ sub, roles: ['treasurer'], division: '510104' });
const PEOPLE: Readonly<Record<FoundationPerson, TokenClaims | undefined>> = {
  nobody: undefined,
  resident: { sub: 'demo-resident', roles: ['resident'], division: '510104017001' },
  treasurer: treasurer('demo-treasurer'),
  secondTreasurer: treasurer('demo-second-treasurer'),
  thirdTreasurer: treasurer('demo-third-treasurer'),
};

/** Keys of those who are not signed in are random UUIDs in their form; the same each time, so that a demo that was killed goes on where it was. */
const keyOf = ({ key, as }: DemoCall): string => {
  if (as !== 'nobody') return `demo-${key}`;
  const hex = createHash('sha256').update(`demo-${key}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};

/** What answers say that matters here. */
interface Made {
  readonly id: string;
  readonly status?: string;
  readonly payment?: { readonly url?: string } | null;
  readonly receivedAt?: string;
}

export const playFoundation = async (
  outer: Runtime,
  year: FoundationYear,
  /** Sets the sandbox's clock; undefined gives it the system's again. */
  turnSandbox: (moment: EpochMs | undefined) => void,
): Promise<void> => {
  const clock = new AsyncLocalStorage<EpochMs>();
  // Its own providers: they would go on with this clock.
  const runtime: Runtime = { ...outer, now: () => clock.getStore() ?? outer.now(), payments: { ...outer.payments } };
  const keepBooks = inProcess(donations.build(runtime, believeInProcess));
  const handler = payments.build(runtime, believeInProcess);
  const pay = inProcess(handler);
  const reactions = new Map(
    REACTIONS.map(({ declaration, build }) => [declaration.name, build(runtime) as (event: unknown) => Promise<void>]),
  );
  const schedules = new Map(SCHEDULES.map(({ declaration, build }) => [declaration.name, build(runtime)]));

  const ids = new Map<string, string>();
  const idOf = (_: string, key: string): string => {
    const id = ids.get(key);
    if (id === undefined) throw new Error(`the demo speaks of ${key}, which there is not yet`);
    return id;
  };
  const named = (text: string): string => text.replaceAll(/\{([a-z][a-z0-9-]*)\}/g, idOf);

  const send = async (call: DemoCall, host?: string): Promise<Made> => {
    const path = named(call.path);
    const body: unknown = JSON.parse(named(JSON.stringify(call.body)));
    const made = await clock.run(call.at, () =>
      (path === createDonation.path ? pay : keepBooks)({ method: 'POST', path, as: PEOPLE[call.as], body, key: keyOf(call), host }),
    );
    if (made === undefined) throw new Error(`the demo's ${path} is not there`);
    ids.set(call.key, (made as Made).id);
    return made as Made;
  };

  const runSchedule = async (name: string, at: EpochMs): Promise<unknown> => {
    const run = schedules.get(name);
    if (run === undefined) throw new Error(`there is no schedule ${name}`);
    return clock.run(at, () => invoke(run, { scheduledTime: toInstant(at) }, { functionName: name, timeoutMs: SCHEDULE_MS }));
  };
  /** With what follows from it: the demo's funds are one step. */
  const disclose = async (at: EpochMs): Promise<void> => {
    const { quarter, version } = (await runSchedule('foundationDisclosure', at)) as DisclosureBegun;
    const event = { detail: { id: `demo#${quarter}`, data: { version, item: { quarter } } } };
    await clock.run(plus(at, REACTS_AFTER), () => reactions.get('disclose-funds')?.(event));
  };

  let playedAt: EpochMs | undefined;
  const turn = (moment: EpochMs | undefined): void => {
    playedAt = moment;
    turnSandbox(moment);
  };
  /** Takes what the sandbox tells while nobody listens yet. */
  const listener = gateway({
    routes: [
      { operation: receiveNotification, handler: (event, context) => clock.run(playedAt ?? outer.now(), () => handler(event, context)) },
    ],
    fallback: handler,
    verifyBearer: believeInProcess,
    allowedOrigins: [],
  });
  listener.listen(0, HOST);
  await once(listener, 'listening');
  const origin = `${HOST}:${(listener.address() as AddressInfo).port}`;

  /** Promised, and paid on the provider's page; what was paid there and never told of, since the demo was killed, is asked after. */
  const payOnline = async (call: DemoCall, paidAfter: number): Promise<Made> => {
    turn(call.at);
    const promised = await send(call, origin).catch(async () => {
      turn(plus(call.at, ASKED_AFTER));
      await runSchedule('paymentSettlement', plus(call.at, ASKED_AFTER));
      return send(call, origin);
    });
    if (promised.status !== 'pending' || typeof promised.payment?.url !== 'string') return promised;
    turn(plus(call.at, paidAfter));
    const pressed = await fetch(promised.payment.url, {
      method: 'POST',
      headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
      body: 'action=pay',
    });
    if (!pressed.ok) throw new Error(`the sandbox answered ${pressed.status}: ${await pressed.text()}`);
    return promised;
  };
  // There is one sandbox, and its clock shows one moment.
  let cashDesk: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = cashDesk.then(work);
    cashDesk = done.catch(() => undefined);
    return done;
  };

  const play = async ({ fund, at, calls, paidAfter, reaction, purpose }: DemoStep): Promise<void> => {
    const made = await Promise.all(calls.map((call) => (paidAfter === undefined ? send(call) : inTurn(() => payOnline(call, paidAfter)))));
    const react = reaction === undefined ? undefined : reactions.get(reaction === 'issueReceipts' ? 'issue-receipts' : 'trace-uses');
    const [last, of] = [calls.at(-1), made.at(-1)];
    if (react === undefined || last === undefined || of === undefined) return;
    const end = plus(last.at, paidAfter ?? 0);
    const item = { id: of.id, fund: named(`{${fund}}`), purpose, receivedAt: of.receivedAt ?? toInstant(end) };
    await clock.run(plus(end, REACTS_AFTER), () => react({ detail: { id: `demo#${fund}#${at}`, data: { item } } }));
  };

  try {
    await Promise.all(year.funds.map((call) => send(call)));
    for (let start = 0; start < year.promises.length; start += AT_ONCE)
      await Promise.all(year.promises.slice(start, start + AT_ONCE).map((call) => send(call)));
    const left = [...year.steps];
    for (const schedule of [...year.schedules, undefined]) {
      const later = schedule === undefined ? -1 : left.findIndex(({ at }) => at >= schedule.at);
      const due = left.splice(0, later === -1 ? left.length : later);
      // Funds do not wait for each other; within one, the months of its accounts follow each other.
      await Promise.all(
        [...Map.groupBy(due, ({ fund }) => fund).values()].map(async (ofOne) => {
          for (const step of ofOne) await play(step);
        }),
      );
      if (schedule?.name === 'foundationDisclosure') await disclose(schedule.at);
      else if (schedule !== undefined) await runSchedule(schedule.name, schedule.at);
    }
  } finally {
    turn(undefined);
    listener.close();
    listener.closeAllConnections();
  }
};
