/** Tells donors what has become of their gifts. */
import type { EventBridgeEvent } from 'aws-lambda';
import { lambda } from '../data/lambda.ts';
import type { CloudEvent } from '../data/reaction.ts';
import type { Runtime } from '../data/runtime.ts';
import { withUses } from '../data/scope.ts';
import { donorOf } from '../donations/reader.ts';
import { donationNotice, type ChangedDonation } from './notices/donation-notice.ts';
import { telling } from './notices/tell.ts';
import { tellDonor as declaration } from './reactions.ts';

export const tellDonor = (outer: Runtime) => {
  const runtime = withUses(outer, declaration.uses, declaration.name);
  const { tell } = telling(runtime);
  return async ({ detail }: EventBridgeEvent<string, CloudEvent<ChangedDonation>>): Promise<void> => {
    // Whoever gave without signing in, or has been forgotten, hears nothing.
    const donor = await donorOf(runtime.database, detail.data.item.id);
    const notice = donor === undefined ? undefined : donationNotice(detail, donor);
    if (notice !== undefined) await tell(notice);
  };
};

export const handler = lambda(tellDonor);
