/**
 * What a request's life comes to in the figures of its months. Every story has a community of its own and steps at moments of its own; all are
 * played in the order of time, with the schedules between them, and then looked at.
 */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { TokenClaims } from '../../lib/local/issuer.ts';
import { allPages, done, make, REASON, RESOLUTION } from '../service-requests/support/requests.ts';
import { LONG } from '../support/faults.ts';
import { auditor as cityAuditor, countyDispatcher, dispatcher, resident, strangeDispatcher, strangeWorker } from '../support/people.ts';
import { ADMIN, startWorld, type Answer, type World } from '../support/world.ts';
import {
  auditor,
  close,
  expectNothingParked,
  metricsOf,
  OF_OTHERS,
  publicMetricsOf,
  refresh,
  shownOf,
  type Shown,
} from './support/months.ts';

vi.setConfig({ hookTimeout: 120_000 });

const STREET = '510104017';
const OTHER_STREET = '510104020';
/** They may work anywhere in the street. */
const fixer: TokenClaims = { sub: 'worker-fixer', roles: ['worker'], division: STREET };
const caller: TokenClaims = { sub: 'worker-caller', roles: ['worker'], division: STREET };
const TO_FIXER = { to: { kind: 'worker', id: fixer.sub } };

let world: World;

type Play = () => Promise<unknown>;
interface Entry {
  readonly time: string;
  readonly play: Play;
  /** The story that it is a step of; others happen meanwhile. Without one, everything waits for it. */
  readonly of?: object | undefined;
}
const agenda: Entry[] = [];
const moment = (time: string): string => {
  const [day = '', clock = '00:00'] = time.split(' ');
  const date = day.length === 5 ? `2026-${day}` : day;
  return `${date}T${clock.length === 5 ? `${clock}:00` : clock}+08:00`;
};
const instant = (time: string): string => new Date(moment(time)).toISOString();
const at = (time: string, play: Play, of?: object): void => void agenda.push({ time: instant(time), play, of });

const communities: string[] = [];
/** A community that nobody else uses. */
const community = (): string => {
  const code = `${STREET}${String(communities.length + 1).padStart(3, '0')}`;
  communities.push(code);
  return code;
};

interface Told {
  readonly community: string;
  id: string;
}
type Step = readonly [time: string, action: string, as: TokenClaims, body?: unknown];

/** A request about noise: a first response within an hour, resolved within three days of 24 hours. */
const story = (requested: string, steps: readonly Step[], body: Readonly<Record<string, unknown>> = {}, where = community()): Told => {
  const told: Told = { community: where, id: '' };
  const submit = async (): Promise<void> => {
    told.id = await make(world, { service: 'noise', community: where, description: '夜间施工噪声', ...body });
  };
  at(requested, submit, told);
  for (const [time, action, as, input = {}] of steps) at(time, () => done(world, told.id, action, as, input), told);
  return told;
};

const ACCEPTED = (time: string): Step => [time, 'accept', dispatcher];
const STARTED = (time: string): readonly Step[] => [
  [time, 'assign', dispatcher, TO_FIXER],
  [time, 'start', fixer],
];
const RESOLVED = (time: string): Step => [time, 'resolve', fixer, RESOLUTION];
/** To be assigned is a first response, too: in short, only where it matters somebody accepts before. */
const WORKED = (responded: string, resolved: string, accepts = LONG): readonly Step[] => [
  ...(accepts ? [ACCEPTED(responded)] : []),
  ...STARTED(responded),
  RESOLVED(resolved),
];
const RATED = (time: string, level: number): Step => [time, 'rating', resident, { level }];

type Rate = readonly [number, number];
interface Expected {
  readonly received?: number;
  readonly closed?: number;
  readonly responded?: Rate;
  readonly resolved?: Rate;
  readonly satisfied?: Rate;
  readonly rated?: Rate;
  readonly rectified?: Rate;
}
const figures = ({
  received = 0,
  closed = 0,
  responded = [0, 0],
  resolved = [0, 0],
  satisfied = [0, 0],
  rated = [0, 0],
  rectified = [0, 0],
}: Expected): Shown => ({
  requestsReceived: [received, null],
  requestsClosed: [closed, null],
  respondedOnTimeRate: responded,
  resolvedOnTimeRate: resolved,
  satisfactionRate: satisfied,
  ratedRate: rated,
  rectificationRate: rectified,
});
const NOTHING: Expected = {};

/** What a story's community shows in each month; where nothing is said, nothing. */
const expectMonths = async ({ community: code }: Pick<Told, 'community'>, months: Readonly<Record<string, Expected>>): Promise<void> => {
  for (const month of [...(LONG ? ['2026-09'] : []), '2026-10', '2026-11', '2026-12'])
    expect([month, shownOf((await metricsOf(world, code, month)).indicators)]).toEqual([month, figures(months[month] ?? NOTHING)]);
};

const CLOSED_ON_TIME: Expected = { closed: 1, resolved: [1, 1], rated: [0, 1] };
const CLOSED_LATE: Expected = { closed: 1, resolved: [0, 1], rated: [0, 1] };

const onTime = story('10-12 09:00', WORKED('10-12 10:00', '10-15 09:00', true));
const tooLate = story('10-12 09:00', WORKED('10-12 10:00:00.001', '10-15 09:00:00.001', true));
const assignedAtOnce = story('10-12 09:00', [...STARTED('10-12 09:30'), RESOLVED('10-13 09:00')]);
const forgotten = story('10-12 09:00', [['12-10 10:00', 'reject', dispatcher, REASON]]);
const acrossTheEnd = story('10-31 23:30', WORKED('11-01 00:15', '11-02 09:00', true));
const dueAtTheEnd = story('10-29 00:00', []);
const dueJustBefore = story('10-28 23:59:59.999', []);
const anotherService = story('10-12 09:00', [
  ['10-12 09:30', 'accept', dispatcher, { service: 'rubbish' }],
  ...STARTED('10-12 09:30'),
  RESOLVED('10-13 09:00:00.001'),
]);

const reopenedBefore = story('10-12 09:00', [
  ...WORKED('10-12 09:30', '10-13 09:00'),
  ['10-20 09:00', 'reopen', resident, REASON],
  ...STARTED('11-04 09:00'),
  RESOLVED('11-05 09:00'),
]);
const reopenedAfter = story('10-28 09:00', [
  ...WORKED('10-28 09:30', '10-29 09:00'),
  ['11-03 09:00', 'reopen', resident, REASON],
  ...STARTED('11-03 12:00'),
  RESOLVED('11-04 09:00'),
]);

const rejected = story('10-12 09:00', [['10-12 09:30', 'reject', dispatcher, REASON]]);
const cancelledUnanswered = story('10-12 09:00', [['10-12 11:00', 'cancel', resident]]);
const cancelledAnswered = story('10-12 09:00', [ACCEPTED('10-12 09:30'), ['10-13 09:00', 'cancel', resident]]);
const cancelledLater = story('10-12 09:00', [['11-10 09:00', 'cancel', resident]]);
const duplicate = story('10-12 09:00', []);
at('10-12 09:30', () => done(world, duplicate.id, 'duplicate', dispatcher, { of: onTime.id }), duplicate);

const arrivedWithin = community();
const transferredWithin = story('10-12 09:00', [
  ACCEPTED('10-12 09:30'),
  ['10-13 09:00', 'transfer', dispatcher, { community: arrivedWithin, reason: '地址有误' }],
  ...STARTED('10-13 10:00'),
  RESOLVED('10-14 09:00'),
]);
const arrivedAfter = community();
const transferredAfter = story('10-30 09:00', [
  ACCEPTED('10-30 09:30'),
  ['11-02 10:00', 'transfer', dispatcher, { community: arrivedAfter, reason: '地址有误' }],
  ...STARTED('11-02 11:00'),
  RESOLVED('11-03 09:00'),
]);
const arrivedForgotten = community();
const transferredForgotten = story('10-12 09:00', [
  ['11-02 10:00', 'transfer', dispatcher, { community: arrivedForgotten, reason: '地址有误' }],
]);

const ASKED = (time: string, until: string): Step => [time, 'extend', fixer, { resolveBy: moment(until), reason: '配件需订货' }];
const GRANTED = (time: string, until: string): Step => [
  time,
  'extend',
  dispatcher,
  { resolveBy: moment(until), reason: '同意', decision: 'granted' },
];
const extended = story('10-12 09:00', [
  ACCEPTED('10-12 09:30'),
  ...STARTED('10-12 09:30'),
  ASKED('10-13 09:00', '10-22 18:00'),
  GRANTED('10-13 10:00', '10-22 18:00'),
  RESOLVED('10-22 18:00'),
]);
const refused = story('10-12 09:00', [
  ACCEPTED('10-12 09:30'),
  ...STARTED('10-12 09:30'),
  ASKED('10-13 09:00', '10-22 18:00'),
  ['10-13 10:00', 'extend', dispatcher, { resolveBy: moment('10-22 18:00'), reason: '不同意', decision: 'refused' }],
  RESOLVED('10-22 18:00'),
]);
const extendedAfter = story('10-12 09:00', [
  ACCEPTED('10-12 09:30'),
  ...STARTED('10-12 09:30'),
  ASKED('11-02 09:00', '11-20 18:00'),
  GRANTED('11-02 10:00', '11-20 18:00'),
  RESOLVED('11-10 18:00'),
]);
const paused = story('10-12 09:00', [
  ACCEPTED('10-12 09:30'),
  ...STARTED('10-12 09:30'),
  ['10-13 09:00', 'pause', fixer, REASON],
  ['10-17 09:00', 'resume', fixer],
  RESOLVED('10-19 09:00'),
]);
/** Its deadline would be on the 30th, and the clock stands still from the 29th until the 4th. */
const pausedOverTheEnd = story('10-27 09:00', [
  ACCEPTED('10-27 09:30'),
  ...STARTED('10-27 09:30'),
  ['10-29 09:00', 'pause', fixer, REASON],
  ['11-04 09:00', 'resume', fixer],
  RESOLVED('11-05 09:00'),
]);
const pausedWhenLate = story('10-26 09:00', [
  ACCEPTED('10-26 09:30'),
  ...STARTED('10-26 09:30'),
  ['10-29 10:00', 'pause', fixer, REASON],
  ['11-04 09:00', 'resume', fixer],
  RESOLVED('11-04 10:00'),
]);

const levels = community();
for (const level of [1, 2, 3, 4, 5])
  story('10-12 09:00', [...WORKED('10-12 09:30', '10-13 09:00'), RATED('10-14 09:00', level)], {}, levels);
const ratedLater = story('10-29 09:00', [...WORKED('10-29 09:30', '10-30 09:00'), RATED('11-02 09:00', 5)]);
const SECOND_ROUND: readonly Step[] = [['10-15 09:00', 'reopen', resident, REASON], ...STARTED('10-15 10:00'), RESOLVED('10-16 09:00')];
const ratedTwice = story('10-12 09:00', [
  ...WORKED('10-12 09:30', '10-13 09:00'),
  RATED('10-14 09:00', 5),
  ...SECOND_ROUND,
  RATED('10-17 09:00', 2),
]);
const ratedFirst = story('10-12 09:00', [...WORKED('10-12 09:30', '10-13 09:00'), RATED('10-14 09:00', 4), ...SECOND_ROUND]);

/** A bad rating on Monday 12 October at 12:00: to be called back by Tuesday 12:00 and put right by Monday the 19th. */
const badlyRated = (steps: readonly Step[], body: Readonly<Record<string, unknown>> = {}): Told & { rectification: string } => {
  const told = { ...story('10-12 09:00', [...WORKED('10-12 09:30', '10-12 11:00')], body), rectification: '' };
  const { community: code } = told;
  const rate = async (): Promise<void> => {
    const listed = await allPages(world, `/v1/requests?division=${code}&limit=100`, dispatcher);
    const [request] = listed;
    told.id = request.id;
    await done(world, told.id, 'rating', resident, { level: 1 });
    const all = await allPages(world, `/v1/rectifications?division=${code}&limit=100`, dispatcher);
    told.rectification = all[0].id;
    expect([all.length, all[0].callBackBy, all[0].fixBy]).toEqual([1, instant('10-13 12:00'), instant('10-19 12:00')]);
  };
  at('10-12 12:00', rate, told);
  for (const [time, action, as, input] of steps)
    at(
      time,
      async () => {
        const answer = await world.post(`/v1/rectifications/${told.rectification}/${action}`, as, input);
        expect([action, answer.text, answer.status]).toEqual([action, answer.text, 200]);
      },
      told,
    );
  return told;
};
const CALLED = (time: string, hard = false): Step => [time, 'callback', caller, { outcome: 'confirmed', note: '已回访', hard }];
const FIXED = (time: string): Step => [time, 'fix', fixer, { measure: '已返工' }];
const APPEALED = (time: string): Step => [time, 'appeal', fixer, { reason: '误评' }];
const RULED = (time: string, ruling: string): Step => [time, 'review', countyDispatcher, { ruling, reason: '经核实' }];

const putRight = badlyRated([CALLED('10-13 12:00'), FIXED('10-19 12:00')]);
const calledLate = badlyRated([CALLED('10-13 12:00:00.001'), FIXED('10-14 12:00')]);
const fixedLate = badlyRated([CALLED('10-13 11:00'), FIXED('10-19 12:00:00.001')]);
const fixedMuchLater = badlyRated([CALLED('10-13 11:00'), FIXED('11-05 12:00')]);
const hard = badlyRated([CALLED('10-13 11:00', true), FIXED('11-02 12:00')]);
const hardForgotten = badlyRated([CALLED('10-13 11:00', true)]);
const upheld = badlyRated([APPEALED('10-13 09:00'), RULED('11-05 09:00', 'upheld')]);
const struck = badlyRated([APPEALED('10-20 09:00'), RULED('11-05 09:00', 'struck')]);
const struckWhenHard = badlyRated([CALLED('10-13 11:00', true), APPEALED('11-10 09:00'), RULED('12-05 09:00', 'struck')]);
const struckBefore = badlyRated([APPEALED('10-13 09:00'), RULED('10-14 09:00', 'struck')]);

const secret = community();
const publicHere = story('10-12 09:00', WORKED('10-12 09:30', '10-13 09:00'), {}, secret);
const privateHere = story('10-12 09:00', WORKED('10-12 09:30', '10-13 09:00'), { service: 'legalAdvice' }, secret);
const confidentialHere = story('10-12 09:00', WORKED('10-12 09:10', '10-12 09:30'), { service: 'urgentHelp' }, secret);

/** Nothing happens to it; looked at hour by hour. */
const unwatched = story('11-16 09:00', []);
const looks = new Map<string, Answer['body']>();
const look = (time: string): void =>
  at(time, async () => {
    await refresh(world, moment(time));
    looks.set(time, await metricsOf(world, unwatched.community, '2026-11'));
  });
for (const time of ['11-16 10:00', '11-16 11:00', '11-16 12:00', '11-19 09:00', '11-19 10:00', '11-19 11:00']) look(time);

/** October as it was shown before the ruling, after the closing; in short, of some. */
const before = new Map<string, Answer['body']>();
const REVISED = new Set([struck, struckBefore, struckWhenHard].map((each) => each.community));
at('10-30 10:00', () => refresh(world, moment('10-30 10:00')));
const provisional = new Map<TokenClaims | undefined, Answer>();
at('10-30 10:01', async () => {
  for (const as of [undefined, resident, fixer, dispatcher, strangeWorker, strangeDispatcher, cityAuditor, ADMIN])
    provisional.set(as, await world.get(`/v1/metrics?division=${levels}&month=2026-10`, as));
});
at('11-01 00:31', async () => {
  await world.settle();
  await close(world, '2026-10');
});
at('11-04 23:00', async () => {
  const looked = communities.filter((code, index) => LONG || index % 4 === 0 || REVISED.has(code));
  await Promise.all(['51', STREET, ...looked].map(async (code) => before.set(code, await metricsOf(world, code, '2026-10'))));
});
at('11-05 10:00', () => refresh(world, moment('11-05 10:00')));
at('12-01 00:31', () => close(world, '2026-11'));
at('12-05 10:00', () => refresh(world, moment('12-05 10:00')));
at('2027-01-01 00:31', () => close(world, '2026-12'));

/** What happens at one moment: stories at once, each in the order in which it is written. */
const playAll = async (entries: readonly Entry[]): Promise<void> => {
  const stories = Map.groupBy(
    entries.filter(({ of }) => of !== undefined),
    ({ of }) => of,
  );
  await Promise.all(
    [...stories.values()].map(async (steps) => {
      for (const { play } of steps) await play();
    }),
  );
  for (const { of, play } of entries) if (of === undefined) await play();
};

beforeAll(async () => {
  world = await startWorld({
    at: moment('10-01 09:00'),
    divisions: [
      ['51', '四川省'],
      ['5101', '成都市'],
      ['510104', '锦江区'],
      [STREET, '锦官驿街道'],
      ...communities.map((code, index) => [code, `第 ${index + 1} 社区`] as const),
      [OTHER_STREET, '春熙路街道'],
      [`${OTHER_STREET}001`, '总府路社区'],
      ['510105', '青羊区'],
      ['510105006', '草市街街道'],
      ['510105006001', '草市街社区'],
      // Without a community, there is nothing to count in it.
      ['510106', '金牛区'],
    ],
  });
  for (const [time, entries] of [...Map.groupBy(agenda, (entry) => entry.time)].toSorted(([one], [other]) => (one < other ? -1 : 1))) {
    world.turnTo(time);
    await playAll(entries);
  }
  await expectNothingParked(world);
});
afterAll(() => world.stop());

describe('responded to and resolved', () => {
  test('up to the last moment is on time, one later is late', async () => {
    await expectMonths(onTime, { '2026-10': { received: 1, responded: [1, 1], ...CLOSED_ON_TIME } });
    await expectMonths(tooLate, { '2026-10': { received: 1, responded: [0, 1], ...CLOSED_LATE } });
  });

  test('an assignment is a first response, too', () =>
    expectMonths(assignedAtOnce, { '2026-10': { received: 1, responded: [1, 1], ...CLOSED_ON_TIME } }));

  test('without a response it counts as late in every month until there is one, and unresolved until it ends', () =>
    expectMonths(forgotten, {
      '2026-10': { received: 1, responded: [0, 1], resolved: [0, 1] },
      '2026-11': { responded: [0, 1], resolved: [0, 1] },
      '2026-12': { responded: [0, 1] },
    }));

  test('made in one month and dealt with in the next, it counts where each happened', () =>
    expectMonths(acrossTheEnd, { '2026-10': { received: 1 }, '2026-11': { responded: [1, 1], ...CLOSED_ON_TIME } }));

  test('a deadline at the very end of a month has not passed in it', async () => {
    const open: Expected = { responded: [0, 1], resolved: [0, 1] };
    await expectMonths(dueAtTheEnd, { '2026-10': { received: 1, responded: [0, 1] }, '2026-11': open, '2026-12': open });
    await expectMonths(dueJustBefore, { '2026-10': { received: 1, ...open }, '2026-11': open, '2026-12': open });
  });

  test('accepted as another service, it has that one’s clock', () =>
    expectMonths(anotherService, { '2026-10': { received: 1, responded: [1, 1], ...CLOSED_LATE } }));
});

describe('reopened', () => {
  test('before the month ends, it is not closed in it, and late by its new clock; its response is not asked for again', () =>
    expectMonths(reopenedBefore, { '2026-10': { received: 1, responded: [1, 1], resolved: [0, 1] }, '2026-11': CLOSED_LATE }));

  test('after the month has ended, it stays closed in it, and is closed once more', async () => {
    await expectMonths(reopenedAfter, { '2026-10': { received: 1, responded: [1, 1], ...CLOSED_ON_TIME }, '2026-11': CLOSED_ON_TIME });
    expect((await metricsOf(world, reopenedAfter.community, '2026-10')).revision).toBe(1);
  });
});

describe('rejected, cancelled, duplicate', () => {
  test('are nowhere in what is resolved; a rejection and a duplicate are responses', async () => {
    for (const each of [rejected, duplicate]) await expectMonths(each, { '2026-10': { received: 1, responded: [1, 1] } });
    await expectMonths(cancelledAnswered, { '2026-10': { received: 1, responded: [1, 1] } });
    await expectMonths(cancelledUnanswered, { '2026-10': { received: 1 } });
  });

  test('do not take back the months in which they were late', () =>
    expectMonths(cancelledLater, { '2026-10': { received: 1, responded: [0, 1], resolved: [0, 1] } }));
});

describe('transferred', () => {
  test('within a month, all of it counts where it is at the end', async () => {
    await expectMonths(transferredWithin, {});
    await expectMonths({ community: arrivedWithin }, { '2026-10': { received: 1, responded: [1, 1], ...CLOSED_ON_TIME } });
  });

  test('after the month has ended, what was stays, and what comes counts in the other place', async () => {
    await expectMonths(transferredAfter, { '2026-10': { received: 1, responded: [1, 1] } });
    await expectMonths({ community: arrivedAfter }, { '2026-11': CLOSED_LATE });
    const open: Expected = { responded: [0, 1], resolved: [0, 1] };
    await expectMonths(transferredForgotten, { '2026-10': { received: 1, ...open } });
    await expectMonths({ community: arrivedForgotten }, { '2026-11': open, '2026-12': open });
  });
});

describe('another deadline', () => {
  test('an extension counts when it is granted, and not for a month that has ended', async () => {
    await expectMonths(extended, { '2026-10': { received: 1, responded: [1, 1], ...CLOSED_ON_TIME } });
    await expectMonths(refused, { '2026-10': { received: 1, responded: [1, 1], ...CLOSED_LATE } });
    await expectMonths(extendedAfter, {
      '2026-10': { received: 1, responded: [1, 1], resolved: [0, 1] },
      '2026-11': CLOSED_ON_TIME,
    });
  });

  test('the clock stands still in a pause', () =>
    expectMonths(paused, { '2026-10': { received: 1, responded: [1, 1], ...CLOSED_ON_TIME } }));

  test('over the end of a month as well: what waits for the resident does not become late; what was late before stays so', async () => {
    await expectMonths(pausedOverTheEnd, { '2026-10': { received: 1, responded: [1, 1] }, '2026-11': CLOSED_ON_TIME });
    await expectMonths(pausedWhenLate, {
      '2026-10': { received: 1, responded: [1, 1], resolved: [0, 1] },
      '2026-11': CLOSED_LATE,
    });
  });
});

describe('ratings', () => {
  test('of level 3 and better are satisfied', () =>
    expectMonths(
      { community: levels },
      { '2026-10': { received: 5, closed: 5, responded: [5, 5], resolved: [5, 5], satisfied: [3, 5], rated: [5, 5], rectified: [0, 2] } },
    ));

  test('count in the month in which they are given; what was closed before was not rated then', () =>
    expectMonths(ratedLater, { '2026-10': { received: 1, responded: [1, 1], ...CLOSED_ON_TIME }, '2026-11': { satisfied: [1, 1] } }));

  test('of two rounds both count, and rated is what was rated after its last resolve', async () => {
    await expectMonths(ratedTwice, {
      '2026-10': { received: 1, responded: [1, 1], ...CLOSED_ON_TIME, satisfied: [1, 2], rated: [1, 1], rectified: [0, 1] },
    });
    await expectMonths(ratedFirst, { '2026-10': { received: 1, responded: [1, 1], ...CLOSED_ON_TIME, satisfied: [1, 1] } });
  });
});

const BADLY: Expected = { received: 1, responded: [1, 1], ...CLOSED_ON_TIME, satisfied: [0, 1], rated: [1, 1] };

describe('what follows from a bad rating', () => {
  test('is put right when called back and fixed on time, to the moment', async () => {
    await expectMonths(putRight, { '2026-10': { ...BADLY, rectified: [1, 1] } });
    for (const each of [calledLate, fixedLate, fixedMuchLater, upheld])
      await expectMonths(each, { '2026-10': { ...BADLY, rectified: [0, 1] } });
  });

  test('marked hard, is due in the month in which its longer time ends', async () => {
    await expectMonths(hard, { '2026-10': BADLY, '2026-11': { rectified: [1, 1] } });
    await expectMonths(hardForgotten, { '2026-10': BADLY, '2026-11': { rectified: [0, 1] } });
  });

  test('struck, its rating counts nowhere and it was due nowhere: the months that were closed are revised', async () => {
    const without: Expected = { received: 1, responded: [1, 1], ...CLOSED_ON_TIME };
    for (const each of [struck, struckBefore, struckWhenHard]) await expectMonths(each, { '2026-10': without });

    const was = before.get(struck.community);
    expect([was.status, was.revision, was.previous, shownOf(was.indicators)]).toEqual([
      'final',
      1,
      undefined,
      figures({ ...BADLY, rectified: [0, 1] }),
    ]);
    const is = await metricsOf(world, struck.community, '2026-10');
    expect([is.status, is.revision, is.computedAt]).toEqual(['final', 2, instant('11-05 10:00')]);
    expect(shownOf(is.previous)).toEqual({ satisfactionRate: [0, 1], ratedRate: [1, 1], rectificationRate: [0, 1] });
    expect(await metricsOf(world, struck.community, '2026-10', auditor, '&revision=1')).toEqual(was);

    // What was struck later revises October and November.
    const october = await metricsOf(world, struckWhenHard.community, '2026-10');
    expect([october.revision, october.computedAt, shownOf(october.previous)]).toEqual([
      2,
      instant('12-05 10:00'),
      { satisfactionRate: [0, 1], ratedRate: [1, 1] },
    ]);
    const november = await metricsOf(world, struckWhenHard.community, '2026-11');
    expect([november.revision, november.computedAt, shownOf(november.previous)]).toEqual([
      2,
      instant('12-05 10:00'),
      { rectificationRate: [0, 1] },
    ]);
    // The street above has been revised twice, everything else of it not at all.
    const street = await metricsOf(world, STREET, '2026-10');
    const [second, first] = await Promise.all([2, 1].map((each) => metricsOf(world, STREET, '2026-10', auditor, `&revision=${each}`)));
    expect([street.revision, second.revision, first]).toEqual([3, 2, before.get(STREET)]);
    expect((await world.get(`/v1/metrics?division=${STREET}&month=2026-10&revision=4`, auditor)).status).toBe(404);
    expect((await world.get(`/v1/metrics?division=${STREET}&month=2026-10&revision=0`, auditor)).status).toBe(422);
    for (const [code, figure] of before)
      if (code.length === 12 && ![struck.community, struckWhenHard.community].includes(code))
        expect(await metricsOf(world, code, '2026-10')).toEqual(figure);
  });

  test('struck before the month is closed, it leaves nothing to revise', () => {
    const was = before.get(struckBefore.community);
    expect([was.revision, shownOf(was.indicators)]).toEqual([1, figures({ received: 1, responded: [1, 1], ...CLOSED_ON_TIME })]);
  });
});

describe('while nothing happens', () => {
  test('a deadline that passes turns up at the next refresh, and what does not move keeps its moment', async () => {
    const seen = (time: string): readonly unknown[] => {
      const { status, computedAt, indicators, revision } = looks.get(time);
      return [status, revision, computedAt, shownOf(indicators)];
    };
    const since = (time: string, expected: Expected): readonly unknown[] => ['provisional', 1, instant(time), figures(expected)];
    expect(seen('11-16 10:00')).toEqual(since('11-16 10:00', { received: 1 }));
    for (const time of ['11-16 11:00', '11-16 12:00', '11-19 09:00'])
      expect(seen(time)).toEqual(since('11-16 11:00', { received: 1, responded: [0, 1] }));
    for (const time of ['11-19 10:00', '11-19 11:00'])
      expect(seen(time)).toEqual(since('11-19 10:00', { received: 1, responded: [0, 1], resolved: [0, 1] }));
    await expectMonths(unwatched, {
      '2026-11': { received: 1, responded: [0, 1], resolved: [0, 1] },
      '2026-12': { responded: [0, 1], resolved: [0, 1] },
    });
  });
});

const SENSITIVE = ['satisfactionRate', 'ratedRate', 'rectificationRate', 'surveySatisfactionRate', 'elderVisitRate'];
const ALL = Object.keys(figures(NOTHING)).length + OF_OTHERS.size;

describe('who sees what', () => {
  test('before a month is final, the public sees nothing of what concerns residents; staff and auditors of the division see all', () => {
    for (const [as, { status, body }] of provisional) {
      const seesAll = as === fixer || as === dispatcher || as === cityAuditor;
      const ids: readonly string[] = body.indicators.map(({ id }: { id: string }) => id);
      expect([as?.sub, status, body.status, ids.length]).toEqual([as?.sub, 200, 'provisional', seesAll ? ALL : ALL - SENSITIVE.length]);
      if (!seesAll) for (const id of SENSITIVE) expect([as?.sub, ids.includes(id)]).toEqual([as?.sub, false]);
    }
  });

  test('the same holds for children and series', async () => {
    const children = `/v1/metrics/children?division=${STREET}&month=2027-01&indicator=satisfactionRate`;
    expect((await world.get(children)).body).toMatchObject({ status: 'provisional', items: [], next: null });
    expect((await world.get(children, dispatcher)).body.items.length).toBe(20);
    const series = `/v1/metrics/series?division=${levels}&indicator=satisfactionRate&from=2026-12&to=2027-02`;
    expect((await world.get(series)).body.items.map(({ month }: { month: string }) => month)).toEqual(['2026-12']);
    expect((await world.get(series, fixer)).body.items.map(({ month }: { month: string }) => month)).toEqual([
      '2026-12',
      '2027-01',
      '2027-02',
    ]);
  });

  test('when it is final, few are hidden from the public, staff elsewhere and residents included', async () => {
    for (const as of [undefined, resident, strangeDispatcher, ADMIN]) {
      const { body } = await world.get(`/v1/metrics?division=${putRight.community}&month=2026-10`, as);
      const shown = shownOf(body.indicators);
      expect([as?.sub, shown['requestsReceived'], shown['resolvedOnTimeRate']]).toEqual([as?.sub, [1, null], [1, 1]]);
      expect([as?.sub, shown['satisfactionRate'], shown['ratedRate'], shown['rectificationRate']]).toEqual([
        as?.sub,
        'small',
        'small',
        'small',
      ]);
      for (const { suppressed, numerator, denominator, value } of body.indicators)
        if (suppressed !== undefined) expect([numerator, denominator, value]).toEqual([null, null, null]);
    }
    const county = await world.get('/v1/metrics?division=510104&month=2026-10', fixer);
    expect(county.body).toEqual((await world.get('/v1/metrics?division=510104&month=2026-10')).body);
    const all = await world.get('/v1/metrics?division=510104&month=2026-10', countyDispatcher);
    expect(JSON.stringify(all.body)).not.toContain('suppressed');
  });

  test('records behind a figure: for staff and auditors of the division, without the name of what was asked for in confidence', async () => {
    const path = `/v1/metrics/facts?division=${secret}&month=2026-10&indicator=requestsReceived`;
    const records = [`requests/${publicHere.id}`, `requests/${privateHere.id}`, null];
    for (const as of [fixer, dispatcher, cityAuditor, auditor]) {
      const { status, body } = await world.get(path, as);
      expect([as.sub, status, body.next]).toEqual([as.sub, 200, null]);
      expect(body.items).toHaveLength(3);
      for (const record of records)
        expect(body.items).toContainEqual({ record, kind: 'request', community: secret, numerator: 1, denominator: null });
      expect(JSON.stringify(body)).not.toContain(confidentialHere.id);
    }
    const csv = await world.call('GET', path, { as: fixer, headers: { accept: 'text/csv' } });
    expect([csv.status, csv.text.includes(publicHere.id), csv.text.includes(confidentialHere.id)]).toEqual([200, true, false]);
    expect((await world.get(path)).status).toBe(401);
    for (const as of [resident, strangeWorker, strangeDispatcher, ADMIN])
      expect([as.sub, (await world.get(path, as)).status]).toEqual([as.sub, 403]);
    expect((await world.get(path.replace(secret, '510104'), dispatcher)).status).toBe(403);
  });

  test('of a rate they say what each adds, page by page', async () => {
    const path = `/v1/metrics/facts?division=${STREET}&month=2026-10&indicator=rectificationRate`;
    const all = await allPages(world, `${path}&limit=3`, dispatcher);
    const figure = (await metricsOf(world, STREET, '2026-10')).indicators.find(({ id }: { id: string }) => id === 'rectificationRate');
    expect([all.length, all.filter(({ numerator }) => numerator === 1).length]).toEqual([figure.denominator, figure.numerator]);
    expect(all).toContainEqual({
      record: `rectifications/${putRight.rectification}`,
      kind: 'rectification',
      community: putRight.community,
      numerator: 1,
      denominator: 1,
    });
    expect(JSON.stringify(all)).not.toContain(struck.rectification);
    // Each of the records can be read where it says.
    for (const { record } of all) expect((await world.get(`/v1/${record}`, dispatcher)).status).toBe(200);
  });
});

describe('what is asked for', () => {
  test('an unknown division is not found, an unknown indicator is a wrong field', async () => {
    for (const path of [
      '/v1/metrics?division=990101&month=2026-10',
      '/v1/metrics/children?division=990101&month=2026-10&indicator=ratedRate',
      '/v1/metrics/series?division=990101&indicator=ratedRate',
    ])
      expect([path, (await world.get(path)).status]).toEqual([path, 404]);
    expect((await world.get('/v1/metrics/facts?division=519999&month=2026-10&indicator=ratedRate', auditor)).status).toBe(404);
    for (const path of [
      '/v1/metrics/children?division=5101&month=2026-10&indicator=happiness',
      '/v1/metrics/series?division=5101&indicator=happiness',
      '/v1/metrics/facts?division=5101&month=2026-10&indicator=happiness',
    ]) {
      const { status, body } = await world.get(path, auditor);
      expect([path, status, body.errors[0].path]).toEqual([path, 422, 'indicator']);
    }
    for (const query of [
      'division=5101&month=2026-13',
      'division=510&month=2026-10',
      'division=5101',
      'division=5101&month=2026-10&extra=1',
    ])
      expect([query, (await world.get(`/v1/metrics?${query}`)).status]).toEqual([query, 422]);
  });

  test('a month without anything is nothing, and says when it was computed once it is final', async () => {
    const now = await publicMetricsOf(world, '510106', '2027-01');
    expect([now.status, now.revision, now.computedAt, shownOf(now.indicators)['requestsReceived']]).toEqual([
      'provisional',
      1,
      null,
      [0, null],
    ]);
    const final = await metricsOf(world, '510106', '2026-10');
    expect([final.status, final.revision, final.computedAt, shownOf(final.indicators)]).toEqual([
      'final',
      1,
      instant('11-01 00:30'),
      figures(NOTHING),
    ]);
  });

  test('children are ranked, the best first; equals share a rank, and what has no value comes last, by code', async () => {
    const path = `/v1/metrics/children?division=${STREET}&month=2026-10&indicator=resolvedOnTimeRate`;
    const { body } = await world.get(`${path}&limit=100`);
    expect(body).toMatchObject({ division: STREET, month: '2026-10', indicator: 'resolvedOnTimeRate', status: 'final', next: null });
    const items: readonly Answer['body'][] = body.items;
    expect(items.map(({ division }) => division).toSorted()).toEqual(communities.toSorted());
    const best = items.filter(({ value }) => value === 1).length;
    const late = items.filter(({ value }) => value === 0).length;
    expect(best).toBeGreaterThan(3);
    expect(late).toBeGreaterThan(3);
    for (const [index, { value, rank, division }] of items.entries()) {
      expect([division, rank]).toEqual([division, value === null ? null : value === 1 ? 1 : best + 1]);
      expect([division, value === null]).toEqual([division, index >= best + late]);
      const next = items[index + 1];
      if (next?.value === value) expect(division < next.division).toBe(true);
    }
    expect(await allPages(world, `${path}&limit=7`, resident)).toEqual(items);
    const page = await world.get(`${path}&limit=7`);
    expect(page.body.items).toHaveLength(7);
    const cursor: string = page.body.next;
    expect((await world.get(`${path}&limit=7&cursor=${cursor.slice(0, -2)}`)).status).toBe(400);
    expect((await world.get(`${path.replace('2026-10', '2026-11')}&cursor=${cursor}`)).status).toBe(400);
    const counts = await world.get(`/v1/metrics/children?division=${STREET}&month=2026-10&indicator=requestsReceived&limit=2`);
    expect(counts.body.items.map(({ division, rank, value }: Answer['body']) => [division, rank, value])).toEqual([
      [levels, 1, 5],
      [secret, 2, 3],
    ]);
  });

  test('a series is month by month, the last twelve unless said', async () => {
    const path = `/v1/metrics/series?division=${forgotten.community}&indicator=resolvedOnTimeRate`;
    const { body } = await world.get(`${path}&from=2026-09&to=2027-01`);
    const expected = [
      ['2026-09', 'final', 0, 0],
      ['2026-10', 'final', 0, 1],
      ['2026-11', 'final', 0, 1],
      ['2026-12', 'final', 0, 0],
      ['2027-01', 'provisional', 0, 0],
    ];
    expect(body.items.map((each: Answer['body']) => [each.month, each.status, each.numerator, each.denominator])).toEqual(expected);
    const months = async (more: string): Promise<readonly string[]> => {
      const items: readonly Answer['body'][] = (await world.get(`${path}${more}`)).body.items;
      return [items[0].month, items.at(-1)?.month, items.length];
    };
    expect(await months('')).toEqual(['2026-02', '2027-01', 12]);
    expect(await months('&from=2026-09')).toEqual(['2026-09', '2027-08', 12]);
    expect(await months('&to=2026-09')).toEqual(['2025-10', '2026-09', 12]);
    expect(await months('&from=2016-09&to=2026-08')).toEqual(['2016-09', '2026-08', 120]);
    for (const more of ['&from=2016-09&to=2026-09', '&from=2026-10&to=2026-09'])
      expect((await world.get(`${path}${more}`)).body).toMatchObject({ status: 422, errors: [{ path: 'to' }] });
    const revised = await world.get(`/v1/metrics/series?division=${STREET}&indicator=satisfactionRate&from=2026-10&to=2026-10`, auditor);
    expect(revised.body.items[0].revision).toBe(3);
  });

  test('answers may be kept by everybody where they are everybody’s, and are asked for again by their tag', async () => {
    for (const [path, seconds] of [
      [`/v1/metrics?division=${STREET}&month=2026-10`, 300],
      [`/v1/metrics?division=${STREET}&month=2027-01`, 60],
      [`/v1/metrics/children?division=${STREET}&month=2026-10&indicator=ratedRate`, 300],
      [`/v1/metrics/series?division=${STREET}&indicator=ratedRate`, 60],
      ['/v1/indicators', 300],
    ] as const) {
      const open = await world.get(path);
      expect([path, open.headers.get('cache-control')]).toEqual([path, `public, max-age=${seconds}`]);
      expect([path, open.headers.get('vary')]).toEqual([path, 'Authorization, Accept']);
      const etag = open.headers.get('etag') ?? '';
      const again = await world.call('GET', path, { headers: { 'if-none-match': etag } });
      expect([path, again.status, again.text, again.headers.get('etag')]).toEqual([path, 304, '', etag]);
      const csv = await world.call('GET', path, { headers: { 'if-none-match': etag, accept: 'text/csv' } });
      expect([path, csv.status, csv.headers.get('content-type')]).toEqual([path, 200, 'text/csv; charset=utf-8']);
      const own = await world.get(path, dispatcher);
      expect([path, own.headers.get('cache-control')]).toEqual([path, 'private, no-cache']);
    }
    const staff = await world.get(`/v1/metrics?division=${STREET}&month=2026-10`, dispatcher);
    expect(staff.headers.get('etag')).not.toBe((await world.get(`/v1/metrics?division=${STREET}&month=2026-10`)).headers.get('etag'));
  });

  test('indicators say what they are, in both languages, and which are hidden when small', async () => {
    const { body } = await world.get('/v1/indicators');
    const items: readonly Answer['body'][] = body.items;
    expect(items.map(({ id }) => id)).toEqual([...Object.keys(figures(NOTHING)), ...OF_OTHERS]);
    expect(items.filter(({ sensitive }) => sensitive).map(({ id }) => id)).toEqual(SENSITIVE);
    for (const { names, definition, numerator, denominator, source, unit } of items) {
      for (const texts of [names, definition, numerator, source]) expect([texts['zh-CN'] !== '', texts.en !== '']).toEqual([true, true]);
      expect(denominator === null).toBe(unit !== 'ratio');
    }
  });
});
