import type { Runtime } from '../data/runtime.ts';
import { cause } from '../kernel/cause.ts';
import { ok } from '../kernel/result.ts';
import { changePerson, type Change } from './change-person.ts';
import { withDeadChannel } from './person.ts';

/** Retires a channel whose address is nobody's any more, and every entry that names it. Harmless where that is done, or the channel gone; throws where others keep changing the person. */
export const channelDied = async (change: Omit<Change, 'ifMatch'>, channelId: string): Promise<void> => {
  const done = await changePerson(change, (person) => ok({ person: withDeadChannel(person, channelId, change.now) }));
  if (!done.ok) throw new Error('a dead channel was not retired: its owner’s item keeps changing');
};

/**
 * The same where letters have left beside it, which a failure would send once more: it is logged, and the next letter to that address finds it dead
 * again.
 */
export const foundDead = async (
  change: Omit<Change, 'ifMatch' | 'runtime'> & { readonly runtime: Pick<Runtime, 'database' | 'random' | 'log'> },
  channelId: string,
): Promise<void> => {
  try {
    await channelDied(change, channelId);
  } catch (error) {
    change.runtime.log({ level: 'warn', code: 'channelNotRetired', ...cause(error) });
  }
};
