/** How everything that changes somebody's channels, subscriptions and preferences goes: read, rule, one transaction. */
import type { Write } from '../data/database.ts';
import type { Runtime } from '../data/runtime.ts';
import { isMatch, type Call, type SignedInCall } from '../http/call.ts';
import type { Failure } from '../http/problem.ts';
import { levelOf } from '../kernel/division.ts';
import { newId } from '../kernel/id.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import type { EpochMs } from '../kernel/time.ts';
import { nobodyYet, type Person, type Reader } from './person.ts';
import { peopleRepository } from './repository.ts';

/** Somebody may press twice, on two devices, while an alert is delivered: more at once are nobody's. */
const ATTEMPTS = 8;

export interface Step {
  /** The same as before where nothing changes. */
  readonly person: Person;
  /** What is written with it. */
  readonly more?: readonly Write[];
  /** Answered although it was written. */
  readonly failure?: Failure;
}

export interface Change {
  readonly runtime: Pick<Runtime, 'database' | 'random'>;
  readonly sub: string;
  readonly now: EpochMs;
  /** Marks the version that it makes: another each time. */
  readonly requestId: string;
  readonly ifMatch?: Call['ifMatch'];
}

/**
 * Changes somebody by a rule, which is asked again where they have changed meanwhile. `exists`: whether there is what is to be changed, asked
 * before If-Match.
 */
export const changePerson = async (
  { runtime, sub, now, requestId, ifMatch }: Change,
  rule: (person: Person) => Result<Step, Failure>,
  exists: (person: Person) => boolean = () => true,
): Promise<Result<Person, Failure>> => {
  const repository = peopleRepository(runtime.database);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const before = await repository.read(sub);
    const person = before ?? nobodyYet(sub, newId(runtime.random), now);
    if (!exists(person)) return err({ code: 'notFound' });
    if (!isMatch(ifMatch, person.version)) return err({ code: 'preconditionFailed' });
    const step = rule(person);
    if (!step.ok) return step;
    const { person: after, more = [], failure } = step.value;
    if (after === person) {
      const recorded = await repository.write(more);
      return recorded.ok ? ok(person) : err({ code: 'conflict' });
    }
    const written = await repository.put(after, before, requestId, more);
    if (written.ok) return failure === undefined ? ok(after) : err(failure);
    // The key of this very request has been used: its record tells what came of that.
    if (written.error === 'failed') break;
  }
  return err({ code: 'conflict' });
};

/** Whose channels a call changes, and as which version. */
export const ownChange = ({ runtime, caller, now, requestId, ifMatch }: SignedInCall): Change => ({
  runtime,
  sub: caller.sub,
  now,
  requestId,
  ifMatch,
});

export const readerOf = ({ caller: { division }, language }: SignedInCall): Reader => ({
  home: division !== undefined && levelOf(division) === 'community' ? division : undefined,
  language,
});
