import { changePerson, type Change } from './change-person.ts';
import { withDeadChannel } from './person.ts';
import { ok } from '../kernel/result.ts';

/** Retires a channel whose address is nobody's any more, and every entry that names it. Harmless where that is done, or the channel gone; throws where others keep changing the person. */
export const channelDied = async (change: Omit<Change, 'ifMatch'>, channelId: string): Promise<void> => {
  const done = await changePerson(change, (person) => ok({ person: withDeadChannel(person, channelId, change.now) }));
  if (!done.ok) throw new Error('a dead channel was not retired: its owner’s item keeps changing');
};
