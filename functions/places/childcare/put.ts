import type { Run } from '../../http/call.ts';
import { untilWritten } from '../../http/until-written.ts';
import { ok } from '../../kernel/result.ts';
import { located } from '../put-as.ts';
import { replace } from '../replace.ts';
import { placesRepository } from '../repository.ts';
import { childcareFrom, freeOf, type Childcare } from './childcare.ts';
import type { putChildcare } from './contract.ts';
import { childcareView } from './view.ts';

const TOO_MANY = { path: 'taken', message: { 'zh-CN': '不能多于提供的托位数', en: 'must not be more than are offered' } };

/** Makes or replaces a childcare place. */
export const put: Run<typeof putChildcare> = (call) =>
  untilWritten<typeof putChildcare>(async () => {
    const { runtime, caller, params, body, requestId, now } = call;
    const repository = placesRepository(runtime.database);
    const written = await replace<Childcare>(call, body.community, {
      read: () => repository.readChildcare(params.id),
      errors: () => (freeOf(body) < 0 ? [TOO_MANY] : []),
      next: (before) => ok(childcareFrom(params.id, { ...body, location: located(body.location) }, before, caller.sub, now)),
      write: (next, before) => repository.putChildcare(next, before, requestId),
    });
    if (written === 'lost' || !written.ok) return written;
    const { item, status } = written.value;
    return ok({ status, body: childcareView(item), version: item.version, location: `/v1/childcare/${item.id}` });
  });
