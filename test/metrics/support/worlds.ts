/** Countries of made-up figures: communities are given, all above them are their sums. */
import fc from 'fast-check';
import { parentOf, type DivisionCode } from '../../../functions/kernel/division.ts';
import { seeded } from '../../support/faults.ts';
import type { Figure } from './attackers.ts';

/** The figures of communities, `[numerator, denominator]` by code, and of all divisions above them. */
export const worldOf = (communities: ReadonlyMap<string, readonly [number, number]>): Figure[] => {
  const sums = new Map<DivisionCode, { numerator: number; denominator: number }>();
  for (const [community, [numerator, denominator]] of communities)
    for (let code: DivisionCode | undefined = community as DivisionCode; code !== undefined; code = parentOf(code)) {
      const sum = sums.get(code) ?? { numerator: 0, denominator: 0 };
      sums.set(code, { numerator: sum.numerator + numerator, denominator: sum.denominator + denominator });
    }
  return [...sums].map(([code, sum]) => ({ code, ...sum }));
};

/** The same with short names: `{ '51.01.04.017.001': [2, 3] }`. */
export const world = (communities: Readonly<Record<string, readonly [number, number]>>): Figure[] =>
  worldOf(new Map(Object.entries(communities).map(([name, figure]) => [name.replaceAll('.', ''), figure])));

/** Mostly small figures: zeros, those just below and just above what may be shown, and a few that are not small. */
const denominators = fc.oneof(
  { weight: 2, arbitrary: fc.constant(0) },
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 4 }) },
  { weight: 5, arbitrary: fc.integer({ min: 5, max: 8 }) },
);
const withLarge = (most: number): fc.Arbitrary<number> =>
  fc.oneof({ weight: 3, arbitrary: denominators }, { weight: 4, arbitrary: fc.integer({ min: 5, max: most }) });

/** How people answered: none of them yes, all of them, or anything between. */
const shares = fc.oneof(fc.constant(0), fc.constant(1), fc.double({ min: 0, max: 1, noNaN: true }));
/** In some countries it is everywhere the same. */
const kinds = fc.constantFrom('any', 'any', 'any', 'none', 'all', 'few');

interface Place {
  readonly at: readonly [number, number, number, number];
  readonly denominator: number;
  readonly share: number;
}

const answered = (kind: string, { denominator, share }: Place, index: number): number => {
  if (kind === 'none') return 0;
  if (kind === 'all') return denominator;
  if (kind === 'few') return Math.min(denominator, index % 7 === 3 ? 1 : 0);
  return Math.round(denominator * share);
};

const pad = (index: number, digits: number): string => String(index + 1).padStart(digits, '0');

const worldFrom = (kind: string, places: readonly Place[]): Figure[] =>
  worldOf(
    new Map(
      places.map((place, index) => {
        const [city, county, street, community] = place.at;
        return [
          `51${pad(city, 2)}${pad(county, 2)}${pad(street, 3)}${pad(community, 3)}`,
          [answered(kind, place, index), place.denominator],
        ] as const;
      }),
    ),
  );

/** A province of few communities, small enough to try out every figure in every one of them. */
export const tinyWorlds: fc.Arbitrary<Figure[]> = fc
  .tuple(
    kinds,
    fc.array(fc.record({ at: fc.tuple(fc.nat(1), fc.nat(1), fc.nat(1), fc.nat(2)), denominator: denominators, share: shares }), {
      minLength: 1,
      maxLength: 6,
    }),
  )
  .map(([kind, places]) => worldFrom(kind, places));

/** A province of some hundred divisions, sparse or dense: so many communities, less those that fall on one another. */
export const middlingWorlds = (communities: number): fc.Arbitrary<Figure[]> =>
  fc
    .tuple(
      kinds,
      fc.tuple(fc.nat(3), fc.nat(3), fc.nat(3), fc.integer({ min: 2, max: 12 })),
      fc.integer({ min: 5, max: 60 }),
      fc.integer({ min: 1, max: communities }),
    )
    .chain(([kind, [cities, counties, streets, each], most, length]) =>
      fc
        .array(
          fc.record({
            at: fc.tuple(fc.nat(cities), fc.nat(counties), fc.nat(streets), fc.nat(each)),
            denominator: withLarge(most),
            share: shares,
          }),
          { minLength: length, maxLength: length, size: 'max' },
        )
        .map((places) => worldFrom(kind, places)),
    );

/** Such worlds, in which at most two people said yes, or at most two did not. */
export const rare = (worlds: fc.Arbitrary<Figure[]>): fc.Arbitrary<Figure[]> =>
  fc.tuple(worlds, fc.array(fc.nat(), { maxLength: 2 }), fc.boolean()).map(([figures, picks, yes]) => {
    const communities = figures.filter(({ code }) => code.length === 12);
    const picked = picks.map((pick) => communities[pick % communities.length]);
    return worldOf(
      new Map(
        communities.map((community) => {
          const { code, denominator } = community;
          const few = Math.min(denominator, picked.filter((each) => each === community).length);
          return [code, [yes ? few : denominator - few, denominator]];
        }),
      ),
    );
  });

/** A whole province: 20 cities of 10 counties of 10 streets of 28 communities, in which about a `share` of the people said yes. */
export const province = (seed: number, share: number): Figure[] => {
  const random = seeded(seed);
  const communities = new Map<string, readonly [number, number]>();
  for (let city = 0; city < 20; city++)
    for (let county = 0; county < 10; county++)
      for (let street = 0; street < 10; street++)
        for (let community = 0; community < 28; community++) {
          const denominator = Math.floor(random() * 40);
          const numerator = Math.min(denominator, Math.floor(denominator * share + random() * Math.sign(share)));
          communities.set(`51${pad(city, 2)}${pad(county, 2)}${pad(street, 3)}${pad(community, 3)}`, [numerator, denominator]);
        }
  return worldOf(communities);
};
