/**
 * Goes through a piece's lists and cuts whom it finds into batches. Each page is one transaction: the batches, and the piece moved on. So whoever is
 * told twice, late, or dies between any two calls, plans nobody twice and leaves nobody out.
 */
import type { EventBridgeEvent } from 'aws-lambda';
import type { AlertMessage } from '../alerts/alert.ts';
import { alertsReader } from '../alerts/reader.ts';
import { lambda } from '../data/lambda.ts';
import type { CloudEvent } from '../data/reaction.ts';
import type { Runtime } from '../data/runtime.ts';
import { withUses } from '../data/scope.ts';
import { fromInstant, SECOND, toInstant } from '../kernel/time.ts';
import { afterPage, currentList, currentRange, isThrough, walkedOn, type Found, type Piece } from './delivery/piece.ts';
import { taken } from './delivery/reach.ts';
import { deliveryRepository, MOST_WRITES, type EntryPage } from './delivery/repository.ts';
import { targeting } from './delivery/target.ts';
import { walkSubscribers as declaration } from './reactions.ts';

/**
 * A step ends after so many milliseconds. A tally of so many communities goes into the sums before the piece's end. Of so many pages on which
 * nobody is concerned, the position is written.
 */
const BOUNDS = { lasts: 60 * SECOND, communities: 500, pages: 20 };

export const walkSubscribers = (outer: Runtime, bounds = BOUNDS) => {
  const runtime = withUses(outer, declaration.uses, declaration.name);
  const { database, now, log } = runtime;
  const repository = deliveryRepository(database);
  const alerts = alertsReader(database);

  const isOff = (alert: AlertMessage | undefined): boolean =>
    alert === undefined || alert.supersededBy !== undefined || fromInstant(alert.expires) <= now();

  /** Whether the tally is to go into the sums before anything else: at the end of each list, and where it has grown large. */
  const isFull = ({ tally, walked, position }: Piece): boolean => {
    const communities = Object.keys(tally).length;
    return communities >= bounds.communities || (communities > 0 && walked === 0 && position === undefined);
  };

  /** The piece with some of its tally in the sums, and the writes for that. */
  const summed = (piece: Piece, room: number) => {
    const { some, left } = taken(piece.tally, room);
    return { piece: { ...piece, tally: left }, sums: repository.addsSums(piece, some, piece.piece, toInstant(now())) };
  };

  /** Undefined where somebody else is at it. */
  const putSums = async (before: Piece): Promise<Piece | undefined> => {
    let piece = before;
    while (isFull(piece)) {
      const next = summed({ ...piece, version: piece.version + 1 }, MOST_WRITES);
      if (!(await repository.write([repository.putsPiece(next.piece, piece), ...next.sums])).ok) return undefined;
      piece = next.piece;
    }
    return piece;
  };

  const read = (piece: Piece): Promise<EntryPage<Found>> | undefined => {
    const range = currentRange(piece);
    return isThrough(piece) || range === undefined ? undefined : repository.aimable(currentList(piece), range, piece.position);
  };

  /** Ends it where it is through, or where nobody wants it told any more. */
  const end = async (piece: Piece, change: 'walked' | 'dropped'): Promise<void> => {
    const next: Piece = { ...piece, change, version: piece.version + 1, changedAt: toInstant(now()) };
    await repository.write([repository.putsPiece(next, piece)]);
    const { alert, piece: name, batches, recipients, steps } = next;
    log({ level: 'info', code: 'alertPieceWalked', alert, piece: name, change, batches, recipients, steps });
  };

  return async ({ detail }: EventBridgeEvent<string, CloudEvent<Pick<Piece, 'alert' | 'piece'>>>): Promise<void> => {
    const began = now();
    let piece = await repository.piece(detail.data.item);
    if (piece === undefined || piece.change === 'walked' || piece.change === 'dropped') return;
    const alert = await alerts.read(piece.alert);
    piece = await putSums(piece);
    if (piece === undefined) return;
    if (alert === undefined || isOff(alert)) {
      // Whoever is left hears of it neither from this one nor from a newer one.
      if (alert !== undefined && alert.supersededBy === undefined)
        runtime.log({ level: 'warn', code: 'alertNotPlanned', alert: alert.id, piece: piece.piece });
      return end(piece, 'dropped');
    }
    const targetOf = targeting(alert);
    let reading = read(piece);
    let passed = 0;
    while (reading !== undefined) {
      const page: EntryPage<Found> = await reading;
      const ahead = read(afterPage(piece, page.after));
      // Where this page is not written, nobody asks what the next one was.
      ahead?.catch(() => undefined);
      const walked = walkedOn(piece, page, targetOf, now());
      const isLate = now() - began >= bounds.lasts && !isThrough(walked.piece);
      passed += 1;
      if (walked.batches.length === 0 && !isFull(walked.piece) && !isLate && passed < bounds.pages) {
        // Little to lose: after a crash these few pages are found empty again.
        piece = { ...walked.piece, version: piece.version };
        reading = ahead;
        continue;
      }
      passed = 0;
      const moved: Piece = isLate ? { ...walked.piece, change: 'continued', steps: piece.steps + 1 } : walked.piece;
      const room = MOST_WRITES - walked.batches.length;
      const next = isFull(moved) && Object.keys(moved.tally).length <= room ? summed(moved, room) : { piece: moved, sums: [] };
      const written = await repository.write([
        repository.putsPiece(next.piece, piece),
        ...walked.batches.map((batch) => repository.putsBatch(batch, undefined)),
        ...next.sums,
      ]);
      // Somebody else is at it.
      if (!written.ok) return;
      if (isLate) return;
      piece = await putSums(next.piece);
      if (piece === undefined) return;
      reading = ahead;
    }
    await end(piece, 'walked');
  };
};

export const handler = lambda((runtime) => walkSubscribers(runtime));
