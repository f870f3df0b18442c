import type { Run } from '../http/call.ts';
import { err, ok } from '../kernel/result.ts';
import type { readMedia } from './contract.ts';
import { mediaRepository } from './repository.ts';
import { ownView } from './view.ts';

/** Whoever uploaded it; to everybody else it is not there. */
export const read: Run<typeof readMedia> = async ({ runtime, params, caller, now }) => {
  const media = await mediaRepository(runtime.database).find(params.id);
  if (media === undefined || media.owner !== caller.sub) return err({ code: 'notFound' });
  return ok({ status: 200, body: await ownView(runtime, media, now), version: media.version, transient: true });
};
