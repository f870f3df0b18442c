/**
 * Plans an alert that was issued: a piece for some lists of each region in which somebody may want to be told. A piece that is there stays as it is, so
 * whoever is told twice, or dies between two of them, plans nothing twice.
 */
import type { EventBridgeEvent } from 'aws-lambda';
import { alertsReader } from '../alerts/reader.ts';
import { lambda } from '../data/lambda.ts';
import type { CloudEvent } from '../data/reaction.ts';
import type { Runtime } from '../data/runtime.ts';
import { withUses } from '../data/scope.ts';
import { fromInstant } from '../kernel/time.ts';
import { regionsFor } from './delivery/lists.ts';
import { piecesOf } from './delivery/piece.ts';
import { deliveryRepository } from './delivery/repository.ts';
import { aimOf } from './delivery/target.ts';
import { planAlert as declaration } from './reactions.ts';

const AT_ONCE = 16;

export const planAlert = (outer: Runtime) => {
  const runtime = withUses(outer, declaration.uses, declaration.name);
  const { database, now, log } = runtime;
  const repository = deliveryRepository(database);
  const alerts = alertsReader(database);

  return async ({ detail }: EventBridgeEvent<string, CloudEvent<{ readonly id: string }>>): Promise<void> => {
    const alert = await alerts.read(detail.data.item.id);
    // What another has taken the place of by now, or what is over, nobody is told any more.
    if (alert?.state !== 'issued' || alert.supersededBy !== undefined || fromInstant(alert.expires) <= now()) return;
    const pieces = (await regionsFor(database, aimOf(alert).cover)).flatMap((region) => piecesOf(alert, region, now()));
    for (let start = 0; start < pieces.length; start += AT_ONCE)
      await Promise.all(pieces.slice(start, start + AT_ONCE).map((piece) => repository.write([repository.putsPiece(piece, undefined)])));
    log({ level: 'info', code: 'alertPlanned', alert: alert.id, colour: alert.colour, status: alert.status, pieces: pieces.length });
  };
};

export const handler = lambda(planAlert);
