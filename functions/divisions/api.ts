import { lambda } from '../data/lambda.ts';
import { service } from '../http/service.ts';
import { divisionOperations } from './contract.ts';
import { importAll } from './import.ts';
import { put } from './put.ts';
import { list, read } from './read.ts';
import { divisionsTable } from './table.ts';

export const divisions = service({
  domain: 'divisions',
  table: divisionsTable,
  operations: divisionOperations,
  handlers: { readDivision: read, listChildren: list, putDivision: put, importDivisions: importAll },
});

export const handler = lambda(divisions.build);
