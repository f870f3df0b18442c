/** Publishing, extending and closing a survey. */
import { isMatch, type Repeatable, type SignedInCall } from '../http/call.ts';
import { wrongField, type Failure } from '../http/problem.ts';
import type { Write } from '../data/database.ts';
import { randomCharacters } from '../kernel/id.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import { parseInstant, toInstant } from '../kernel/time.ts';
import type { closeSurvey, extendSurvey, publishSurvey } from './contract.ts';
import { replayed, shownAs, wrongStateOf } from './replies.ts';
import { surveyRepository, type KeyName, type SurveyRepository } from './repository.ts';
import { seen } from './seen.ts';
import { closed, extended, makes, published, type Survey, type SurveyFault } from './survey.ts';

type Changing = Pick<SignedInCall<typeof publishSurvey>, 'runtime' | 'caller' | 'params' | 'ifMatch' | 'now' | 'requestId' | 'once'>;

const LATER = { 'zh-CN': '应晚于现在，且晚于原定时间', en: 'must be later than now, and than it was' };
const KEY_NAME = 8;

/** The survey, if this caller may change it. */
const found = async (call: Changing): Promise<Result<Survey, Failure>> => {
  const survey = await seen(call, call.params.id);
  if (!survey.ok) return survey;
  if (!makes(call.caller, survey.value)) return err({ code: 'forbidden' });
  return isMatch(call.ifMatch, survey.value.version) ? survey : err({ code: 'preconditionFailed' });
};

const failureOf = (call: Changing, survey: Survey, fault: SurveyFault): Failure =>
  fault === 'wrongState' ? wrongStateOf(call, survey) : wrongField('closesAt', LATER);

const write = async (
  call: Changing,
  before: Survey,
  after: Survey,
  others: (repository: SurveyRepository) => readonly Write[] = () => [],
) => {
  const repository = surveyRepository(call.runtime.database);
  const written = await repository.write([
    repository.puts(after, before, call.requestId),
    ...others(repository),
    ...call.once(200, after.id),
  ]);
  if (!written.ok) return err({ code: call.ifMatch === undefined ? ('conflict' as const) : ('preconditionFailed' as const) });
  return ok(shownAs(call, after));
};

export const publish: Repeatable<typeof publishSurvey> = {
  async run(call) {
    const before = await found(call);
    if (!before.ok) return before;
    const survey = before.value;
    const { now } = call;
    // Judged before a key is made, of which there should be none that nobody needs.
    const check = published(survey, {}, now);
    if (!check.ok) return err(failureOf(call, survey, check.error));
    const key = survey.mode === 'anonymous' ? await newKey(call, survey.id) : undefined;
    const after = published(survey, key === undefined ? {} : { publicKey: key.publicKey, keyName: key.name.keyName }, now);
    if (!after.ok) return err(failureOf(call, survey, after.error));
    return write(call, survey, after.value, (repository) => [
      ...repository.lists(after.value, 'open', { survey, kind: 'draft' }),
      repository.putsTally(after.value),
      ...(key === undefined ? [] : [repository.removesKeyName(key.name)]),
    ]);
  },
  replay: (call, resource) => replayed(call, resource),
};

/**
 * A pair whose private half lies in the vault and nowhere else. Another name each time: who tries again cannot see what was kept before. The name is
 * written down first, so that the key of who dies before their survey names it, or comes too late, is found and destroyed.
 */
const newKey = async ({ runtime, now }: Changing, survey: string): Promise<{ readonly publicKey: string; readonly name: KeyName }> => {
  const { newKeyPair } = await import('./sealing.ts');
  const { publicKey, privateKey } = await newKeyPair();
  const keyName = `survey-${survey}-${randomCharacters(runtime.random, KEY_NAME)}`;
  const name = { survey, keyName, createdAt: toInstant(now) };
  const repository = surveyRepository(runtime.database);
  const written = await repository.write([repository.putsKeyName(name)]);
  if (!written.ok) throw new Error('a name is put without a condition');
  await (await runtime.vault()).create(keyName, privateKey);
  return { publicKey, name };
};

export const extend: Repeatable<typeof extendSurvey> = {
  async run(call) {
    const before = await found(call);
    if (!before.ok) return before;
    const closesAt = parseInstant(call.body.closesAt);
    if (closesAt === undefined) throw new Error('the schema lets moments through only');
    const after = extended(before.value, closesAt, call.now);
    if (!after.ok) return err(failureOf(call, before.value, after.error));
    return write(call, before.value, after.value, (repository) => [
      ...repository.movesTally(after.value, before.value),
      ...repository.lists(after.value, 'open'),
    ]);
  },
  replay: (call, resource) => replayed(call, resource),
};

export const close: Repeatable<typeof closeSurvey> = {
  async run(call) {
    const before = await found(call);
    if (!before.ok) return before;
    const survey = before.value;
    const after = closed(survey, call.now);
    if (!after.ok) return err(failureOf(call, survey, after.error));
    return write(call, survey, after.value, (repository) => [
      ...repository.lists(undefined, 'open', { survey, kind: 'open' }),
      ...repository.movesTally(after.value, survey),
    ]);
  },
  replay: (call, resource) => replayed(call, resource),
};
