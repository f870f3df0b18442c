import type { Outcome, Repeatable, SignedInCall } from '../http/call.ts';
import type { Failure } from '../http/problem.ts';
import { untilWritten } from '../http/until-written.ts';
import type { Database } from '../data/database.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import { fromInstant, type EpochMs } from '../kernel/time.ts';
import { inLanguage, type Texts } from '../kernel/texts.ts';
import { covers } from '../kernel/division.ts';
import { targetedBy } from '../notifications/reader.ts';
import { isStanding, MOST_SUPERSEDED, type Alert } from './alert.ts';
import type { CapAlert } from './cap/cap.ts';
import { readCap } from './cap/read-cap.ts';
import { warningsOf } from './cap/warnings.ts';
import { composeCap } from './compose-cap.ts';
import type { issueAlert } from './contract.ts';
import { draftFromCap, draftFromInput, draftOfEnd, type Draft } from './draft.ts';
import { prepare, xmlOf, type Concerned, type Prepared } from './prepare.ts';
import { issue } from './publish.ts';
import { replayAlert } from './read.ts';
import { alertRepository } from './repository.ts';
import { alertView } from './view.ts';

interface Asked {
  readonly draft: Draft;
  readonly concerned: Concerned;
}

/** Alerts that are looked at together, as long as they are not too many. */
const AT_ONCE = 50;
const NOTHING: Concerned = { earlier: [], waiting: [] };

const REPLACED: Texts = {
  'zh-CN': '所更新或解除的预警均已被更新或解除。',
  en: 'All that it refers to has been replaced or ended already.',
};

/** Those of ours that somebody else's message refers to: whether any is known, which still stand, and which wait. */
interface Found {
  readonly isKnown: boolean;
  readonly standing: readonly Alert[];
  readonly waiting: readonly Alert[];
}

/** A few at a time, no further than to see that they are too many: each may be large, and a chain has hundreds. */
const findAmong = async (database: Database, ids: readonly string[], now: EpochMs): Promise<Found> => {
  let found: Found = { isKnown: false, standing: [], waiting: [] };
  for (let from = 0; from < ids.length && found.standing.length + found.waiting.length <= MOST_SUPERSEDED; from += AT_ONCE) {
    const alerts = [...(await alertRepository(database).readMany(ids.slice(from, from + AT_ONCE), true)).values()];
    found = {
      isKnown: found.isKnown || alerts.some(({ state }) => state === 'issued'),
      standing: [...found.standing, ...alerts.filter(isStanding)],
      waiting: [...found.waiting, ...alerts.filter(({ state, expires }) => state === 'pending' && fromInstant(expires) > now)],
    };
  }
  return found;
};

/** Those of ours that a message of another system is about: nothing where none that it refers to is here. */
const referredTo = async (call: SignedInCall, cap: CapAlert): Promise<Result<Concerned, Failure>> => {
  const { caller, now } = call;
  const { database } = call.runtime;
  if (cap.msgType === 'Alert') return ok(NOTHING);
  const repository = alertRepository(database);
  const ids = [...new Set(await repository.idsOf(cap.references))];
  const named = await findAmong(database, ids, now);
  // Whoever corrects what waits corrects what that was to take the place of.
  const behind = named.waiting.flatMap(({ supersedes }) => supersedes).filter((id) => !ids.includes(id));
  const standing = [...named.standing, ...(await findAmong(database, [...new Set(behind)], now)).standing];
  if ([...standing, ...named.waiting].some(({ division }) => !covers(caller.division, division))) return err({ code: 'forbidden' });
  if (named.isKnown && standing.length + named.waiting.length === 0) return err({ code: 'conflict', detail: REPLACED });
  const most = [...standing, ...named.waiting].slice(0, MOST_SUPERSEDED + 1);
  const whole = (await Promise.all(most.map(({ id }) => repository.readWhole(id)))).filter((each) => each !== undefined);
  const concerned: Concerned = {
    earlier: whole.filter(({ alert }) => isStanding(alert)),
    waiting: whole.filter(({ alert }) => alert.state === 'pending'),
  };
  // Somebody has been quicker: what they made of it is looked at.
  return concerned.earlier.length + concerned.waiting.length < most.length ? referredTo(call, cap) : ok(concerned);
};

const askedInCap = async (call: SignedInCall, document: Uint8Array): Promise<Result<Asked, Failure>> => {
  const read = readCap(document);
  if (!read.ok)
    return err(
      read.error.code === 'malformed' ? { code: 'malformed', detail: read.error.detail } : { code: 'invalid', errors: read.error.errors },
    );
  const cap = read.value;
  const referred = await referredTo(call, cap);
  if (!referred.ok) return referred;
  const concerned = referred.value;
  const draft = draftFromCap(cap);
  const [ended] = [...concerned.earlier, ...concerned.waiting];
  if (cap.msgType !== 'Cancel' || draft.isBare !== true || ended === undefined) return ok({ draft, concerned });
  const { isBare: _, ...end } = { ...draft, ...draftOfEnd(ended.alert, cap.note, call.now), status: draft.status };
  return ok({ draft: end, concerned });
};

const asked = (call: SignedInCall<typeof issueAlert>): Promise<Result<Asked, Failure>> => {
  const { body, document, now } = call;
  if (document !== undefined) return askedInCap(call, document);
  if (body === undefined) throw new Error('what is no document has a body');
  return Promise.resolve(ok({ draft: draftFromInput(body, 'alert', now), concerned: NOTHING }));
};

const IN_INFO = /^info\.\d+\./;

/** What would be wrong, and what could be better; of JSON, by its own fields, once for both languages. */
const warningsIn = (
  { now, language }: SignedInCall,
  { alert, where, faults }: Prepared,
  { cap }: Draft,
): { readonly path: string; readonly code: string; readonly message: string }[] => {
  const better = warningsOf(cap ?? composeCap(alert, where.areas, 'draft'), now);
  const found = [...faults, ...better].map(({ path, code, message }) => ({
    path: cap === undefined ? path.replace(IN_INFO, '') : path,
    code,
    message: inLanguage(message, language),
  }));
  return [...new Map(found.map((each) => [`${each.path} ${each.code}`, each])).values()];
};

const dryRun = async (call: SignedInCall, prepared: Prepared, draft: Draft): Promise<Outcome<typeof issueAlert>> => {
  const { alert, where } = prepared;
  return ok({
    status: 200,
    body: {
      alert: alertView(alert, where, call.caller, call.now),
      cap: xmlOf(alert, where, draft),
      targeted: await targetedBy(call.runtime.database, alert),
      warnings: warningsIn(call, prepared, draft),
    },
  });
};

/** Issues an alert, in JSON or as CAP; a dry run says what would be issued and what would be wrong with it. */
export const issueOne: Repeatable<typeof issueAlert> = {
  run: async (call) => {
    const { division } = call.caller;
    if (division === undefined) return err({ code: 'forbidden' });
    return untilWritten<typeof issueAlert>(async () => {
      const given = await asked(call);
      if (!given.ok) return given;
      const { draft, concerned } = given.value;
      const prepared = await prepare(call, division, draft, concerned);
      if (call.query.dryRun === 'true') return dryRun(call, prepared, draft);
      if (prepared.faults.length > 0)
        return err({ code: 'invalid', errors: prepared.faults.map(({ path, message }) => ({ path, message })) });
      return issue(call, prepared, draft, concerned);
    });
  },
  replay: replayAlert(201),
};
