import type { FieldError } from '../http/problem.ts';
import { channelOf, type Person } from './person.ts';

/** Channels that are named and are none of the person's, as wrong fields; whether somebody else has them is not told. */
export const foreignChannels = (person: Person, named: readonly string[], path: string): readonly FieldError[] =>
  named.flatMap((id, index) =>
    channelOf(person, id) === undefined
      ? [{ path: `${path}.${index}`, message: { 'zh-CN': '不是您的通知渠道', en: 'is no channel of yours' } }]
      : [],
  );
