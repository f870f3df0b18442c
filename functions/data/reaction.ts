/** Declares what a domain does when something happened: one rule on the bus and one function. */
import type { ObjectUses } from './object-store.ts';
import type { Uses } from './table.ts';
import type { VaultRight } from './vault.ts';

/** What the relay puts on the bus: CloudEvents 1.0 in structured mode, as the detail of an EventBridge event. */
export interface CloudEvent<Data = Record<string, unknown>> {
  readonly specversion: '1.0';
  /** `<subject>:<version>`, so that who sees it twice knows. */
  readonly id: string;
  /** `linli/<table>`. */
  readonly source: string;
  /** `<noun>.<what happened>`, `serviceRequest.resolved`. */
  readonly type: string;
  /** The entity's partition key, `REQUEST#…`; where that is personal, the same with what the entity is known by instead. */
  readonly subject: string;
  /** RFC 3339: the moment of the change. */
  readonly time: string;
  readonly datacontenttype: 'application/json';
  readonly data: {
    readonly version: number;
    /** Names of those of its attributes that differ from the version before. */
    readonly changed: readonly string[];
    /** The new image's attributes that are not personal, and the personal ones that this reaction's declaration asks for. */
    readonly item: Data;
  };
}

export interface ReactionDeclaration {
  /** kebab-case, unique in the system: `tell-responsible`. */
  readonly name: string;
  /** The domain whose folder holds it; the function's code is `functions/<domain>/<name>.ts`. */
  readonly domain: string;
  /** Exact event types, `serviceRequest.escalated`. */
  readonly on: readonly string[];
  /** Only changes of one of these attributes: no other need wake it. */
  readonly changing?: readonly string[];
  /** Personal attributes that the event must carry for it. */
  readonly needs: readonly string[];
  /** Tables that it may touch: name → right. */
  readonly uses: Uses;
  /** Objects that it may touch: the beginning of their keys → right. */
  readonly objects?: ObjectUses;
  /** It speaks to payment providers, and may know their keys. */
  readonly payments?: true;
  /** It carries messages to people, and may know the keys of what carries them. */
  readonly carries?: true;
  /** What it may do with keys that come and go. */
  readonly vault?: VaultRight;
  /** Its event is not a change of a table but an object that somebody has put, through a link, under a key that begins so. */
  readonly uploads?: string;
  /** What it gets to work with; `large` for what goes through much at once: a whole core, and five minutes. */
  readonly size?: 'large';
}

/** What the event of an object says; its subject is the object's key. At least once, as all of them. */
export interface Uploaded {
  readonly key: string;
}

/** The source of such events, which come from no table. */
export const OBJECTS_SOURCE = 'linli/objects';

/** Which events a reaction is for, as a rule of the bus says it. */
export const patternOf = ({ on, changing }: Pick<ReactionDeclaration, 'on' | 'changing'>) => ({
  'detail-type': on,
  ...(changing === undefined ? {} : { detail: { data: { changed: changing } } }),
});

/** Declares a reaction. */
export const reaction = <const R extends ReactionDeclaration>(declaration: R): R => declaration;
