/** Pictures of requests and of comments: how they are shown. */
import type { MediaView } from '../http/media.ts';
/** How each is shown, by its id. */
export type Pictures = ReadonlyMap<string, MediaView>;

export const picturesById = (views: readonly MediaView[]): Pictures => new Map(views.map((view) => [view.id, view]));
