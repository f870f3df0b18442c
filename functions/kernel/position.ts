/** Positions in WGS-84 degrees. */
import gcoord from 'gcoord';
import { roundDegrees } from './degrees.ts';

export interface Position {
  readonly lat: number;
  readonly long: number;
}

/** As clients send it; phones in China give GCJ-02, which is some hundred metres off. */
export interface PositionInput extends Position {
  readonly datum?: 'wgs84' | 'gcj02' | undefined;
}

/** WGS-84 of whatever datum it came in. */
export const toWgs84 = ({ lat, long, datum }: PositionInput): Position => {
  if (datum !== 'gcj02') return { lat, long };
  const [east, north] = gcoord.transform<[number, number]>([long, lat], gcoord.GCJ02, gcoord.WGS84);
  return { lat: roundDegrees(north), long: roundDegrees(east) };
};

/** The sphere's radius: the mean one of WGS-84's ellipsoid, (2a + b) / 3. */
const EARTH_METRES = 6_371_008.77;
const RADIANS = Math.PI / 180;

/**
 * Metres between two positions on the sphere, by the haversine, which keeps its digits where they are close (R. W. Sinnott, Virtues of the
 * Haversine, Sky and Telescope 68, 1984). The ellipsoid's own differ by half a per cent at most.
 */
export const metresBetween = (one: Position, other: Position): number => {
  const across = Math.sin(((one.lat - other.lat) * RADIANS) / 2);
  const along = Math.sin(((one.long - other.long) * RADIANS) / 2);
  const haversine = across ** 2 + Math.cos(one.lat * RADIANS) * Math.cos(other.lat * RADIANS) * along ** 2;
  return 2 * EARTH_METRES * Math.asin(Math.min(1, Math.sqrt(haversine)));
};

/** All between two parallels and two meridians. None reaches across the antimeridian: what does is two boxes. */
export interface Box {
  readonly south: number;
  readonly west: number;
  readonly north: number;
  readonly east: number;
}

/** Metres to the nearest point of a box; 0 within it. */
export const metresToBox = (from: Position, { south, west, north, east }: Box): number => {
  const inside = (lat: number): number => Math.min(Math.max(lat, south), north);
  if (from.long >= west && from.long <= east) return metresBetween(from, { lat: inside(from.lat), long: from.long });
  // From beside it, the nearest point lies on one of its meridians: where the perpendicular meets it, or else at an end.
  const onMeridian = (long: number): number => {
    const lat = from.lat * RADIANS;
    const foot = Math.atan2(Math.sin(lat), Math.cos(lat) * Math.cos((from.long - long) * RADIANS)) / RADIANS;
    return Math.min(...[south, inside(foot), north].map((each) => metresBetween(from, { lat: each, long })));
  };
  return Math.min(onMeridian(west), onMeridian(east));
};
