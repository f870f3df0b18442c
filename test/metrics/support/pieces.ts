/** The functions of metrics, called as Lambda does and in the order that a test wants: events one by one, pieces of a run one by one. */
import { computeMetrics } from '../../../functions/metrics/compute-metrics.ts';
import { recordFacts as declaration } from '../../../functions/metrics/reactions.ts';
import { recordFacts } from '../../../functions/metrics/record-facts.ts';
import { serviceRequestsRelay } from '../../../functions/service-requests/relay.ts';
import { eventsOf, keepingBus, listenToStream } from '../../support/listener.ts';
import type { Content, House, StoredItem } from '../../support/house.ts';

export type RequestEvent = Parameters<ReturnType<typeof recordFacts>>[0];
type PieceEvent = Parameters<ReturnType<typeof computeMetrics>>[0];

export interface Desk {
  /** What has happened to requests and rectifications since the last call, as `record-facts` is told of it. */
  readonly events: () => Promise<readonly RequestEvent[]>;
  /** Records the divisions that are there, as their events would tell of them. */
  readonly recordDivisions: () => Promise<void>;
  readonly record: (event: RequestEvent) => Promise<void>;
  readonly recordAll: (events: readonly RequestEvent[]) => Promise<void>;
  /** `<level>#<division>` of pieces that have been planned and not been worked on, in the order of their keys. */
  readonly planned: () => Promise<readonly string[]>;
  readonly work: (piece: string) => Promise<void>;
  /** Works until no piece is left. */
  readonly workAll: () => Promise<void>;
  /** A schedule, and all that follows from it. */
  readonly run: (name: 'monthlyMetrics' | 'metricsRefresh', time: string) => Promise<void>;
  readonly items: () => Promise<readonly StoredItem[]>;
}

export const openDesk = async (house: House): Promise<Desk> => {
  const listener = await listenToStream(house);
  const react = recordFacts(house.runtime);
  const compute = computeMetrics(house.runtime);
  const items = async (): Promise<readonly StoredItem[]> => [...((await house.content(['metrics']))['metrics']?.values() ?? [])];
  const pieces = async (change: string): Promise<readonly StoredItem[]> =>
    (await items())
      .filter((item) => item.pk.startsWith('PIECES#') && item['change'] === change)
      .toSorted((a, b) => (`${a.pk}${a.sk}` < `${b.pk}${b.sk}` ? -1 : 1));
  const eventOf = ({ run, level, division }: StoredItem): PieceEvent =>
    ({ detail: { data: { item: { run, level, division } } } }) as unknown as PieceEvent;
  const desk: Desk = {
    async events() {
      const bus = keepingBus();
      await serviceRequestsRelay(house.runtime, bus.client)({ Records: [...(await listener.records())] });
      return eventsOf(bus.entries).filter((event) => declaration.on.includes(event['detail-type'])) as unknown as RequestEvent[];
    },
    async recordDivisions() {
      const divisions = (await house.content(['divisions']))['divisions']?.values() ?? [];
      for (const item of divisions) {
        const id = `${item.pk}/${item.sk}:${String(item['version'])}`;
        await react({ detail: { id, type: 'division.made', data: { item } } } as unknown as RequestEvent);
      }
    },
    record: (event) => react(event),
    async recordAll(events) {
      for (const event of events) await react(event);
    },
    planned: async () => (await pieces('planned')).map(({ sk }) => sk),
    async work(name) {
      const all = await items();
      const current = all.find(({ pk, sk }) => pk === 'RUNS' && sk === 'CURRENT')?.['run'] as { readonly id: string } | undefined;
      const piece = all.find(({ pk, sk }) => pk === `PIECES#${current?.id}` && sk === name);
      if (piece === undefined) throw new Error(`no piece ${name}`);
      await compute(eventOf(piece));
    },
    async workAll() {
      for (;;) {
        const open = await pieces('planned');
        if (open.length === 0) return;
        for (const piece of open) await compute(eventOf(piece));
      }
    },
    async run(name, time) {
      await house.schedule(name, time);
      await desk.workAll();
    },
    items,
  };
  return desk;
};

const itemsOf = (content: Content, which: RegExp): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    [...(content['metrics']?.values() ?? [])]
      // How far it had come when it was last told of is for people to look at.
      .filter(({ pk, sk }) => which.test(pk) && !sk.startsWith('RUN#'))
      .map(({ pk, sk, version: _version, requestId: _requestId, countedAt: _countedAt, ...item }): [string, unknown] => [
        `${pk} / ${sk}`,
        // What has been judged once and what twice is the same.
        item['judged'] === item['revision'] ? { ...item, judged: undefined } : item,
      ])
      // A judgement of nothing is as good as none.
      .filter(([key, item]) => !(key.startsWith('UNJUDGED') && (item as { months: unknown[] }).months.length === 0))
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );

/** Figures, revisions, what is hidden, what goes on and what is still to be counted: all but who wrote it and how often. */
export const outcome = (content: Content): Readonly<Record<string, unknown>> =>
  itemsOf(content, /^(?:FIGURES|REVISIONS|CLOSINGS|STATE|LEAVES|UNJUDGED)/);

/** The same, and how far the run has come. */
export const state = (content: Content): Readonly<Record<string, unknown>> =>
  itemsOf(content, /^(?:FIGURES|REVISIONS|CLOSINGS|STATE|LEAVES|UNJUDGED|RUNS|PIECES)/);

/** What lies in a division above communities itself is a part of its figure, and none. */
const isShare = ({ pk, division, month }: StoredItem): boolean => pk === `FIGURES#${String(division)}#${String(month)}`;

/** The figures alone, by division and month. */
export const figuresIn = (content: Content): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    [...(content['metrics']?.values() ?? [])]
      .filter((item) => item.pk.startsWith('FIGURES') && !isShare(item))
      .map((item): [string, unknown] => [`${String(item['division'])} ${String(item['month'])}`, item['sums']])
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
