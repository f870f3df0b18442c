/** Writes down what a life comes to: its facts, where they lie, and that these communities' months are to be counted again. */
import { createHash } from 'node:crypto';
import { canonical } from '../kernel/canonical.ts';
import { levelOf, type DivisionCode } from '../kernel/division.ts';
import { startOfMonth, toInstant } from '../kernel/time.ts';
import { mayLieIn } from './indicator.ts';
import { factsOf, stateAtFirst, tellsOf, type Fact, type Life, type State, type Subject } from './life.ts';
import { fromPlace, placeOf, type MetricsRepository } from './repository.ts';
import { sourceOf } from './sources.ts';

/** Whoever loses a race looks again. */
const ATTEMPTS = 12;

const DIGEST_LENGTH = 12;
/** Tells a fact from another of the same place. */
export const digestOf = ({ confidential, before, moments }: Fact): string =>
  createHash('sha256')
    .update(canonical([confidential, before, moments]))
    .digest('base64url')
    .slice(0, DIGEST_LENGTH);

/** Of these, a run does not go through all that there are. */
const isAbove = (division: DivisionCode): boolean => ['city', 'province'].includes(levelOf(division));

/** `known`: a version as new has been here already. */
export type Recorded = 'recorded' | 'same' | 'known';

/** Says that all these places are to be counted again. */
export const markAll = async (
  repository: MetricsRepository,
  { kind, id }: Subject,
  places: readonly string[],
  requestId: string,
): Promise<void> => {
  const marked = places.map(fromPlace);
  // Before the first mark: a run looks where it is told to.
  for (const division of new Set(marked.map(({ community }) => community)))
    if (isAbove(division) && !(await repository.isKnownAbove(division))) await repository.write([repository.putsAbove(division)]);
  // No two things leave the same mark: who takes one away has counted what left it.
  for (const { community, month } of marked) await repository.write([repository.putsMark(community, month, `${requestId}#${kind}#${id}`)]);
};

/** The digest of a fact that is no longer one. */
export const GONE = 'gone';

/** Such a fact: it counts nowhere. */
const gone = ({ kind, id, confidential }: Life, place: string): Fact => ({
  kind,
  id,
  confidential,
  ...fromPlace(place),
  before: undefined,
  moments: [],
});

const isSame = (one: State | undefined, other: State | undefined): boolean =>
  one === undefined || other === undefined ? one === other : canonical(one) === canonical(other);

/**
 * A life's facts as they are to lie, where it is known that facts of it lie already. What facts before the first month that it tells of hand on
 * into that month stands; where it is not how the thing stood then, since it has been corrected, that month says so.
 */
export const factsUpon = async (
  repository: MetricsRepository,
  life: Life,
  known: Readonly<Record<string, string>>,
): Promise<readonly Fact[]> => {
  const { tellsFrom } = life;
  if (tellsFrom === undefined) return factsOf(life);
  const last = new Map<DivisionCode, string>();
  for (const { community, month } of Object.keys(known)
    .filter((place) => known[place] !== GONE)
    .map(fromPlace)
    .toSorted((one, other) => (one.month < other.month ? -1 : 1)))
    if (month < tellsFrom) last.set(community, placeOf({ community, month }));
  const start = toInstant(startOfMonth(tellsFrom));
  const { isAlive } = sourceOf(life.kind);
  const aliveIn = (community: DivisionCode, state: State | undefined): State | undefined =>
    state?.community === community && isAlive(state, start) ? state : undefined;
  const handedOn = new Map(
    (await repository.factsAt(life, [...last.values()])).map(({ community, before, moments }) => [
      community,
      aliveIn(community, moments.at(-1)?.state ?? before),
    ]),
  );
  const first = stateAtFirst(life);
  const places = new Set([...last.keys(), ...(first === undefined ? [] : [first.community])]);
  return factsOf(
    life,
    [...places].filter((community) => !isSame(aliveIn(community, first), handedOn.get(community))),
  );
};

/**
 * Records a life as of its version; an older one changes nothing. The facts and where they lie are one transaction; the marks come after it,
 * and a repeated event makes them again, so that what is recorded is counted in the end.
 *
 * `found` is what lies in its places in truth, a digest each, for who makes the facts again: then they are written as they should be even
 * where that version has been here.
 */
export const record = async (
  repository: MetricsRepository,
  life: Life,
  requestId: string,
  found?: Readonly<Record<string, string>>,
): Promise<Recorded> => {
  const astray = factsOf(life).find(({ community }) => !mayLieIn(sourceOf(life.kind), community));
  if (astray !== undefined)
    throw new Error(`${life.kind} ${life.id} lies in ${astray.community}, and its source counts in communities alone`);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const before = await repository.places(life);
    if (before !== undefined && (found === undefined ? before.version >= life.version : before.version > life.version)) {
      await markAll(repository, life, Object.keys(before.places), requestId);
      return 'known';
    }
    const facts = await factsUpon(repository, life, before?.places ?? {});
    const digests = Object.fromEntries(facts.map((fact) => [placeOf(fact), digestOf(fact)]));
    const known = { ...before?.places, ...found };
    const places = {
      ...Object.fromEntries(Object.entries(known).map(([place, digest]) => [place, tellsOf(life, fromPlace(place).month) ? GONE : digest])),
      ...digests,
    };
    const changed = Object.keys(places).filter((place) => places[place] !== known[place]);
    if (found !== undefined && changed.length === 0) return 'same';
    const written = await repository.write([
      repository.putsPlaces(life, { version: life.version, places, requestId }, before),
      ...changed.map((place) => repository.putsFact(facts.find((fact) => placeOf(fact) === place) ?? gone(life, place))),
    ]);
    if (!written.ok) continue;
    await markAll(repository, life, changed, requestId);
    return changed.length === 0 ? 'same' : 'recorded';
  }
  throw new Error(`too many at once record ${life.kind} ${life.id}: try again`);
};
