/**
 * Shapes on the ground, as warnings draw them: circles, and polygons whose edges are straight on a map around whoever looks. At the distances
 * of a community that is exact to some metres; whoever reaches too far on purpose need not care.
 */
import { metresBetween, type Box, type Position } from './position.ts';

export type Shape = { readonly polygon: readonly Position[] } | { readonly circle: Position & { readonly radiusKm: number } };

const KM = 1000;
const RADIANS = Math.PI / 180;
/** Metres of a degree of a meridian, on the sphere of position.ts. */
const DEGREE_METRES = 6_371_008.77 * RADIANS;

/** Why a polygon is none: it has fewer than three corners, does not end where it begins, or crosses or touches itself. */
export type PolygonFault = 'few' | 'open' | 'crossing';

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Above 0: a turn to the left. */
const turn = (a: Point, b: Point, c: Point): number => (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
const isBetween = (a: Point, b: Point, c: Point): boolean =>
  Math.min(a.x, b.x) <= c.x && c.x <= Math.max(a.x, b.x) && Math.min(a.y, b.y) <= c.y && c.y <= Math.max(a.y, b.y);

/** Whether two segments have any point in common. */
const isMeeting = (a: Point, b: Point, c: Point, d: Point): boolean => {
  const [one, two, three, four] = [turn(a, b, c), turn(a, b, d), turn(c, d, a), turn(c, d, b)];
  if (((one > 0 && two < 0) || (one < 0 && two > 0)) && ((three > 0 && four < 0) || (three < 0 && four > 0))) return true;
  return (
    (one === 0 && isBetween(a, b, c)) ||
    (two === 0 && isBetween(a, b, d)) ||
    (three === 0 && isBetween(c, d, a)) ||
    (four === 0 && isBetween(c, d, b))
  );
};

const isSame = (a: Position, b: Position): boolean => a.lat === b.lat && a.long === b.long;

/** What is wrong with a polygon; the last of its points is the first once more. */
export const polygonFault = (points: readonly Position[]): PolygonFault | undefined => {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined || points.length < 4) return 'few';
  if (!isSame(first, last)) return 'open';
  // Who lingers at a corner has not crossed anything.
  const corners = points.filter((point, index) => index === 0 || !isSame(point, points[index - 1] ?? point)).slice(0, -1);
  if (corners.length < 3) return 'few';
  const at = (index: number): Point => {
    const { lat, long } = corners[index % corners.length] ?? first;
    return { x: long, y: lat };
  };
  for (let one = 0; one < corners.length; one++) {
    // The next edge goes on where this one ends: back along it is a crossing.
    const [a, b, c] = [at(one), at(one + 1), at(one + 2)];
    if (turn(a, b, c) === 0 && (b.x - a.x) * (c.x - b.x) + (b.y - a.y) * (c.y - b.y) < 0) return 'crossing';
    for (let other = one + 2; other < corners.length; other++) {
      if (one === 0 && other === corners.length - 1) continue;
      if (isMeeting(a, b, at(other), at(other + 1))) return 'crossing';
    }
  }
  return undefined;
};

/** Metres east and north of somebody. */
const seenFrom = (from: Position, { lat, long }: Position): Point => ({
  x: (((((long - from.long + 540) % 360) + 360) % 360) - 180) * DEGREE_METRES * Math.cos(from.lat * RADIANS),
  y: (lat - from.lat) * DEGREE_METRES,
});

/** From where one stands, 0 and 0, to a segment. */
const metresToSegment = (a: Point, b: Point): number => {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const length = dx * dx + dy * dy;
  const along = length === 0 ? 0 : Math.min(1, Math.max(0, -(a.x * dx + a.y * dy) / length));
  return Math.hypot(a.x + along * dx, a.y + along * dy);
};

/** Metres to the nearest point of a shape; 0 within it. */
export const metresToShape = (from: Position, shape: Shape): number => {
  if ('circle' in shape) return Math.max(0, metresBetween(from, shape.circle) - shape.circle.radiusKm * KM);
  const points = shape.polygon.map((point) => seenFrom(from, point));
  let isInside = false;
  let nearest = Number.POSITIVE_INFINITY;
  for (let index = 1; index < points.length; index++) {
    const [a, b] = [points[index - 1], points[index]];
    if (a === undefined || b === undefined) continue;
    nearest = Math.min(nearest, metresToSegment(a, b));
    // A ray to the east crosses the outline an odd number of times from within.
    if (a.y > 0 !== b.y > 0 && a.x - (a.y * (b.x - a.x)) / (b.y - a.y) > 0) isInside = !isInside;
  }
  return isInside ? 0 : nearest;
};

/** A box around a shape and all that lies within so many kilometres of it. It does not reach across the antimeridian. */
export const boxAround = (shape: Shape, marginKm: number): Box => {
  const points = 'circle' in shape ? [shape.circle] : shape.polygon;
  const metres = (marginKm + ('circle' in shape ? shape.circle.radiusKm : 0)) * KM;
  const [south, north] = [Math.min(...points.map(({ lat }) => lat)), Math.max(...points.map(({ lat }) => lat))];
  const up = metres / DEGREE_METRES;
  const highest = Math.min(89, Math.max(Math.abs(south), Math.abs(north)) + up);
  const aside = up / Math.cos(highest * RADIANS);
  return {
    south: Math.max(-90, south - up),
    north: Math.min(90, north + up),
    west: Math.max(-180, Math.min(...points.map(({ long }) => long)) - aside),
    east: Math.min(180, Math.max(...points.map(({ long }) => long)) + aside),
  };
};
