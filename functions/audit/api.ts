import { lambda } from '../data/lambda.ts';
import { service } from '../http/service.ts';
import { auditOperations } from './contract.ts';
import { list } from './list.ts';
import { auditTable } from './table.ts';

export const auditService = service({ domain: 'audit', table: auditTable, operations: auditOperations, handlers: { listAudit: list } });

export const handler = lambda(auditService.build);
