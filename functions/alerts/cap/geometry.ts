/** Shapes as CAP writes them (§3.2.4): `lat,long lat,long …` and `lat,long radius`, in WGS-84 degrees and kilometres. */
import { roundDegrees } from '../../kernel/degrees.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { Texts } from '../../kernel/texts.ts';
import type { CapCircle, CapPoint } from './cap.ts';

const MOST_POINTS = 10_000;
/** Half the way round the equator: what is further than that is nowhere. */
const LONGEST_RADIUS = 20_038;
const LONGEST_CIRCLE = 200;

// Sticky, so that a long wrong text is left where it becomes wrong.
const POINT = /\s*([+-]?[\d.]+)\s*,\s*([+-]?[\d.]+)(?=\s|$)/y;
const CIRCLE = /^([+-]?[\d.]+)\s*,\s*([+-]?[\d.]+)\s+([+-]?[\d.]+)$/;

const WRONG = {
  point: {
    'zh-CN': '应为以空格分隔的“纬度,经度”，纬度在 -90 到 90 之间，经度在 -180 到 180 之间',
    en: 'must be “latitude,longitude” pairs with spaces between them, from -90 to 90 and from -180 to 180',
  },
  many: { 'zh-CN': `不能超过 ${MOST_POINTS} 个点`, en: `must have ${MOST_POINTS} points or fewer` },
  circle: {
    'zh-CN': `应为“纬度,经度 半径”，纬度在 -90 到 90 之间，经度在 -180 到 180 之间，半径为 0 到 ${LONGEST_RADIUS} 公里`,
    en: `must be “latitude,longitude radius”, from -90 to 90, from -180 to 180, and from 0 to ${LONGEST_RADIUS} km`,
  },
} as const satisfies Record<string, Texts>;

/** Without a zero that has a sign. */
export const rounded = (value: number): number => roundDegrees(value) + 0;

/** A text so short has no more decimals than are kept. */
const SHORT = 13;
/** NaN, which is in no range, where it is no number. */
const degrees = (text: string): number => (text.length > SHORT ? rounded(Number(text)) : Number(text) + 0);

/** Undefined where it lies nowhere. */
const pointOf = (lat: string, long: string): CapPoint | undefined => {
  const [north, east] = [degrees(lat), degrees(long)];
  return Math.abs(north) <= 90 && Math.abs(east) <= 180 ? [north, east] : undefined;
};

/** Any points, of a text without white space around it: whether they bound an area is judged where the alert is issued. */
export const polygonIn = (text: string): Result<readonly CapPoint[], Texts> => {
  const points: CapPoint[] = [];
  for (let from = 0; from < text.length; from = POINT.lastIndex) {
    POINT.lastIndex = from;
    const [, lat, long] = POINT.exec(text) ?? [];
    const point = lat === undefined || long === undefined ? undefined : pointOf(lat, long);
    if (point === undefined) return err(WRONG.point);
    points.push(point);
    if (points.length > MOST_POINTS) return err(WRONG.many);
  }
  return ok(points);
};

/** Of a text without white space around it. */
export const circleIn = (text: string): Result<CapCircle, Texts> => {
  const [, lat, long, radius] = (text.length > LONGEST_CIRCLE ? null : CIRCLE.exec(text)) ?? [];
  const centre = lat === undefined || long === undefined ? undefined : pointOf(lat, long);
  const radiusKm = Number(radius);
  if (centre === undefined || !(radiusKm >= 0 && radiusKm <= LONGEST_RADIUS)) return err(WRONG.circle);
  return ok({ lat: centre[0], long: centre[1], radiusKm: rounded(radiusKm) });
};
