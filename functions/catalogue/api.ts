import { lambda } from '../data/lambda.ts';
import { service } from '../http/service.ts';
import { catalogueOperations } from './contract.ts';
import { put, putSettingValue } from './put.ts';
import { list, programmes, read, setting } from './read.ts';
import { catalogueTable } from './table.ts';

export const catalogue = service({
  domain: 'catalogue',
  table: catalogueTable,
  operations: catalogueOperations,
  handlers: {
    listServices: list,
    readService: read,
    putService: put,
    listProgrammes: programmes,
    readSetting: setting,
    putSetting: putSettingValue,
  },
});

export const handler = lambda(catalogue.build);
