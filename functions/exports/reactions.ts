/** What this domain does when something happened; each is `<name>.ts` beside this file. */
import { reaction } from '../data/reaction.ts';

/** A step of a job, told of by the table itself; and what it leaves behind when it ends. */
export const writeExport = reaction({
  name: 'write-export',
  domain: 'exports',
  on: ['job.started', 'job.continued', 'job.done', 'job.failed'],
  needs: [],
  uses: { exports: 'write', serviceRequests: 'read', catalogue: 'read', divisions: 'read', audit: 'append' },
  objects: { 'exports/': 'remove' },
  size: 'large',
});
