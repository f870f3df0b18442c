/** Answering a survey: once each, and of an anonymous one nothing is kept but that somebody has, and what only the tally opens. */
import type { Outcome, Repeatable, SignedInCall } from '../http/call.ts';
import { hasRoleFor } from '../http/principal.ts';
import { wrongField, type Failure } from '../http/problem.ts';
import { isKeyedHash, keyedHash } from '../http/secret.ts';
import type { DivisionCode } from '../kernel/division.ts';
import { newId, parseNumber } from '../kernel/id.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import { toInstant } from '../kernel/time.ts';
import { faultsOfAnswers, given, mostSealed, packed, type Response } from './answers.ts';
import { closeByClock } from './close-by-clock.ts';
import { codeHashes } from './codes.ts';
import type { respondToSurvey } from './contract.ts';
import { wrongStateOf } from './replies.ts';
import { surveyRepository, type Marker, type Waiting } from './repository.ts';
import { seen } from './seen.ts';
import { homeOf, isAsked, stateAt, type Survey } from './survey.ts';

type Responding = SignedInCall<typeof respondToSurvey>;

const MARKER = 'surveyMarker';
const REPEAT = 'surveyRepeat';
const USED_KEY = 'surveyUsedKey';
const NO_CODE = { 'zh-CN': '没有这个一次性编码，请核对', en: 'is no code of this survey: check it' };
const CODE_NEEDED = { 'zh-CN': '电话和纸质答卷需要一次性编码', en: 'is required for answers by telephone and on paper' };
const CODE_UNUSED = { 'zh-CN': '只用于电话和纸质答卷', en: 'goes with answers by telephone and on paper only' };
const ANSWERED = { 'zh-CN': '已经答过此调查，每人只能答一次。', en: 'This survey has been answered already: once each.' };

/** Who answers, in a text that is the same each time; where they live; and how it came in. */
interface Respondent extends Omit<Response, 'answers'> {
  readonly who: string;
  /** Whether the caller enters it for somebody else, as they may for many. */
  readonly isEntered: boolean;
}

const byCode = async (call: Responding, survey: Survey, channel: Response['channel']): Promise<Result<Respondent, Failure>> => {
  const { runtime, caller, body } = call;
  if (!caller.roles.has('worker')) return err({ code: 'forbidden' });
  if (body.code === undefined) return err(wrongField('code', CODE_NEEDED));
  const typed = parseNumber(body.code);
  const code =
    typed === undefined ? undefined : await surveyRepository(runtime.database).findCode(codeHashes(runtime.secrets, survey.id, typed));
  if (code === undefined) return err(wrongField('code', NO_CODE));
  if (!hasRoleFor(caller, 'worker', code.community)) return err({ code: 'forbidden' });
  return ok({ who: `code#${typed}`, isEntered: true, community: code.community, channel });
};

const respondentOf = async (call: Responding, survey: Survey): Promise<Result<Respondent, Failure>> => {
  const { caller, body } = call;
  const channel = body.channel ?? 'app';
  if (channel === 'phone' || channel === 'paper') return byCode(call, survey, channel);
  const home: DivisionCode | undefined = homeOf(caller);
  if (home === undefined || !isAsked(survey, home)) return err({ code: 'forbidden' });
  return body.code === undefined
    ? ok({ who: `sub#${caller.sub}`, isEntered: false, community: home, channel })
    : err(wrongField('code', CODE_UNUSED));
};

const waitingFrom = async ({ runtime, caller, now }: Responding, survey: Survey, response: Response): Promise<Waiting> => {
  const sk = newId(runtime.random);
  if (survey.mode === 'confidential') {
    const isOwn = response.channel === 'app' || response.channel === 'web';
    return { sk, ...response, ...(isOwn ? { sub: caller.sub } : { enteredBy: caller.sub }), at: toInstant(now) };
  }
  if (survey.publicKey === undefined) throw new Error('an anonymous survey has a key from when it was published');
  const { sealText } = await import('./sealing.ts');
  return { sk, sealed: await sealText(survey.publicKey, survey.id, packed(response), mostSealed(survey.questions)) };
};

const received = (survey: Survey, response: string | undefined, isRepeated: boolean): Outcome<typeof respondToSurvey> =>
  ok({
    status: 201,
    version: survey.version,
    body: { survey: survey.id, received: true, ...(response === undefined ? {} : { response }) },
    location: `/v1/surveys/${survey.id}`,
    ...(isRepeated ? { repeated: true } : {}),
  });

export const respond: Repeatable<typeof respondToSurvey> = {
  async run(call) {
    const { runtime, caller, body, params, headers, now, requestId } = call;
    const found = await seen(call, params.id);
    if (!found.ok) return found;
    const survey = found.value;
    const respondent = await respondentOf(call, survey);
    if (!respondent.ok) return respondent;

    const { who, isEntered, ...place } = respondent.value;
    const repository = surveyRepository(runtime.database);
    const [hash = '', ...olderHashes] = runtime.secrets.map((secret) => keyedHash(secret, MARKER, JSON.stringify([survey.id, who])));
    const repeatKey = headers['idempotency-key'];
    const repeat = JSON.stringify([survey.id, caller.sub, who, repeatKey]);
    const isRepeat = ({ repeatHash }: Marker): boolean =>
      repeatHash !== undefined && repeatKey !== undefined && isKeyedHash(runtime.secrets, REPEAT, repeat, repeatHash);
    /** What becomes of a call that cannot be taken: it may have been, and its answer was lost. */
    const unless = async (failure: Failure): Promise<Outcome<typeof respondToSurvey>> => {
      const marker = await repository.findMarker([hash, ...olderHashes]);
      if (marker === undefined) return err(failure);
      return isRepeat(marker) ? received(survey, undefined, true) : err({ code: 'conflict', detail: ANSWERED });
    };

    if (stateAt(survey, now) !== 'open') {
      await closeByClock(repository, survey, now, requestId);
      return unless(wrongStateOf(call, survey));
    }
    const answers = given(survey.questions, body.answers);
    const errors = faultsOfAnswers(survey.questions, answers).map(({ question, row, message }) => ({
      path: `answers.${question}${row === undefined ? '' : `.${row}`}`,
      message,
    }));
    if (errors.length > 0) return err({ code: 'invalid', errors });

    const waiting = await waitingFrom(call, survey, { answers, ...place });
    const isConfidential = survey.mode === 'confidential';
    const marker: Marker = repeatKey === undefined || isConfidential ? {} : { repeatHash: keyedHash(runtime.secrets[0], REPEAT, repeat) };
    const markers = [repository.putsMarker(hash, marker), ...olderHashes.map(repository.checksMarker)];
    // Who enters answers of many must not send two under one key; that they sent the key is kept, and nothing of the answer.
    const [usedKey, ...olderKeys] =
      repeatKey === undefined || isConfidential || !isEntered
        ? []
        : runtime.secrets.map((secret) => keyedHash(secret, USED_KEY, JSON.stringify([caller.sub, repeatKey])));
    const usedKeys = usedKey === undefined ? [] : [repository.putsMarker(usedKey, {}), ...olderKeys.map(repository.checksMarker)];
    const written = await repository.write([
      ...markers,
      ...usedKeys,
      repository.checksGate(survey, waiting.sk),
      repository.putsWaiting(survey, waiting),
      // Of an anonymous one no record says when it came, nor holds a hash of what was sent.
      ...(isConfidential ? call.once(201, survey.id, waiting.sk) : []),
    ]);
    if (written.ok) return received(survey, isConfidential ? waiting.sk : undefined, false);
    const { index } = written.error;
    if (index >= markers.length && index < markers.length + usedKeys.length) return err({ code: 'idempotencyKeyReused' });
    return unless(index < markers.length ? { code: 'conflict', detail: ANSWERED } : wrongStateOf(call, survey));
  },
  async replay(call, resource, answer) {
    const survey = await surveyRepository(call.runtime.database).read(resource);
    return survey === undefined ? err({ code: 'notFound' }) : received(survey, String(answer), false);
  },
};
