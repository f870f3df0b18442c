import type { Run } from '../../http/call.ts';
import { untilWritten } from '../../http/until-written.ts';
import { ok } from '../../kernel/result.ts';
import { located, putAs } from '../put-as.ts';
import type { putMealPoint } from './contract.ts';
import { mealPointView } from './view.ts';

/** Makes or replaces a meal point: the facility under its id. */
export const put: Run<typeof putMealPoint> = (call) =>
  untilWritten<typeof putMealPoint>(async () => {
    const { params, body } = call;
    const { subsidised, ...facts } = body;
    const written = await putAs(call, params.id, {
      facts: { ...facts, kind: 'mealPoint', location: located(body.location) },
      further: () => ({ subsidised }),
    });
    if (written === 'lost' || !written.ok) return written;
    const { item, status } = written.value;
    return ok({ status, body: mealPointView(item), version: item.version, location: `/v1/meal-points/${item.id}` });
  });
