import { audit } from '../audit/writer.ts';
import { catalogueReader } from '../catalogue/reader.ts';
import type { Run } from '../http/call.ts';
import type { AnswerOf } from '../http/operation.ts';
import { nextOf, positionOf } from '../http/page.ts';
import { divisionAsked } from '../http/principal.ts';
import { wrongField } from '../http/problem.ts';
import { limitOf } from '../http/schema.ts';
import { err, ok } from '../kernel/result.ts';
import { addMonths, monthOf } from '../kernel/time.ts';
import { accountOf } from './account.ts';
import { alertsInForce } from './alerts-in-force.ts';
import type { listDue as declaration } from './contract.ts';
import { dueOf, type Due } from './due.ts';
import { countiesOf, pageOf } from './list.ts';
import { LATE_MONTHS } from './recipient.ts';
import { recipientLine } from './view.ts';

type DueAnswer = AnswerOf<typeof declaration>['items'][number];

const windowsOf = ({ windows }: Due): DueAnswer['windows'] =>
  windows.map(({ state, notFoundOn, ...window }) => ({
    ...window,
    state,
    why: state === 'missed' ? (notFoundOn.length === 0 ? 'noVisit' : 'notFound') : undefined,
    notFoundOn: [...notFoundOn],
  }));

export const listDue: Run<typeof declaration> = async (call) => {
  const { runtime, caller, query, now } = call;
  const { database } = runtime;
  const { month = monthOf(now) } = query;
  const division = divisionAsked(caller, query.division);
  if (division === undefined) return err({ code: 'forbidden' });
  const first = addMonths(monthOf(now), -LATE_MONTHS);
  if (month > monthOf(now) || month < first)
    return err(wrongField('month', { 'zh-CN': `应在 ${first} 与本月之间`, en: `must be between ${first} and this month` }));
  const position = positionOf<string>(call, query.cursor);
  if (!position.ok) return position;
  const counties = await countiesOf(database, division);
  const isNow = month === monthOf(now);
  const [plan, alerts] = await Promise.all([
    catalogueReader(database).setting('careVisits'),
    isNow ? alertsInForce(database, counties, now) : [],
    audit(database, accountOf(call, `due?division=${division}&month=${month}`, division, 'list')),
  ]);
  const asking = { division, month, now, plan, alerts };
  const { items, after } = await pageOf(database, {
    division,
    counties,
    // Who is no longer looked after may have been when the month ended.
    states: isNow ? [true] : [true, false],
    fits: (entry) => dueOf(entry, asking) !== undefined,
    limit: limitOf(query.limit),
    after: position.value,
  });
  const lines = items.flatMap((entry): DueAnswer[] => {
    const due = dueOf(entry, asking);
    return due === undefined
      ? []
      : [{ ...recipientLine(entry, { ...plan, now }), windows: windowsOf(due), alerts: due.alerts.map((each) => ({ ...each })) }];
  });
  return ok({ status: 200, body: { items: lines, next: nextOf(call, after) } });
};
