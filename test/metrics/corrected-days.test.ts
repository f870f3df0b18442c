/** Days since when somebody is looked after, and until when, that are told otherwise later: in every month in reach the figure is the one of what is so. */
import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import { expect, onTestFinished, test } from 'vitest';
import { careRelay } from '../../functions/care/relay.ts';
import { divisionsReader } from '../../functions/divisions/reader.ts';
import { addMonths, type Month } from '../../functions/kernel/time.ts';
import { REREADABLE } from '../../functions/metrics/images.ts';
import { partsOf, rebuild, type Rebuilt } from '../../functions/metrics/rebuild.ts';
import { recordFacts } from '../../functions/metrics/record-facts.ts';
import { metricsRepository } from '../../functions/metrics/repository.ts';
import { REACTIONS } from '../../lib/local/functions.ts';
import { openHouse } from '../support/house.ts';
import { reactionsTo } from '../support/listener.ts';
import { DACISI, SHUIJINGFANG } from '../support/people.ts';
import { auditor } from './support/months.ts';
import { openDesk } from './support/pieces.ts';

const worker = { sub: 'worker-of-the-street', roles: ['worker'], division: '510104017' };

const open = async (at: string) => {
  const house = await openHouse({ at });
  onTestFinished(() => house.stop());
  const desk = await openDesk(house);
  const own = REACTIONS.filter(({ declaration }) => declaration.name === 'record-facts');
  const { settle } = await reactionsTo(house, 'care', careRelay, own);
  const succeeded = ({ status, text, body }: { status: number; text: string; body: { id: string } }): string => {
    expect([status < 300, text]).toEqual([true, text]);
    return body.id;
  };
  return {
    house,
    register: async (activeFrom: string, more: object = {}): Promise<string> => {
      const body = { name: '某人', community: SHUIJINGFANG, tier: 'key', activeFrom, ...more };
      const id = succeeded(await house.post('/v1/care/recipients', worker, body));
      await settle();
      return id;
    },
    patch: async (id: string, body: object): Promise<void> => {
      succeeded(await house.call('PATCH', `/v1/care/recipients/${id}`, { as: worker, body }));
      await settle();
    },
    /** Half an hour into a month, what went before it is closed. */
    close: async (month: string): Promise<void> => {
      const time = new Date(Date.parse(`${addMonths(month as Month, 1)}-01T00:30:00+08:00`)).toISOString();
      house.turnTo(time);
      await desk.run('monthlyMetrics', time);
    },
    figures: async (division: string, first: string, last: string): Promise<readonly string[]> => {
      const found: string[] = [];
      for (let month = first as Month; month <= last; month = addMonths(month, 1)) {
        const { body } = await house.get(`/v1/metrics?division=${division}&month=${month}`, auditor);
        const { numerator, denominator } = body.indicators.find(({ id }: { id: string }) => id === 'elderVisitRate');
        found.push(`${numerator}/${denominator}`);
      }
      return found;
    },
    rebuild: async (): Promise<Rebuilt['differences']> => {
      const { database } = house.runtime;
      const rebuilding = { until: '2027-12' as Month, runId: 'again', recount: false, sources: [REREADABLE.recipient] };
      const all: Rebuilt['differences'] = [];
      for (const part of await partsOf(divisionsReader(database), undefined))
        all.push(...(await rebuild(database, part, rebuilding)).differences);
      return all;
    },
  };
};

test('who is found to have been active for longer counts in every month of it', async () => {
  const { house, register, patch, close, figures, rebuild: again } = await open('2026-11-20T09:00:00+08:00');
  const begunEarlier = await register('2026-11-10');
  await patch(begunEarlier, { activeFrom: '2026-09-10' });
  const endedLater = await register('2026-09-01');
  await patch(endedLater, { active: false, endedOn: '2026-10-15' });
  await patch(endedLater, { endedOn: '2026-11-05' });
  await close('2026-11');
  expect(await figures(SHUIJINGFANG, '2026-09', '2026-12')).toEqual(['0/1', '0/2', '0/1', '0/1']);
  expect((await house.get(`/v1/care/due?division=${SHUIJINGFANG}&month=2026-10`, worker)).body.items).toHaveLength(2);
  expect(await again()).toEqual([]);

  // Who leaves the register by time leaves no figure; what is still told of them then tells nothing.
  const key = { pk: { S: `RECIPIENT#${endedLater}` }, sk: { S: 'RECIPIENT' } };
  await house.client.send(new DeleteItemCommand({ TableName: house.physicalName('care'), Key: key }));
  const late = { id: 'late', type: 'careRecipient.changed', data: { version: 9, item: { id: endedLater } } };
  await recordFacts(house.runtime)({ detail: late } as never);
  expect(await again()).toEqual([]);
  await close('2026-12');
  expect(await figures(SHUIJINGFANG, '2026-09', '2026-12')).toEqual(['0/1', '0/2', '0/1', '0/1']);
});

test('a day that is corrected across the line of twelve months changes every month behind it and none before, in every community that somebody was in', async () => {
  const { house, register, patch, close, figures, rebuild: again } = await open('2026-07-13T09:00:00+08:00');
  const begunLater = await register('2026-07-13');
  const moved = await register('2026-06-13');
  const gone = await register('2026-06-01', { community: DACISI });
  house.turnTo('2026-08-20T09:00:00+08:00');
  await patch(gone, { active: false, endedOn: '2026-08-01' });
  house.turnTo('2026-09-10T09:00:00+08:00');
  await patch(moved, { community: DACISI });
  await close('2026-09');
  expect(await figures(SHUIJINGFANG, '2026-07', '2026-09')).toEqual(['0/1', '0/2', '0/1']);
  house.turnTo('2027-08-13T09:00:00+08:00');
  await patch(begunLater, { activeFrom: '2027-07-01' });
  house.turnTo('2027-11-13T09:00:00+08:00');
  await patch(moved, { activeFrom: '2027-05-01' });
  await patch(gone, { endedOn: '2027-02-10' });
  await close('2027-11');
  const shown = async (): Promise<readonly unknown[]> => [
    await figures(SHUIJINGFANG, '2026-07', '2026-09'),
    await figures(SHUIJINGFANG, '2026-10', '2027-06'),
    await figures(SHUIJINGFANG, '2027-07', '2027-11'),
    await figures(DACISI, '2026-09', '2026-10'),
    await figures(DACISI, '2026-11', '2027-04'),
    await figures(DACISI, '2027-05', '2027-11'),
  ];
  const right = [
    ['0/1', '0/1', '0/0'],
    Array.from({ length: 9 }, () => '0/0'),
    Array.from({ length: 5 }, () => '0/1'),
    ['0/1', '0/1'],
    ['0/1', '0/1', '0/1', '0/0', '0/0', '0/0'],
    Array.from({ length: 7 }, () => '0/1'),
  ];
  expect(await shown()).toEqual(right);

  // What says so is a fact like any other: where it is lost, it is made again.
  expect(await again()).toEqual([]);
  const repository = metricsRepository(house.runtime.database);
  const lost = { kind: 'recipient', id: begunLater, community: SHUIJINGFANG, month: '2026-08', confidential: true } as const;
  await repository.write([repository.putsFact({ ...lost, before: undefined, moments: [] } as never)]);
  expect(await again()).toEqual([{ what: 'missing', subject: `recipient#${begunLater}`, place: `${SHUIJINGFANG}#2026-08` }]);
  expect(await again()).toEqual([]);
  await close('2027-12');
  expect(await shown()).toEqual(right);
});
