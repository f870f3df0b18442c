import type { Outcome, Repeatable, SignedInCall } from '../http/call.ts';
import type { Failure } from '../http/problem.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import { inLanguage, type Texts } from '../kernel/texts.ts';
import { covers } from '../kernel/division.ts';
import { targetedBy } from '../notifications/reader.ts';
import type { CapAlert } from './cap/cap.ts';
import { readCap } from './cap/read-cap.ts';
import { warningsOf } from './cap/warnings.ts';
import { composeCap } from './compose-cap.ts';
import type { issueAlert } from './contract.ts';
import { draftFromCap, draftFromInput, draftOfEnd, type Draft } from './draft.ts';
import { prepare, xmlOf, type Earlier, type Prepared } from './prepare.ts';
import { issue } from './publish.ts';
import { replayAlert } from './read.ts';
import { alertRepository } from './repository.ts';
import { alertView } from './view.ts';

/** Whoever loses a race looks again and decides on what is there now. */
const ATTEMPTS = 8;

interface Asked {
  readonly draft: Draft;
  readonly earlier: readonly Earlier[];
}

const REPLACED: Texts = {
  'zh-CN': '所更新或解除的预警均已被更新或解除。',
  en: 'All that it refers to has been replaced or ended already.',
};

/** Those of ours that a message of another system stands in the place of: nothing where none that it refers to is here. */
const referredTo = async ({ runtime, caller }: SignedInCall, cap: CapAlert): Promise<Result<readonly Earlier[], Failure>> => {
  if (cap.msgType === 'Alert') return ok([]);
  const repository = alertRepository(runtime.database);
  const ids = await repository.idsOf(cap.references);
  const found = (await Promise.all([...new Set(ids)].map(repository.readWhole))).filter((each) => each !== undefined);
  const known = found.filter(({ alert }) => alert.state === 'issued');
  // What has expired may be prolonged by whoever warned of it.
  const standing = known.filter(({ alert }) => alert.supersededBy === undefined && alert.messageType !== 'cancel');
  if (standing.some(({ alert }) => !covers(caller.division, alert.division))) return err({ code: 'forbidden' });
  return known.length > 0 && standing.length === 0 ? err({ code: 'conflict', detail: REPLACED }) : ok(standing);
};

const askedInCap = async (call: SignedInCall, document: Uint8Array): Promise<Result<Asked, Failure>> => {
  const read = readCap(document);
  if (!read.ok)
    return err(
      read.error.code === 'malformed' ? { code: 'malformed', detail: read.error.detail } : { code: 'invalid', errors: read.error.errors },
    );
  const cap = read.value;
  const earlier = await referredTo(call, cap);
  if (!earlier.ok) return earlier;
  const draft = draftFromCap(cap);
  const [ended] = earlier.value;
  if (cap.msgType !== 'Cancel' || draft.isBare !== true || ended === undefined) return ok({ draft, earlier: earlier.value });
  const { isBare: _, ...end } = { ...draft, ...draftOfEnd(ended.alert, cap.note, call.now), status: draft.status };
  return ok({ draft: end, earlier: earlier.value });
};

const asked = (call: SignedInCall<typeof issueAlert>): Promise<Result<Asked, Failure>> => {
  const { body, document, now } = call;
  if (document !== undefined) return askedInCap(call, document);
  if (body === undefined) throw new Error('what is no document has a body');
  return Promise.resolve(ok({ draft: draftFromInput(body, 'alert', now), earlier: [] }));
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
    for (let attempt = 1; ; attempt++) {
      const given = await asked(call);
      if (!given.ok) return given;
      const { draft, earlier } = given.value;
      const prepared = await prepare(call, division, draft, earlier);
      if (call.query.dryRun === 'true') return dryRun(call, prepared, draft);
      if (prepared.faults.length > 0)
        return err({ code: 'invalid', errors: prepared.faults.map(({ path, message }) => ({ path, message })) });
      const done = await issue(
        call,
        prepared,
        draft,
        earlier.map(({ alert }) => alert),
      );
      if (done !== 'lost') return done;
      if (attempt === ATTEMPTS) return err({ code: 'conflict' });
    }
  },
  replay: replayAlert(201),
};
