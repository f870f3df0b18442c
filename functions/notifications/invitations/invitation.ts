/** When those who allow it are invited to a survey, and reminded of it. Pure. */
import type { DivisionCode } from '../../kernel/division.ts';
import type { Texts } from '../../kernel/texts.ts';
import { DAY, dayOf, fromInstant, plus, toEpochSeconds, toInstant, type EpochMs, type Instant } from '../../kernel/time.ts';
import type { Notice } from '../notices/notice.ts';

/** What the event of a survey carries. */
export interface AskedSurvey {
  readonly id: string;
  readonly version: number;
  readonly title: Texts;
  readonly audience: { readonly divisions: readonly DivisionCode[] };
  readonly opensAt: Instant;
  readonly closesAt: Instant;
  readonly closedAt?: Instant | undefined;
}

export type Round = 'invitation' | 'reminder';

export interface Invitation {
  readonly survey: string;
  /** Of the survey, as it was told of last. */
  readonly told: number;
  readonly title: Texts;
  readonly divisions: readonly DivisionCode[];
  readonly opensAt: Instant;
  /** When it ends, or ended before it was to. */
  readonly closesAt: Instant;
  /** What comes next; undefined when nothing does. */
  readonly round?: Round | undefined;
  readonly dueAt?: Instant | undefined;
  readonly version: number;
  readonly expiresAt: number;
}

/** Who has not answered by then may still find the time. */
const REMIND_BEFORE = 2 * DAY;
/** What is open for less is not spoken of twice. */
const REMINDED_FROM = 5 * DAY;
/** After its end. */
const KEPT = 30 * DAY;

const isReminded = ({ opensAt, closesAt }: AskedSurvey | Invitation): boolean =>
  fromInstant(closesAt) - fromInstant(opensAt) >= REMINDED_FROM;

/** The same with its next round, and when that is. */
const next = (invitation: Invitation, round: Round | undefined): Invitation => {
  const { round: _round, dueAt: _dueAt, ...rest } = invitation;
  const reminds = round === 'reminder' && isReminded(invitation);
  const expiresAt = toEpochSeconds(plus(fromInstant(invitation.closesAt), KEPT));
  if (round === 'invitation') return { ...rest, round, dueAt: invitation.opensAt, expiresAt };
  return reminds
    ? { ...rest, round, dueAt: toInstant(plus(fromInstant(invitation.closesAt), -REMIND_BEFORE)), expiresAt }
    : { ...rest, expiresAt };
};

/**
 * After an event of its survey: published, extended, closed, in whatever order they come. Undefined where it tells nothing new. What is over is not
 * spoken of any more.
 */
export const heard = (before: Invitation | undefined, survey: AskedSurvey): Invitation | undefined => {
  if (before !== undefined && before.told >= survey.version) return undefined;
  const { id, version: told, title, audience, opensAt, closesAt, closedAt } = survey;
  const invitation: Invitation = {
    survey: id,
    told,
    title,
    divisions: audience.divisions,
    opensAt,
    closesAt: closedAt ?? closesAt,
    version: (before?.version ?? 0) + 1,
    expiresAt: 0,
  };
  if (closedAt !== undefined) return next(invitation, undefined);
  if (before === undefined || before.round === 'invitation') return next(invitation, 'invitation');
  // Who has been reminded already is not reminded again.
  return next(invitation, before.round);
};

/** A round has begun: what comes after it. */
export const begun = (invitation: Invitation): Invitation =>
  next({ ...invitation, version: invitation.version + 1 }, invitation.round === 'invitation' ? 'reminder' : undefined);

/** Whether its round is to begin at that moment: not when its survey has ended by then. */
export const isDue = ({ dueAt, closesAt }: Invitation, at: EpochMs): boolean =>
  dueAt !== undefined && fromInstant(dueAt) <= at && at < fromInstant(closesAt);

/** What one person is told. Whether they have answered nobody looks up: so nobody can. */
export const invitationNotice = (
  { survey, title, closesAt }: Pick<Invitation, 'survey' | 'title' | 'closesAt'>,
  round: Round,
  reader: { readonly sub: string; readonly person: string },
): Notice => {
  const until = dayOf(plus(fromInstant(closesAt), -1));
  const [zh, en] = [title['zh-CN'], title.en ?? title['zh-CN']];
  const text: Readonly<Record<Round, Texts>> = {
    invitation: {
      'zh-CN': `邀请您参与调查《${zh}》，${until} 截止。`,
      en: `You are invited to the survey “${en}”, open until ${until}.`,
    },
    reminder: {
      'zh-CN': `调查《${zh}》将于 ${until} 截止。如已作答，请忽略。`,
      en: `The survey “${en}” closes on ${until}. If you have answered, there is nothing to do.`,
    },
  };
  return {
    id: `${survey}:${round}:${reader.person}`,
    topic: 'surveys',
    sub: reader.sub,
    subject: { 'zh-CN': '社区满意度调查', en: 'A survey of your community' },
    text: text[round],
    about: `surveys/${survey}`,
  };
};
