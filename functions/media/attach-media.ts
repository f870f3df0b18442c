/** Writes down what a new request, a comment or a report has claimed, so that it is kept, and attached by nobody else. */
import type { EventBridgeEvent } from 'aws-lambda';
import { lambda } from '../data/lambda.ts';
import type { CloudEvent } from '../data/reaction.ts';
import type { Runtime } from '../data/runtime.ts';
import { withUses } from '../data/scope.ts';
import { attached } from './media.ts';
import { attachMedia as declaration } from './reactions.ts';
import { mediaRepository } from './repository.ts';

const ATTEMPTS = 8;

interface WithMedia {
  readonly id: string;
  readonly media?: readonly string[];
  /** Of the comment that this event tells of. */
  readonly commentMedia?: readonly string[];
}

export const attachMedia = (outer: Runtime) => {
  const runtime = withUses(outer, declaration.uses, declaration.name);
  const repository = mediaRepository(runtime.database);

  const attach = async (id: string, owner: string, requestId: string): Promise<void> => {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const media = await repository.read(id);
      if (media === undefined || media.attachedTo !== undefined) return;
      const written = await repository.write([repository.puts(attached(media, owner, runtime.now()), media, requestId)]);
      if (written.ok) return;
    }
    throw new Error('a picture keeps changing while it is attached');
  };

  return async ({ detail }: EventBridgeEvent<string, CloudEvent<WithMedia>>): Promise<void> => {
    const { id: owner, media = [], commentMedia = [] } = detail.data.item;
    for (const id of detail.type === 'serviceRequest.commented' ? commentMedia : media) await attach(id, owner, `${detail.id}#${id}`);
  };
};

export const handler = lambda(attachMedia);
