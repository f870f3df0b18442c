import { once } from 'node:events';
import { expect, test } from 'vitest';
import { localSystem } from './support/local-system.ts';
import { databaseClient, engine, gate, numbered, put, streamsClientOf, temporaryFolder } from './support/local.ts';
import { otherSystem } from './support/other-system.ts';

test('kill -9 of the whole system under load, again and again: every acknowledged write reaches its reaction', async () => {
  const dataFolder = temporaryFolder();
  const acknowledged: string[] = [];
  for (const kill of [25, 40, 60]) {
    const other = await otherSystem(dataFolder);
    const client = databaseClient(other.endpoint, 1);
    const enough = gate();
    let written = 0;
    let stopped = false;
    const writers = numbered(4, `run-${kill}`).map(async (writer) => {
      for (let count = 0; !stopped; count++) {
        const id = `${writer}-${count}`;
        try {
          await put(client, id);
        } catch {
          return;
        }
        acknowledged.push(id);
        written += 1;
        if (written === kill) enough.open();
      }
    });
    await enough.opened;
    other.process.kill('SIGKILL');
    await once(other.process, 'exit');
    stopped = true;
    await Promise.all(writers);
  }

  const { endpoint } = await engine({ dataFolder });
  const system = await localSystem({ dataFolder, client: databaseClient(endpoint), streamsClient: streamsClientOf(endpoint) });
  await system.stream.settled();
  await system.stop();
  const told = new Set(system.outbox.list().map(({ id }) => id));
  expect(acknowledged.length).toBeGreaterThanOrEqual(125);
  expect(acknowledged.filter((id) => !told.has(id))).toEqual([]);
});
