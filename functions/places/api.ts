import { lambda } from '../data/lambda.ts';
import { service } from '../http/service.ts';
import { placeOperations } from './contract.ts';
import { put } from './put.ts';
import { list, read } from './read.ts';
import { placesTable } from './table.ts';

export const places = service({
  domain: 'places',
  table: placesTable,
  operations: placeOperations,
  handlers: { listFacilities: list, readFacility: read, putFacility: put },
});

export const handler = lambda(places.build);
