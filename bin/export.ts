/** `npm run export -- requests --division CODE --month MONTH [FILE]`: a division's month as CSV, with progress. */
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { JobView } from '../functions/exports/contract.ts';
import { environmentFrom } from '../functions/kernel/environment.ts';
import { isDivisionCode } from '../functions/kernel/division.ts';
import { apiClient, runCommand, Stop } from '../lib/local/api-client.ts';
import { progressBar } from '../lib/local/progress-bar.ts';

const USAGE = `npm run export -- requests --division CODE --month MONTH [FILE]    what the import takes, by the month asked for

FILE is requests-<division>-<month>.csv unless it is named. What is to be seen by fewer than others of its service is left out.
LINLI_API (http://localhost:3000) says where; LINLI_TOKEN a dispatcher's or an auditor's token, which a local system makes itself.`;

const POLL_MS = 500;
const PER_CENT = 100;

const asked = (): { readonly division: string; readonly month: string; readonly file: string } => {
  try {
    const { values, positionals } = parseArgs({
      options: { division: { type: 'string' }, month: { type: 'string' } },
      allowPositionals: true,
    });
    const { division = '', month = '' } = values;
    const [kind, file = `requests-${division}-${month}.csv`, ...rest] = positionals;
    if (kind === 'requests' && isDivisionCode(division) && month !== '' && rest.length === 0) return { division, month, file };
  } catch {
    // An option that is none.
  }
  throw new Stop(USAGE);
};

const run = async (): Promise<boolean> => {
  const { division, month, file } = asked();
  const { call, fetch } = await apiClient({
    environment: environmentFrom(),
    claims: { sub: 'export', roles: ['dispatcher'], division },
    whose: "a dispatcher's or an auditor's, of that division",
    what: 'export',
    again: 'Run the same command again when that is mended.',
  });
  // What the contract promises of a job.
  let job = (await call('GET', `/v1/exports/requests?${new URLSearchParams({ division, month }).toString()}`)) as JobView | undefined;
  if (job === undefined) throw new Stop(`There is no division ${division}.`);
  const bar = progressBar('requests, per cent', PER_CENT);
  try {
    while (job !== undefined && job.status === 'running') {
      await sleep(POLL_MS);
      job = (await call('GET', `/v1/jobs/${job.id}`)) as JobView | undefined;
      bar.update(Math.floor((job?.progress ?? 0) * PER_CENT));
    }
  } finally {
    bar.stop();
  }
  if (job?.url === undefined) throw new Stop(job?.error ?? 'The job is gone: ask again.');
  writeFileSync(file, await fetch(job.url));
  process.stdout.write(`${file} is written\n`);
  return true;
};

await runCommand(run);
