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
