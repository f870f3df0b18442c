/**
 * What a table is, as plain data. Four readers take it from here: CDK, the client, the local engine, and the relay with the rules on
 * personal data.
 */

/** How far an attribute concerns a person. Masking, export, erasure, log redaction and events read this. */
export type Personal = 'none' | 'identity' | 'contact' | 'sensitive';

export interface AttributeDescription {
  readonly personal: Personal;
  /** How long it is kept: `entity` as long as its item; a number of days; for personal attributes this is a promise. */
  readonly keptDays: number | 'entity';
}

export interface IndexDescription {
  readonly partition: string;
  readonly sort: string;
  /** `keys` projects the keys only; a list projects these attributes beside them. */
  readonly project: 'keys' | readonly string[];
}

/** Items of one kind become events: the relay knows them by the prefix of their partition key, and by their sort key where it is given. */
export interface EntityDescription {
  /** The CloudEvent's noun, `serviceRequest`. */
  readonly noun: string;
  readonly partitionPrefix: string;
  readonly sortKey?: string;
  /** The attribute that names what happened last (`resolved`), and the one that counts changes. */
  readonly change: string;
  readonly version: string;
  /** The attribute by which events name it, where its key is personal; the key without one. */
  readonly known?: string;
}

export interface TableDescription {
  /** lowerCamelCase, one per domain; names of functions, grants and environment derive from it. */
  readonly name: string;
  /** Every table has the same key names, `pk` and `sk`, both strings. */
  readonly indexes: Readonly<Record<string, IndexDescription>>;
  /** The attribute that holds the moment (EpochSeconds) after which DynamoDB may delete an item; readers filter on it. */
  readonly ttl?: string;
  readonly attributes: Readonly<Record<string, AttributeDescription>>;
  readonly entities: readonly EntityDescription[];
  /** The index that finds everything held on one person by their `sub`, where there is one. */
  readonly personIndex?: string;
}

/** What every item has that is changed on condition of its version, and told of. */
export const changeAttributes = {
  version: { personal: 'none', keptDays: 'entity' },
  /** What happened last: the second half of the event's type. */
  change: { personal: 'none', keptDays: 'entity' },
  changedAt: { personal: 'none', keptDays: 'entity' },
  /** The HTTP request that wrote this version. */
  requestId: { personal: 'none', keptDays: 'entity' },
} as const satisfies Record<string, AttributeDescription>;

/** DynamoDB's limits of non-key attributes, which local engines do not know. */
const MOST_PROJECTED_BY_INDEX = 20;
const MOST_PROJECTED = 100;

/**
 * What a declaration may do with a table: `append` adds items and neither reads nor changes any; `write` reads, adds and changes; `remove` takes
 * items away, too.
 */
export type Right = 'read' | 'append' | 'write' | 'remove';
export type Uses = Readonly<Record<string, Right>>;

/** Declares a table; fails at once where a part names an attribute that is not declared. */
export const table = <const T extends TableDescription>(description: T): T => {
  const known = new Set(['pk', 'sk', ...Object.keys(description.attributes)]);
  const named = [
    ...Object.values(description.indexes).flatMap((index) => [
      index.partition,
      index.sort,
      ...(index.project === 'keys' ? [] : index.project),
    ]),
    ...description.entities.flatMap((entity) => [entity.change, entity.version, ...(entity.known === undefined ? [] : [entity.known])]),
    ...(description.ttl === undefined ? [] : [description.ttl]),
  ];
  const missing = named.filter((name) => !known.has(name));
  if (missing.length > 0) throw new Error(`table ${description.name}: declare the attributes ${[...new Set(missing)].join(', ')}`);
  const projected = Object.values(description.indexes).map((index) => (index.project === 'keys' ? 0 : index.project.length));
  if (projected.some((count) => count > MOST_PROJECTED_BY_INDEX) || projected.reduce((sum, count) => sum + count, 0) > MOST_PROJECTED) {
    throw new Error(
      `table ${description.name}: DynamoDB projects ${MOST_PROJECTED_BY_INDEX} attributes an index and ${MOST_PROJECTED} a table at most`,
    );
  }
  if (description.personIndex !== undefined && !(description.personIndex in description.indexes)) {
    throw new Error(`table ${description.name}: personIndex names no index, ${description.personIndex}`);
  }
  return description;
};
