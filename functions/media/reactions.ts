/** What this domain does when something happened; each is `<name>.ts` beside this file. */
import { reaction } from '../data/reaction.ts';

/** A picture that somebody has put is looked at, drawn anew, and ready; or refused. */
export const processMedia = reaction({
  name: 'process-media',
  domain: 'media',
  on: ['media.uploaded'],
  uploads: 'uploads/',
  needs: [],
  uses: { media: 'write' },
  objects: { 'media/': 'remove', 'uploads/': 'remove' },
  size: 'large',
});

/** Pictures of a new request, of a comment, or of a grant's report, belong to it. Which they are, its own transaction has claimed. */
export const attachMedia = reaction({
  name: 'attach-media',
  domain: 'media',
  on: ['serviceRequest.submitted', 'serviceRequest.commented', 'grant.reported'],
  changing: ['media', 'commentMedia'],
  needs: [],
  uses: { media: 'write' },
});

/** Pictures that came in a form together with the report itself, from clients that know no other way. */
export const receiveMedia = reaction({
  name: 'receive-media',
  domain: 'media',
  on: ['serviceRequest.submitted'],
  changing: ['received'],
  needs: [],
  uses: { media: 'write' },
  objects: { 'media/': 'write', 'received/': 'remove' },
  size: 'large',
});
