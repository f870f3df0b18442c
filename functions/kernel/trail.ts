/**
 * An undo log of a few attributes of an entity: what was there before each change, newest last. With what is there now it tells what was
 * there at any moment, and an entity that has not changed yet needs none.
 */
import type { Instant } from './time.ts';

type Marks = Readonly<Record<string, string | undefined>>;

/** What the attributes that changed at `at` were before; null where there was nothing. */
export interface TrailStep {
  readonly at: Instant;
  readonly was: Readonly<Record<string, string | null>>;
}

/** What was so from `at` on. */
export interface Dated<T> {
  readonly at: Instant;
  readonly state: T;
}

/** The trail after a change at `at`; the same one where none of the marks has changed. */
export const trailAfter = (trail: readonly TrailStep[], before: object, after: object, at: Instant): readonly TrailStep[] => {
  const old = before as Marks;
  const changed = Object.entries(after as Marks).filter(([name, value]) => value !== old[name]);
  return changed.length === 0 ? trail : [...trail, { at, was: Object.fromEntries(changed.map(([name]) => [name, old[name] ?? null])) }];
};

const undone = <T extends object>(state: T, { was }: TrailStep): T => ({
  ...state,
  ...Object.fromEntries(Object.entries(was).map(([name, value]) => [name, value ?? undefined])),
});

/** Every state that there has been, oldest first, from the newest and the trail that led to it. */
export const rewind = <T extends object>(now: T, trail: readonly TrailStep[], began: Instant): readonly Dated<T>[] => {
  const states: Dated<T>[] = [];
  let state = now;
  for (const step of trail.toReversed()) {
    states.push({ at: step.at, state });
    state = undone(state, step);
  }
  return [...states, { at: began, state }].toReversed();
};
