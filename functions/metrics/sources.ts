/** Everything that is counted. A domain that comes adds its source here; which events are reacted to, and what is shown, follow. */
import type { AnySource, Indicator } from './indicator.ts';
import { alerts } from './sources/alerts.ts';
import { care } from './sources/care.ts';
import { donations } from './sources/donations.ts';
import { communities, meals } from './sources/meals.ts';
import { rectifications } from './sources/rectifications.ts';
import { requests } from './sources/requests.ts';
import { surveys } from './sources/surveys.ts';

const EACH = [requests, rectifications, donations, alerts, surveys, care, communities, meals] as const;

export type SourceKind = (typeof EACH)[number]['kind'];

export const SOURCES: readonly AnySource<SourceKind>[] = EACH;

/** Each once, though several sources add to it. */
export const INDICATORS: readonly Indicator[] = [...new Set(SOURCES.flatMap(({ indicators }) => indicators))];

const BY_KIND: ReadonlyMap<string, AnySource> = new Map(SOURCES.map((each) => [each.kind, each]));
const BY_EVENT: ReadonlyMap<string, AnySource> = new Map(SOURCES.flatMap((each) => each.on.map((type) => [type, each])));
const BY_ID: ReadonlyMap<string, Indicator> = new Map(INDICATORS.map((each) => [each.id, each]));

/** The source of a fact's kind. */
export const sourceOf = (kind: string): AnySource => {
  const found = BY_KIND.get(kind);
  if (found === undefined) throw new Error(`no source counts ${kind}: has its line in sources.ts been removed?`);
  return found;
};

/** The source that reacts to events of that type. */
export const sourceOfEvent = (type: string): AnySource | undefined => BY_EVENT.get(type);

export const indicatorOf = (id: string): Indicator | undefined => BY_ID.get(id);
