import { lambda } from '../data/lambda.ts';
import { later } from '../http/later.ts';
import { service } from '../http/service.ts';
import { catalogueOperations } from './contract.ts';
import { list, programmes, read, setting } from './read.ts';
import { catalogueTable } from './table.ts';

export const catalogue = service({
  domain: 'catalogue',
  table: catalogueTable,
  operations: catalogueOperations,
  handlers: {
    listServices: list,
    readService: read,
    putService: later(async () => (await import('./put.ts')).put),
    listProgrammes: programmes,
    readSetting: setting,
    putSetting: later(async () => (await import('./put.ts')).putSettingValue),
  },
});

export const handler = lambda(catalogue.build);
