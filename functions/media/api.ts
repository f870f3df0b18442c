import { lambda } from '../data/lambda.ts';
import { service } from '../http/service.ts';
import { mediaOperations } from './contract.ts';
import { create } from './create.ts';
import { read } from './read.ts';
import { mediaTable } from './table.ts';

export const mediaService = service({
  domain: 'media',
  table: mediaTable,
  operations: mediaOperations,
  handlers: { createMedia: create, readMedia: read },
});

export const handler = lambda(mediaService.build);
