/** Pictures of requests and of comments: whether they may be attached, and how they are shown. */
import type { MediaView } from '../http/media.ts';
import type { FieldError } from '../http/problem.ts';
import type { Texts } from '../kernel/texts.ts';
import type { EpochMs } from '../kernel/time.ts';
import { whyNotAttachable, type Media } from '../media/reader.ts';

const NAMED_TWICE: Texts = { 'zh-CN': '重复出现', en: 'is named twice' };

/** What is wrong with each picture, by its place in the list. */
export const mediaErrors = (
  ids: readonly string[],
  found: readonly (Media | undefined)[],
  sub: string,
  now: EpochMs,
): readonly FieldError[] =>
  ids.flatMap((id, index) => {
    const message = ids.indexOf(id) < index ? NAMED_TWICE : whyNotAttachable(found[index], sub, now);
    return message === undefined ? [] : [{ path: `media.${index}`, message }];
  });

/** How each is shown, by its id. */
export type Pictures = ReadonlyMap<string, MediaView>;

export const picturesById = (views: readonly MediaView[]): Pictures => new Map(views.map((view) => [view.id, view]));
