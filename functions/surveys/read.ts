import type { Run } from '../http/call.ts';
import { nextOf, positionOf } from '../http/page.ts';
import { limitOf } from '../http/schema.ts';
import { justBelow, merge } from '../data/merge.ts';
import { concernedBy } from '../kernel/division.ts';
import { listsFor } from '../kernel/listings.ts';
import { ok } from '../kernel/result.ts';
import { toInstant } from '../kernel/time.ts';
import { closeByClock } from './close-by-clock.ts';
import type { listSurveys, readSurvey } from './contract.ts';
import { shownAs } from './replies.ts';
import { surveyRepository, type ListEntry } from './repository.ts';
import { seen } from './seen.ts';
import { oversees, stateAt, type Survey } from './survey.ts';
import { surveySummaryView } from './view.ts';

/** What a list evaluates at most; filters make a page short. */
const MOST_READ = 200;
/** Sorts after every id. */
const LAST = '~';

export const read: Run<typeof readSurvey> = async (call) => {
  const survey = await seen(call, call.params.id);
  return survey.ok ? ok(shownAs(call, survey.value)) : survey;
};

/** Open ones for a place, those that have ended, or drafts; what will open later is not read at all. */
export const list: Run<typeof listSurveys> = async (call) => {
  const { runtime, caller, query, now, requestId } = call;
  const position = positionOf<string>(call, query.cursor);
  if (!position.ok) return position;
  const kind = query.state ?? 'open';
  const repository = surveyRepository(runtime.database);
  const place = query.division;
  const concerns = (codes: Survey['audience']['divisions']): boolean => place === undefined || concernedBy(codes)(place);
  const newest = kind === 'open' ? `${toInstant(now)}${LAST}` : undefined;
  const page = await merge<string, ListEntry>({
    sources: listsFor(place),
    read: (source, limit, to) => repository.entries(kind, source, limit, to),
    keyOf: ({ sk }) => sk,
    // What stands in the list of the whole country says nothing of where it is asked.
    fits: ({ cover }) => place === undefined || concerns(cover),
    limit: limitOf(query.limit),
    mostRead: MOST_READ,
    to: position.value === undefined ? newest : justBelow(position.value),
  });
  // What is over by now has not been closed yet: whoever looks for it does.
  const over = page.items.filter((entry) => kind === 'open' && stateAt(entry, now) === 'closed').map(({ id }) => id);
  await Promise.all(
    over.map(async (id) => {
      const survey = await repository.read(id);
      if (survey !== undefined) await closeByClock(repository, survey, now, requestId);
    }),
  );
  const isListed = (entry: ListEntry): boolean =>
    stateAt(entry, now) === kind && concerns(entry.audience.divisions) && (kind !== 'draft' || oversees(caller, entry));
  const items = page.items.filter(isListed).map((entry) => surveySummaryView(entry, now));
  return ok({ status: 200, body: { items, next: nextOf(call, page.after) } });
};
