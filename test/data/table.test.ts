import { expect, test } from 'vitest';
import { table } from '../../functions/data/table.ts';

const plain = { personal: 'none', keptDays: 'entity' } as const;
const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `a${index}`);
const declare = (perIndex: number, indexes: number) =>
  table({
    name: 'probe',
    attributes: Object.fromEntries([...names(perIndex), 'p', 's'].map((name) => [name, plain])),
    indexes: Object.fromEntries(names(indexes).map((name) => [name, { partition: 'p', sort: 's', project: names(perIndex) }])),
    entities: [],
  });

test('a table that projects more than DynamoDB takes, 20 attributes an index and 100 in all, is refused where it is declared', () => {
  expect(() => declare(20, 5)).not.toThrow();
  expect(() => declare(21, 1)).toThrow('20 attributes an index');
  expect(() => declare(20, 6)).toThrow('100 a table');
});

test('a table that names an attribute without declaring how personal it is, is refused', () => {
  expect(() =>
    table({ name: 'probe', attributes: {}, indexes: { byX: { partition: 'x', sort: 'sk', project: 'keys' } }, entities: [] }),
  ).toThrow('declare the attributes x');
});
