import type { Run } from '../../http/call.ts';
import { hasRoleFor } from '../../http/principal.ts';
import { err, ok } from '../../kernel/result.ts';
import { reachOf } from '../../notifications/reader.ts';
import { alertRepository } from '../repository.ts';
import type { readReach as declaration } from './contract.ts';
import { wholeReach } from './reach.ts';
import { acknowledgementRepository } from './repository.ts';

/** Whom an alert has reached so far. Its sums are read, and not its readers: as many reads as it has communities, however many people answer. */
export const readReach: Run<typeof declaration> = async ({ runtime, caller, params }) => {
  const alert = await alertRepository(runtime.database).read(params.id);
  if (alert?.state !== 'issued') return err({ code: 'notFound' });
  if (!hasRoleFor(caller, 'alertOfficer', alert.division)) return err({ code: 'forbidden' });
  const [told, answers] = await Promise.all([
    reachOf(runtime.database, alert.id),
    acknowledgementRepository(runtime.database).sums(alert.id),
  ]);
  const { byCommunity: communities, ...all } = wholeReach([...told, ...answers]);
  return ok({ status: 200, body: { status: alert.status, ...all, byCommunity: [...communities] } });
};
