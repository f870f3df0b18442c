/** A survey (满意度调查): drafted, published, open by the clock, closed, counted. Pure. */
import { administers, hasRoleFor, isStaffOf, type Principal } from '../http/principal.ts';
import { CODE_LENGTHS, covers, levelOf, type DivisionCode, type Level } from '../kernel/division.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import type { Texts } from '../kernel/texts.ts';
import { fromInstant, toInstant, type EpochMs, type Instant } from '../kernel/time.ts';
import type { Question } from './question.ts';

export const SURVEY_MODES = ['anonymous', 'confidential'] as const;
export type SurveyMode = (typeof SURVEY_MODES)[number];

/** `scheduled` is published and not open yet. */
export const SURVEY_STATES = ['draft', 'scheduled', 'open', 'closed'] as const;
export type SurveyState = (typeof SURVEY_STATES)[number];

/** What its makers say of it. */
export interface SurveyFacts {
  readonly title: Texts;
  readonly questions: readonly Question[];
  readonly audience: { readonly divisions: readonly DivisionCode[] };
  readonly opensAt: Instant;
  readonly closesAt: Instant;
  readonly mode: SurveyMode;
}

export interface Survey extends SurveyFacts {
  readonly id: string;
  readonly version: number;
  readonly change: 'drafted' | 'changed' | 'published' | 'extended' | 'closed' | 'counted' | 'keyDestroyed';
  readonly changedAt: Instant;
  readonly createdAt: Instant;
  readonly createdBy: string;
  readonly publishedAt?: Instant | undefined;
  /** HPKE's, to which answers are sealed, in base64url; its other half lies in the vault under this name. */
  readonly publicKey?: string | undefined;
  readonly keyName?: string | undefined;
  /** From when on nobody answers: said by its makers, or because the time was over. */
  readonly closedAt?: Instant | undefined;
  /** Results are there. */
  readonly countedAt?: Instant | undefined;
  /** From when on nobody can open what was sealed; of a confidential one nothing was. */
  readonly keyDestroyedAt?: Instant | undefined;
}

const changed = (survey: Survey, change: Survey['change'], now: EpochMs): Survey => ({
  ...survey,
  version: survey.version + 1,
  change,
  changedAt: toInstant(now),
});

export const draftFrom = (id: string, facts: SurveyFacts, by: string, now: EpochMs): Survey => ({
  ...facts,
  id,
  version: 1,
  change: 'drafted',
  changedAt: toInstant(now),
  createdAt: toInstant(now),
  createdBy: by,
});

/** Where it stands at a moment: open from `opensAt` on until, and not including, `closesAt`. */
export const stateAt = (
  { publishedAt, closedAt, opensAt, closesAt }: Pick<Survey, 'publishedAt' | 'closedAt' | 'opensAt' | 'closesAt'>,
  now: EpochMs,
): SurveyState => {
  if (publishedAt === undefined) return 'draft';
  if (closedAt !== undefined || fromInstant(closesAt) <= now) return 'closed';
  return fromInstant(opensAt) <= now ? 'open' : 'scheduled';
};

/** `over`: it would be closed at once. */
export type SurveyFault = 'wrongState' | 'over';

const isUnderWay = (survey: Survey, now: EpochMs): boolean => ['scheduled', 'open'].includes(stateAt(survey, now));

export const revised = (survey: Survey, facts: SurveyFacts, now: EpochMs): Result<Survey, SurveyFault> =>
  survey.publishedAt === undefined ? ok({ ...changed(survey, 'changed', now), ...facts }) : err('wrongState');

export const published = (survey: Survey, key: Pick<Survey, 'publicKey' | 'keyName'>, now: EpochMs): Result<Survey, SurveyFault> => {
  if (survey.publishedAt !== undefined) return err('wrongState');
  if (fromInstant(survey.closesAt) <= now) return err('over');
  return ok({ ...changed(survey, 'published', now), ...key, publishedAt: toInstant(now) });
};

/** It ends later than was said. What is over stays over: its answers may have been counted. */
export const extended = (survey: Survey, closesAt: EpochMs, now: EpochMs): Result<Survey, SurveyFault> => {
  if (!isUnderWay(survey, now)) return err('wrongState');
  if (closesAt <= now || closesAt <= fromInstant(survey.closesAt)) return err('over');
  return ok({ ...changed(survey, 'extended', now), closesAt: toInstant(closesAt) });
};

export const closed = (survey: Survey, now: EpochMs): Result<Survey, SurveyFault> =>
  isUnderWay(survey, now) ? ok({ ...changed(survey, 'closed', now), closedAt: toInstant(now) }) : err('wrongState');

/** Closed because its time was over by `at`; itself where it is closed already, or goes on. */
export const closedByClock = (survey: Survey, at: EpochMs): Survey =>
  survey.closedAt === undefined && stateAt(survey, at) === 'closed'
    ? { ...changed(survey, 'closed', at), closedAt: survey.closesAt }
    : survey;

export const counted = (survey: Survey, at: EpochMs): Survey => ({ ...changed(survey, 'counted', at), countedAt: toInstant(at) });
export const withoutKey = (survey: Survey, at: EpochMs): Survey => ({
  ...changed(survey, 'keyDestroyed', at),
  keyDestroyedAt: toInstant(at),
});

/** Nothing of it is left to do: it is counted, and has no key, or none any more. */
export const isDone = ({ countedAt, keyName, keyDestroyedAt }: Survey): boolean =>
  countedAt !== undefined && (keyName === undefined || keyDestroyedAt !== undefined);

/** Whether a right of that kind reaches all of the audience. */
export const reaches = ({ audience }: Pick<SurveyFacts, 'audience'>, holds: (division: DivisionCode) => boolean): boolean =>
  audience.divisions.every(holds);

/** Dispatchers and administrators of every division that is asked. */
export const makes = (caller: Principal | undefined, survey: Pick<SurveyFacts, 'audience'>): boolean =>
  reaches(survey, (division) => hasRoleFor(caller, 'dispatcher', division) || administers(caller, division));

/** Staff of all that is asked: they see drafts, and what is counted while it is open. */
export const oversees = (caller: Principal | undefined, survey: Pick<SurveyFacts, 'audience'>): boolean =>
  reaches(survey, (division) => isStaffOf(caller, division) || administers(caller, division));

export const audits = (caller: Principal | undefined, survey: Pick<SurveyFacts, 'audience'>): boolean =>
  reaches(survey, (division) => hasRoleFor(caller, 'auditor', division));

export const maySee = (caller: Principal | undefined, survey: Survey): boolean =>
  survey.publishedAt !== undefined || oversees(caller, survey);

export const isAsked = ({ audience }: Pick<SurveyFacts, 'audience'>, community: DivisionCode): boolean =>
  audience.divisions.some((division) => covers(division, community));

/** The community of a resident, where it is one. */
export const homeOf = (caller: Principal | undefined): DivisionCode | undefined =>
  caller?.roles.has('resident') === true && caller.division !== undefined && levelOf(caller.division) === 'community'
    ? caller.division
    : undefined;

/** Whether the caller is staff of some of the communities that are asked. */
const handsOut = (caller: Principal | undefined, { audience }: SurveyFacts): boolean =>
  caller?.division !== undefined &&
  isStaffOf(caller, caller.division) &&
  audience.divisions.some((division) => covers(division, caller.division ?? '') || covers(caller.division, division));

/** What this caller may do with it now; each is the last part of a path. */
export const actionsOf = (survey: Survey, caller: Principal | undefined, now: EpochMs): readonly string[] => {
  const [state, home] = [stateAt(survey, now), homeOf(caller)];
  const isMaker = makes(caller, survey);
  const isEnterer = caller?.roles.has('worker') === true && handsOut(caller, survey);
  return [
    ...(isMaker && state === 'draft' ? ['publish'] : []),
    ...(isMaker && isUnderWay(survey, now) ? ['extend', 'close'] : []),
    ...(handsOut(caller, survey) && isUnderWay(survey, now) ? ['codes'] : []),
    ...(state === 'open' && (isEnterer || (home !== undefined && isAsked(survey, home))) ? ['responses'] : []),
  ];
};

/** Partitions that answers are spread over, so that all who are asked may answer at once: some thousand a second and more of a province. */
const SHARDS: Readonly<Record<Level, number>> = { community: 4, street: 8, county: 16, city: 64, province: 256 };
export const shardsOf = ({ audience }: Pick<SurveyFacts, 'audience'>): number =>
  Math.min(
    SHARDS.province,
    audience.divisions.reduce((sum, division) => sum + SHARDS[levelOf(division)], 0),
  );

/** The smallest division that has all of the audience; nothing where that is more than a province. */
export const commonDivision = ({ audience }: Pick<SurveyFacts, 'audience'>): DivisionCode | undefined => {
  const [first, ...others] = audience.divisions;
  return Object.values(CODE_LENGTHS)
    .toReversed()
    .map((length) => first?.slice(0, length) as DivisionCode | undefined)
    .find((code) => code !== undefined && others.every((other) => covers(code, other)));
};
