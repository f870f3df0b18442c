/**
 * Counting a survey. Answers are opened in lots, each in one transaction that takes away what was sealed, stores what was opened under ids that
 * say nothing, and adds to the counts: whatever dies between any two calls, nobody is counted twice, and nobody is lost.
 */
import type { Write } from '../data/database.ts';
import type { Runtime } from '../data/runtime.ts';
import { newId } from '../kernel/id.ts';
import { isDivisionCode } from '../kernel/division.ts';
import { isSmall } from '../kernel/suppression.ts';
import type { EpochMs } from '../kernel/time.ts';
import { unpacked } from './answers.ts';
import { addAnswers, countingFrom, emptyCounts, type Counting } from './counts.ts';
import { lotsOf, shuffled } from './lots.ts';
import { surveyRepository, WAYS, type Opened, type SurveyRepository, type Waiting, type Way } from './repository.ts';
import { resultsOf, type GroupResult, type Groups } from './results.ts';
import { openerOf, type Opener } from './sealing.ts';
import { counted, isDone, withoutKey, type Survey } from './survey.ts';

/** So many are held at once: of the longest questionnaires 32 MB, and several surveys are counted side by side. */
const MOST_AT_ONCE = 1000;
/** Items that are put side by side, each by itself: together those of a large survey are more than a transaction holds. */
const AT_ONCE = 16;
/** How often somebody else may be quicker; who counts the same survey wins each time that we lose. */
const RACES = 20;

export interface Tallying {
  readonly runtime: Runtime;
  readonly now: EpochMs;
  /** Who does this, for what is written of the survey itself. */
  readonly requestId: string;
  /** Whether there is time for another step. */
  readonly hasTime: () => boolean;
}

/** `later`: there was no time, or too many at it; the next run goes on. */
export type TallyOutcome = 'waiting' | 'later' | 'done';

/** What is kept of one that was opened; with where it came from, which nobody sees before the end. */
const openedFrom = async (waiting: Waiting, opener: Opener | undefined, id: string): Promise<Opened | undefined> => {
  if (!('sealed' in waiting)) {
    const { sk, answers, community, channel, sub, enteredBy, at } = waiting;
    return { sk, answers, community, channel, sub, enteredBy, at };
  }
  const text = await opener?.open(waiting.sealed);
  if (text === undefined || opener === undefined) return undefined;
  const { answers, community, channel } = unpacked(text);
  return { sk: id, answers, place: opener.hide(`${community}#${channel}`) };
};

/** Another run has counted it to the end meanwhile, and destroyed its key. */
class Overtaken extends Error {
  override readonly name = 'Overtaken';
}

const keyOf = async (runtime: Runtime, survey: Survey): Promise<Opener | undefined> => {
  if (survey.mode === 'confidential') return undefined;
  const key = survey.keyName === undefined ? undefined : await (await runtime.vault()).read(survey.keyName);
  if (key === undefined) {
    if ((await surveyRepository(runtime.database).read(survey.id))?.countedAt !== undefined) throw new Overtaken();
    runtime.log({ level: 'error', code: 'surveyKeyMissing', survey: survey.id });
    throw new Error('the key of a survey that is not counted yet is gone');
  }
  return openerOf(key, survey.id, runtime.random);
};

/** Opens one lot and counts it; false where somebody else has done some of it, or counted another. */
const countLot = async (
  { runtime }: Tallying,
  repository: SurveyRepository,
  survey: Survey,
  lot: readonly Waiting[],
  opener: Opener | undefined,
): Promise<boolean> => {
  const before = await repository.readCounts(survey.id);
  const opened = await Promise.all(lot.map((each) => openedFrom(each, opener, newId(runtime.random))));
  const readable = opened.filter((each) => each !== undefined);
  const unreadable = lot.length - readable.length;
  const counts = addAnswers(
    before?.counts ?? emptyCounts(survey.questions),
    survey.questions,
    readable.map(({ answers }) => answers),
  );
  // The order of what goes and of what comes are no hint of each other.
  const written = await repository.write([
    ...shuffled(lot, runtime.random).map((each) => repository.removesWaiting(survey, each)),
    ...shuffled(readable, runtime.random).map((each) => repository.putsOpened(survey, each)),
    repository.putsCounts(survey.id, counts, before),
  ]);
  // Somebody has put there what we did not seal: without it, the others are counted.
  if (written.ok && unreadable > 0) runtime.log({ level: 'error', code: 'surveyAnswersUnreadable', survey: survey.id, unreadable });
  return written.ok;
};

/** So few in all that anybody could tell whose they are: only that they were there is counted. */
const discard = async (repository: SurveyRepository, survey: Survey, few: readonly Waiting[]): Promise<boolean> => {
  const written = await repository.write([
    ...few.map((each) => repository.removesWaiting(survey, each)),
    repository.putsCounts(survey.id, { ...emptyCounts(survey.questions), n: few.length }, undefined),
  ]);
  return written.ok;
};

/** Counts what waits; of one that is over all of it, which nothing is added to any more. */
const drain = async (tallying: Tallying, repository: SurveyRepository, survey: Survey, isOver: boolean): Promise<TallyOutcome> => {
  const { runtime, hasTime } = tallying;
  const isAnonymous = survey.mode === 'anonymous';
  let opener: Opener | undefined;
  for (let races = 0; races < RACES;) {
    if (!hasTime()) return 'later';
    const waiting = await repository.waiting(survey, runtime.random(1)[0] ?? 0, MOST_AT_ONCE);
    // Those that were not read now are the ones that are left.
    const isAll = waiting.length < MOST_AT_ONCE;
    // In both modes: who oversees an open survey would else see single answers in how its counts differ.
    const isLast = isOver && isAll;
    const lots = lotsOf(waiting, isLast, runtime.random);
    if (lots.length === 0) return 'waiting';
    if (isAnonymous && isLast && isSmall(waiting.length) && (await repository.readCounts(survey.id)) === undefined) {
      if (await discard(repository, survey, waiting)) return 'waiting';
      races += 1;
      continue;
    }
    opener ??= await keyOf(runtime, survey);
    let isRaced = false;
    for (const lot of lots) {
      if (!hasTime()) return 'later';
      isRaced = !(await countLot(tallying, repository, survey, lot, opener));
      if (isRaced) break;
    }
    if (isRaced) races += 1;
    else if (isAll) return 'waiting';
  }
  return 'later';
};

/** Puts that may be done again, and in part: whoever dies between is followed by who does all of them. */
const putAll = async (repository: SurveyRepository, writes: readonly Write[]): Promise<void> => {
  for (let start = 0; start < writes.length; start += AT_ONCE) {
    const done = await Promise.all(writes.slice(start, start + AT_ONCE).map((write) => repository.write([write])));
    if (!done.every(({ ok }) => ok)) throw new Error('what is put without a condition is put');
  }
};

/** Counts by where answers came from; of an anonymous survey only the tally can tell, and keeps no such figure that is not shown. */
const groupsOf = async (
  repository: SurveyRepository,
  survey: Survey,
  opener: Opener | undefined,
): Promise<Readonly<Record<Way, Groups>>> => {
  const groups = { community: new Map<string, Counting>(), channel: new Map<string, Counting>() };
  for await (const { items } of repository.opened(survey))
    for (const { answers, place, community, channel } of items) {
      const [where, how] = place === undefined ? [community, channel] : (opener?.show(place) ?? '').split('#');
      if (where === undefined || how === undefined) throw new Error('an answer of ours says where it comes from');
      const keys = { community: where, channel: how };
      for (const way of WAYS) {
        const group = groups[way].get(keys[way]) ?? countingFrom(emptyCounts(survey.questions), survey.questions);
        groups[way].set(keys[way], group);
        group.add(answers);
      }
    }
  const groupsBy = (way: Way): Groups => new Map([...groups[way]].map(([key, group]) => [key, group.counts()]));
  return { community: groupsBy('community'), channel: groupsBy('channel') };
};

/** 4 and 5 of 5 are satisfied. */
const TOP_TWO = new Set(['4', '5']);

/** What the satisfaction rate is made of, of communities whose answers to it are shown. */
const satisfactionOf = ({ questions }: Survey, { questions: results = [] }: GroupResult) => {
  const asked = questions.find(({ satisfaction }) => satisfaction === true);
  const { n, options = [] } = results.find(({ id }) => id === asked?.id) ?? {};
  if (n === undefined || n === 0) return undefined;
  const satisfied = options.filter(({ id }) => TOP_TWO.has(id)).reduce((sum, { count }) => sum + count, 0);
  return { satisfied, answered: n };
};

/** Writes down what is shown from now on, and nothing else: the same however often. */
const writeResults = async (
  { requestId }: Tallying,
  repository: SurveyRepository,
  survey: Survey,
  opener: Opener | undefined,
): Promise<void> => {
  const { closedAt } = survey;
  if (closedAt === undefined) throw new Error('results are of what is closed');
  const whole = (await repository.readCounts(survey.id))?.counts ?? emptyCounts(survey.questions);
  const { by = {}, ...results } = resultsOf(survey.questions, whole, await groupsOf(repository, survey, opener));
  const { community: communities = [] } = by;
  await putAll(repository, [
    repository.putsResults(survey.id, results),
    ...WAYS.flatMap((way) => (by[way] ?? []).map((group) => repository.putsGroup(survey.id, way, group))),
    ...communities.flatMap((group): Write[] => {
      const satisfaction = satisfactionOf(survey, group);
      if (!isDivisionCode(group.key)) throw new Error('communities are grouped by their codes');
      return satisfaction === undefined
        ? []
        : [repository.putsSurveyCount({ survey: survey.id, community: group.key, closedAt, ...satisfaction }, requestId)];
    }),
  ]);
};

/** Takes a survey as far as it can be taken now: lots while it is open; the rest, the results and the end of the key once it is closed. */
export const tally = async (tallying: Tallying, id: string): Promise<TallyOutcome> => {
  try {
    return await tallyOnce(tallying, id);
  } catch (error) {
    if (error instanceof Overtaken) return 'later';
    throw error;
  }
};

const tallyOnce = async (tallying: Tallying, id: string): Promise<TallyOutcome> => {
  const { runtime, now, requestId, hasTime } = tallying;
  const repository = surveyRepository(runtime.database);
  let survey = await repository.read(id);
  if (survey === undefined || survey.publishedAt === undefined || isDone(survey)) return 'done';
  if (survey.closedAt === undefined) return drain(tallying, repository, survey, false);

  if (survey.countedAt === undefined) {
    await putAll(repository, repository.closesGates(survey));
    const drained = await drain(tallying, repository, survey, true);
    if (drained === 'later' || !hasTime()) return 'later';
    await writeResults(tallying, repository, survey, await keyOf(runtime, survey));
    const after = counted(survey, now);
    // From now on it is found among those that have results.
    const written = await repository.write([
      repository.puts(after, survey, requestId),
      ...repository.lists(after, 'closed'),
      ...(isDone(after) ? [repository.removesTally(after)] : []),
    ]);
    if (!written.ok) return 'later';
    if (isDone(after)) return 'done';
    survey = after;
  }
  // Now that nothing needs it any more; whoever comes to it again finds it gone, which is right.
  if (survey.keyName !== undefined) await (await runtime.vault()).destroy(survey.keyName);
  const ended = await repository.write([repository.puts(withoutKey(survey, now), survey, requestId), repository.removesTally(survey)]);
  return ended.ok ? 'done' : 'later';
};
