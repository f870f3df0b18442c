/** Who read or changed what. */
import * as z from 'zod/mini';
import { operation } from '../http/operation.ts';
import { divisionCode, line, instant, page, paging } from '../http/schema.ts';

export const listAudit = operation({
  id: 'listAudit',
  method: 'GET',
  path: '/v1/audit',
  summary: 'Who read or changed a resource, newest first; an auditor sees those of their division, and none of their own work',
  access: 'signedIn',
  roles: ['auditor'],
  query: z.strictObject({ resource: line(200), ...paging }),
  responses: {
    200: page(
      z.object({
        resource: z.string(),
        /** Of what covers more than one community, the division. */
        community: divisionCode,
        action: z.string(),
        sub: z.string(),
        roles: z.array(z.string()),
        at: instant,
        requestId: z.string(),
      }),
    ),
  },
  problems: ['cursorInvalid'],
  uses: { audit: 'read' },
  examples: { query: { resource: 'requests/00000000000000000000000ZZ' } },
});

export const auditOperations = { listAudit };
