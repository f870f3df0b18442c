/** What clients see of exports, and of the jobs that make them. */
import * as z from 'zod/mini';
import { operation } from '../http/operation.ts';
import { divisionCode, id, instant, month, named } from '../http/schema.ts';

const jobSchema = named(
  'Job',
  z.object({
    id,
    status: z.enum(['running', 'done', 'failed']),
    /** From 0 to 1; never less than before. */
    progress: z.number(),
    /** Where the file is, for a quarter of an hour; read the job again for another link. */
    url: z.optional(z.string()),
    urlExpires: z.optional(instant),
    /** Why there is no file, and what to do. */
    error: z.optional(z.string()),
  }),
);
export type JobView = z.input<typeof jobSchema>;

export const exportRequests = operation({
  id: 'exportRequests',
  method: 'GET',
  path: '/v1/exports/requests',
  summary: 'The requests of a division that were asked for in a month, in the columns of the import, as a CSV file',
  description:
    'Always a job: `Location` says where it is read. What the caller may read is in it: of a public request an auditor sees no `status_notes` and no `source`. What was imported and not worked on since comes out as it went in. The columns have no visibility and the import takes that of the service, so requests that are to be seen by fewer than others of their service are left out; a system that takes the file in must know the same services first, since what is of an unknown one becomes public there. A cell that a spreadsheet would take for a formula begins with an apostrophe, which `npm run import` takes off again. Who asks again while it is being made gets the same job.',
  access: 'signedIn',
  roles: ['dispatcher', 'auditor'],
  query: z.strictObject({ division: divisionCode, month }),
  responses: { 202: jobSchema },
  problems: ['forbidden', 'notFound'],
  limit: { per: 'caller', count: 60, window: 3600 },
  uses: { exports: 'write', divisions: 'read', audit: 'append' },
  examples: { query: { division: '510104', month: '2026-11' } },
});

export const readJob = operation({
  id: 'readJob',
  method: 'GET',
  path: '/v1/jobs/{id}',
  summary: 'How far a job is, and a link to its file; for who asked for it, within seven days',
  access: 'signedIn',
  params: z.object({ id }),
  responses: { 200: jobSchema },
  problems: ['notFound'],
  // The link is another each time, so nobody is told that theirs is still good.
  tag: 'content',
  uses: { exports: 'read' },
  objects: { 'exports/': 'link' },
  examples: { params: { id: '00000000000000000000000000' } },
});

export const exportOperations = { exportRequests, readJob };
