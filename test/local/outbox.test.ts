import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openOutbox, type OutboxMessage } from '../../lib/local/outbox.ts';
import { temporaryFolder } from './support/local.ts';

const message = (id: string, at: string, to = '13900000001'): OutboxMessage => ({
  id,
  channel: 'sms',
  to,
  text: `第 ${id} 条`,
  about: 'REQUEST#1',
  at,
});
const MORNING = '2026-11-24T00:00:00.000Z';
const NOON = '2026-11-24T04:00:00.000Z';

test.each([{ kept: 'in memory' }, { kept: 'in a folder' }])('newest first, by address, each once: $kept', ({ kept }) => {
  const outbox = openOutbox(kept === 'in memory' ? {} : { dataFolder: temporaryFolder() });
  expect(outbox.list()).toEqual([]);
  expect(outbox.add(message('2', NOON))).toBe(true);
  expect(outbox.add({ ...message('3', NOON, 'li@example.org'), channel: 'email', subject: '您的诉求' })).toBe(true);
  expect(outbox.add(message('1', MORNING))).toBe(true);
  expect(outbox.add({ ...message('2', NOON), text: 'once more' })).toBe(false);
  expect(outbox.list().map(({ id }) => id)).toEqual(['3', '2', '1']);
  expect(outbox.list('13900000001')).toEqual([message('2', NOON), message('1', MORNING)]);
  expect(outbox.list('nobody')).toEqual([]);
});

test('it is read back at the start, without a line that a kill -9 cut off', () => {
  const dataFolder = temporaryFolder();
  openOutbox({ dataFolder }).add(message('1', NOON));
  appendFileSync(join(dataFolder, 'outbox.jsonl'), '{"id":"2","chan');
  const again = openOutbox({ dataFolder });
  expect(again.add(message('1', NOON))).toBe(false);
  expect(again.add(message('3', NOON))).toBe(true);
  expect(
    openOutbox({ dataFolder })
      .list()
      .map(({ id }) => id),
  ).toEqual(['3', '1']);
});

test('a file that holds something else is named, with the line', () => {
  const dataFolder = temporaryFolder();
  writeFileSync(join(dataFolder, 'outbox.jsonl'), `${JSON.stringify(message('1', NOON))}\n{"id":2}\n`);
  expect(() => openOutbox({ dataFolder })).toThrow(`${join(dataFolder, 'outbox.jsonl')}, line 2`);
});
