import type { Outcome, Repeatable, SignedInCall } from '../../http/call.ts';
import { isStaffOf } from '../../http/principal.ts';
import { wrongField } from '../../http/problem.ts';
import { keyedHash } from '../../http/secret.ts';
import { communityFault, divisionsReader } from '../../divisions/reader.ts';
import { OFFLINE_CHANNELS } from '../../kernel/channel.ts';
import { derivedFrom, newId } from '../../kernel/id.ts';
import { toWgs84 } from '../../kernel/position.ts';
import { err, ok } from '../../kernel/result.ts';
import { freeRequestId } from '../../service-requests/reader.ts';
import { alertRepository } from '../repository.ts';
import { answered, homeOf, mayReplace, opensRequest, personIn, type Acknowledgement, type Saying } from './acknowledgement.ts';
import type { acknowledgeAlert } from './contract.ts';
import { acknowledgementRepository } from './repository.ts';
import { acknowledgementView } from './view.ts';

type AcknowledgeCall = SignedInCall<typeof acknowledgeAlert>;

/** Whoever loses a race with another answer of the same person looks again: the later one stands. */
const ATTEMPTS = 8;

const NO_COMMUNITY = wrongField('community', {
  'zh-CN': '请填写所在社区：您的账号没有登记居住社区',
  en: 'is needed: your account has no home community',
});
const NOBODY = wrongField('onBehalfOf', {
  'zh-CN': '电话、柜台、上门登记的须填写为谁登记',
  en: 'is needed of what comes by phone, at a counter or at a visit',
});

const made = (acknowledgement: Acknowledgement): Awaited<Outcome<typeof acknowledgeAlert>> =>
  ok({
    status: 201,
    body: acknowledgementView(acknowledgement),
    version: acknowledgement.version,
    location: `/v1/alerts/${acknowledgement.alert}/acknowledgements/${acknowledgement.id}`,
  });

/**
 * The ids that an answer of this person may have, the one that a new one gets first. They follow from who it is, so that nobody has two; under
 * each valid secret, since the answer may be older than the newest.
 */
const idsOf = ({ runtime, params }: AcknowledgeCall, saying: Saying): readonly string[] => {
  const person = personIn(saying);
  if (person === undefined) return [newId(runtime.random)];
  const text = JSON.stringify([params.id, ...person]);
  return runtime.secrets.map((secret) => newId(derivedFrom(keyedHash(secret, 'acknowledgement', text))));
};

export const acknowledge: Repeatable<typeof acknowledgeAlert> = {
  run: async (call) => {
    const { runtime, caller, params, body, now, requestId } = call;
    const community = body.community ?? homeOf(caller);
    const { onBehalfOf, channel = onBehalfOf === undefined ? 'app' : 'proxy' } = body;
    const [alert, division] = await Promise.all([
      alertRepository(runtime.database).read(params.id),
      community === undefined ? undefined : divisionsReader(runtime.database).find(community),
    ]);
    if (alert?.state !== 'issued') return err({ code: 'notFound' });
    if (onBehalfOf === undefined && !caller.roles.has('resident')) return err({ code: 'forbidden' });
    if (community === undefined) return err(NO_COMMUNITY);
    if ((onBehalfOf !== undefined || OFFLINE_CHANNELS.has(channel)) && !isStaffOf(caller, community)) return err({ code: 'forbidden' });
    if (onBehalfOf === undefined && OFFLINE_CHANNELS.has(channel)) return err(NOBODY);
    const fault = communityFault(division);
    if (fault !== undefined) return err(wrongField('community', fault));

    const resident = onBehalfOf === undefined ? caller.sub : onBehalfOf.sub;
    const { state, note, address, contact } = body;
    const location = body.location === undefined ? undefined : toWgs84(body.location);
    const recordedBy = resident === caller.sub ? undefined : caller.sub;
    const saying: Saying = { state, community, channel, told: { note, address, location, contact, onBehalfOf }, resident, recordedBy };
    const ids = idsOf(call, saying);
    const [newest = ''] = ids;
    const repository = acknowledgementRepository(runtime.database);
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const standing = await repository.readMany(ids);
      const before = ids.map((id) => standing.find((each) => each.id === id)).find((each) => each !== undefined);
      if (before !== undefined && !mayReplace(before, caller)) return err({ code: 'forbidden' });
      const id = before?.id ?? newest;
      const isOpened = before?.request === undefined && opensRequest(state, alert.status);
      const request = isOpened ? await freeRequestId(runtime.database, id) : undefined;
      const after = answered(before, saying, { id, alert: alert.id, status: alert.status, request }, now);
      const written = await repository.write([...repository.puts(after, before, requestId), ...call.once(201, id)]);
      if (written.ok) return made(after);
      // The key was used: the kit answers with what that made.
      if (written.error.index > 0) return err({ code: 'conflict' });
    }
    return err({ code: 'conflict' });
  },
  replay: async ({ runtime }, id) => {
    const acknowledgement = await acknowledgementRepository(runtime.database).read(id);
    return acknowledgement === undefined ? err({ code: 'notFound' }) : made(acknowledgement);
  },
};
