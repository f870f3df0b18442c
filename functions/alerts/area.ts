/** Where an alert holds, as officers and other systems say it. Pure. */
import type { DivisionCode } from '../kernel/division.ts';
import { boxAround, type Shape } from '../kernel/shape.ts';
import type { Position } from '../kernel/position.ts';
import type { FacilityFacts } from '../places/facility.ts';
import type { CapCircle, CapPoint } from './cap/cap.ts';
import type { HelpKind } from './words.ts';

/** Of all its polygons together. */
export const MOST_POINTS = 5000;
/** Square degrees of the boxes around shapes, all together: some 5 million km², beyond which divisions say better where. */
const LARGEST = 500;

/** A division, or a shape: polygons as CAP has them, `[lat, long]`, the first point once more at the end. */
export type AreaPart = { readonly division: DivisionCode } | { readonly polygon: readonly CapPoint[] } | { readonly circle: CapCircle };

/** A part as it is kept, with what it is called. */
export type PlacedPart = AreaPart & { readonly areaDesc: string };

/** Where people find help: a place as it was when it was looked up. */
export interface Help extends Omit<FacilityFacts, 'kind'> {
  readonly id: string;
  readonly kind: HelpKind;
  /** Metres on the sphere. */
  readonly distance: number;
}

/** Where an alert holds, and the help near its middle as it was when it was made. */
export interface Where {
  readonly areas: readonly PlacedPart[];
  readonly facilities: readonly Help[];
}

/** Parts that stand together under one name; `path` is where it was said. */
export interface Area {
  readonly path: string;
  readonly areaDesc?: string | undefined;
  readonly parts: readonly { readonly path: string; readonly part: AreaPart }[];
}

const positionOf = ([lat, long]: CapPoint): Position => ({ lat, long });

/** Undefined of a division. */
export const shapeOf = (part: AreaPart): Shape | undefined => {
  if ('circle' in part) return part;
  return 'polygon' in part ? { polygon: part.polygon.map(positionOf) } : undefined;
};

/** The middle of the box around a shape. */
export const middleOf = (shape: Shape): Position => {
  if ('circle' in shape) return { lat: shape.circle.lat, long: shape.circle.long };
  const { south, north, west, east } = boxAround(shape, 0);
  return { lat: (south + north) / 2, long: (west + east) / 2 };
};

const sizeOf = (shape: Shape): number => {
  const { south, north, west, east } = boxAround(shape, 0);
  return (north - south) * (east - west);
};

/** Whether to look for all that these shapes meet would take too long: 5,000 points, or a tenth of Asia. */
export const isTooMuch = (shapes: readonly Shape[]): 'detailed' | 'large' | undefined => {
  const points = shapes.reduce((sum, shape) => sum + ('polygon' in shape ? shape.polygon.length : 1), 0);
  if (points > MOST_POINTS) return 'detailed';
  return shapes.reduce((sum, shape) => sum + sizeOf(shape), 0) > LARGEST ? 'large' : undefined;
};
