/** Request units, exact: as the engine counts them, beside what DynamoDB's rules say of the same items. */
import { countyDispatcher, dispatcher, resident, SHUIJINGFANG } from '../support/people.ts';
import { REFERENCE_KEY, referenceRequest } from '../support/reference-request.ts';
import { startWorld } from '../support/world.ts';
import { Meter } from '../units/support/meter.ts';

export interface Units {
  readonly create: { readonly write: number; readonly byRules: number; readonly roundTrips: number };
  readonly read: { readonly read: number; readonly byRules: number };
  readonly audited: { readonly read: number; readonly write: number; readonly byRules: number };
  readonly community: { readonly read: number; readonly byRules: number };
  readonly county: { readonly read: number; readonly byRules: number };
}

const LISTED = 60;

export const measureUnits = async (): Promise<Units> => {
  const meter = new Meter();
  const world = await startWorld({ prepare: meter.attach });
  try {
    const of = async (work: () => Promise<{ readonly status: number }>) => {
      const { readings, writeCalls } = await meter.of(async () => {
        const { status } = await work();
        if (status >= 300) throw new Error(`answered ${status}`);
      });
      const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);
      const [reads, writes] = [readings.filter(({ write }) => write === 0), readings.filter(({ write }) => write > 0)];
      return {
        read: sum(reads.map(({ reported }) => reported)),
        write: sum(writes.map(({ reported }) => reported)),
        readByRules: sum(reads.map(({ read }) => read)),
        writeByRules: sum(writes.map(({ write }) => write)),
        writeCalls,
      };
    };
    const create = await of(() => world.post('/v1/requests', resident, referenceRequest, { 'idempotency-key': REFERENCE_KEY }));
    const { body: made } = await world.post('/v1/requests', resident, referenceRequest);
    const { body: secret } = await world.post('/v1/requests', resident, { ...referenceRequest, confidential: true });
    for (let count = 0; count < LISTED; count++) await world.post('/v1/requests', resident, referenceRequest);
    const read = await of(() => world.get(`/v1/requests/${made.id}`, resident));
    const audited = await of(() => world.get(`/v1/requests/${secret.id}`, resident));
    const community = await of(() => world.get(`/v1/requests?division=${SHUIJINGFANG}`, dispatcher));
    const county = await of(() => world.get('/v1/requests', countyDispatcher));
    return {
      create: { write: create.write, byRules: create.writeByRules, roundTrips: create.writeCalls },
      read: { read: read.read, byRules: read.readByRules },
      audited: { read: audited.read, write: audited.write, byRules: audited.writeByRules },
      community: { read: community.read, byRules: community.readByRules },
      county: { read: county.read, byRules: county.readByRules },
    };
  } finally {
    await world.stop();
  }
};
