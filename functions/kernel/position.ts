/** Positions in WGS-84 degrees. */
import gcoord from 'gcoord';

export interface Position {
  readonly lat: number;
  readonly long: number;
}

/** As clients send it; phones in China give GCJ-02, which is some hundred metres off. */
export interface PositionInput extends Position {
  readonly datum?: 'wgs84' | 'gcj02' | undefined;
}

const SEVEN_DECIMALS = 1e7;
const round = (degrees: number): number => Math.round(degrees * SEVEN_DECIMALS) / SEVEN_DECIMALS;

/** WGS-84 of whatever datum it came in, to 7 decimals (about a centimetre). */
export const toWgs84 = ({ lat, long, datum }: PositionInput): Position => {
  if (datum !== 'gcj02') return { lat, long };
  const [east, north] = gcoord.transform<[number, number]>([long, lat], gcoord.GCJ02, gcoord.WGS84);
  return { lat: round(north), long: round(east) };
};
