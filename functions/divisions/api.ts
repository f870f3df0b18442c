import { lambda } from '../data/lambda.ts';
import { later, laterRepeatable } from '../http/later.ts';
import { service } from '../http/service.ts';
import { divisionOperations } from './contract.ts';
import { list, read } from './read.ts';
import { divisionsTable } from './table.ts';

export const divisions = service({
  domain: 'divisions',
  table: divisionsTable,
  operations: divisionOperations,
  handlers: {
    readDivision: read,
    listChildren: list,
    putDivision: later(async () => (await import('./put.ts')).put),
    importDivisions: laterRepeatable(async () => (await import('./import.ts')).importAll),
  },
});

export const handler = lambda(divisions.build);
