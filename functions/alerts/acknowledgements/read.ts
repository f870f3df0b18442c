import { audit } from '../../audit/writer.ts';
import { justBelow, merge } from '../../data/merge.ts';
import { divisionsReader } from '../../divisions/reader.ts';
import type { Run } from '../../http/call.ts';
import { nextOf, positionOf } from '../../http/page.ts';
import { divisionAsked } from '../../http/principal.ts';
import { limitOf } from '../../http/schema.ts';
import { ancestorOf, levelOf } from '../../kernel/division.ts';
import { err, ok } from '../../kernel/result.ts';
import { alertRepository } from '../repository.ts';
import { sees } from './acknowledgement.ts';
import type { listAcknowledgements, readAcknowledgement } from './contract.ts';
import { ANSWERS } from './names.ts';
import { acknowledgementRepository, type AnswerEntry, type AnswerList } from './repository.ts';
import { acknowledgementLine, acknowledgementView } from './view.ts';

const MOST_READ = 200;

/** An answer; that somebody else has read where a person is and what they need is written down. */
export const read: Run<typeof readAcknowledgement> = async ({ runtime, caller, params, now, requestId }) => {
  const found = await acknowledgementRepository(runtime.database).find(params.acknowledgement);
  if (found?.alert !== params.id || !sees(found, caller)) return err({ code: 'notFound' });
  if (found.resident !== caller.sub)
    await audit(runtime.database, {
      resource: `alerts/${found.alert}/acknowledgements/${found.id}`,
      community: found.community,
      action: 'read',
      caller,
      now,
      requestId,
    });
  return ok({ status: 200, body: acknowledgementView(found), version: found.version });
};

/** Who has answered, so that helpers find who needs help: by community, in each the latest first. */
export const list: Run<typeof listAcknowledgements> = async (call) => {
  const { runtime, caller, params, query } = call;
  const division = divisionAsked(caller, query.community);
  if (division === undefined) return err({ code: 'forbidden' });
  const position = positionOf<string>(call, query.cursor);
  if (!position.ok) return position;
  const alert = await alertRepository(runtime.database).read(params.id);
  if (alert?.state !== 'issued') return err({ code: 'notFound' });
  const repository = acknowledgementRepository(runtime.database);
  const counties = ['province', 'city'].includes(levelOf(division))
    ? await divisionsReader(runtime.database).within(division, 'county')
    : [ancestorOf(division, 'county')];
  const states = query.state === undefined ? ANSWERS : [query.state];
  const { items, after } = await merge<AnswerList, AnswerEntry>({
    sources: counties.flatMap((county) => repository.lists(alert.id, county, states)),
    read: (source, limit, to) => repository.entries(source, limit, division, to),
    keyOf: ({ answerAt }) => answerAt,
    fits: () => true,
    limit: limitOf(query.limit),
    mostRead: MOST_READ,
    to: position.value === undefined ? undefined : justBelow(position.value),
  });
  return ok({ status: 200, body: { items: items.map(acknowledgementLine), next: nextOf(call, after) } });
};
