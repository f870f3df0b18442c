/** What each function may touch and must be told, from the declarations alone: grants and environment are both made from this. */
import { isIncluded, OBJECT_RIGHTS, type ObjectRight, type ObjectUses } from '../../functions/data/object-store.ts';
import type { Right, Uses } from '../../functions/data/table.ts';
import { NOTIFICATION_SECRETS, PAYMENT_SECRETS } from '../../functions/kernel/secret-names.ts';
import type { VaultRight } from '../../functions/data/vault.ts';
import { OPERATIONS } from '../../functions/reference/operations.ts';
import { FACES, REACTIONS, SCHEDULES, TABLES } from '../declarations.ts';
import type { FunctionEntry } from '../bundle.ts';
import { kebab } from '../kebab.ts';

export interface FunctionNeeds {
  /** Tables by name. */
  readonly tables: Uses;
  /** Objects by the beginning of their keys. */
  readonly objects: ObjectUses;
  /** It verifies bearers itself, since no authorizer stands before all of its routes. */
  readonly issuer: boolean;
  /** It hands messages over to the city's gateway. */
  readonly messageGateway: boolean;
  /** What it answers or sends has links to the interface. */
  readonly links: boolean;
  /** It carries messages to people, by whatever its stage carries itself. */
  readonly carries: boolean;
  /** Secrets that others gave us, by the beginning of their names: of payment providers, of what carries messages. */
  readonly secrets: readonly string[];
  /** What it may do with keys that come and go. */
  readonly vault: readonly VaultRight[];
}

/** `write` includes the others; to read and to append is all that `write` is, but for changing, and nobody has asked for that yet. */
const union = (all: readonly Uses[]): Uses => {
  const rights = new Map<string, Right>();
  for (const [table, right] of all.flatMap((each) => Object.entries(each))) {
    const known = rights.get(table);
    const isRemoving = known === 'remove' || right === 'remove';
    rights.set(table, known === undefined || known === right ? right : isRemoving ? 'remove' : 'write');
  }
  return Object.fromEntries([...rights].toSorted(([a], [b]) => a.localeCompare(b)));
};

/** A domain's function holds idempotency records of every POST, and counters of limits, in its own table. */
const ownTable = (domain: string): Uses => {
  const table = TABLES[FACES[domain]?.domain ?? domain];
  const keepsRecords = (OPERATIONS[domain] ?? []).some(({ method, limit }) => method === 'POST' || limit !== undefined);
  return table === undefined || !keepsRecords ? {} : { [table.name]: 'write' };
};

const tablesOf = ({ kind, domain, name }: FunctionEntry): Uses => {
  switch (kind) {
    case 'api':
      return union([...(OPERATIONS[domain] ?? []).map(({ uses }) => uses), ownTable(domain)]);
    case 'relay':
      return {};
    case 'reaction':
      return union([REACTIONS.find((each) => each.name === name)?.uses ?? {}]);
    case 'schedule':
      return union([SCHEDULES.find((each) => kebab(each.name) === name)?.uses ?? {}]);
  }
};

/** The least that does for both. */
const bothOf = (one: ObjectRight, other: ObjectRight): ObjectRight =>
  OBJECT_RIGHTS.find((each) => isIncluded(one, each) && isIncluded(other, each)) ?? 'remove';

const objectUnion = (all: readonly (ObjectUses | undefined)[]): ObjectUses => {
  const rights = new Map<string, ObjectRight>();
  for (const [prefix, right] of all.flatMap((each) => Object.entries(each ?? {}))) {
    const known = rights.get(prefix);
    rights.set(prefix, known === undefined ? right : bothOf(known, right));
  }
  return Object.fromEntries([...rights].toSorted(([a], [b]) => a.localeCompare(b)));
};

const objectsOf = ({ kind, domain, name }: FunctionEntry): ObjectUses => {
  switch (kind) {
    case 'api':
      return objectUnion((OPERATIONS[domain] ?? []).map(({ objects }) => objects));
    case 'relay':
      return {};
    case 'reaction':
      return objectUnion([REACTIONS.find((each) => each.name === name)?.objects]);
    case 'schedule':
      return objectUnion([SCHEDULES.find((each) => kebab(each.name) === name)?.objects]);
  }
};

/** Whether a declaration of the function's says so. */
const says = ({ kind, domain, name }: FunctionEntry, flag: 'payments' | 'carries'): boolean => {
  switch (kind) {
    case 'api':
      return (OPERATIONS[domain] ?? []).some((each) => each[flag] === true);
    case 'relay':
      return false;
    case 'reaction':
      return REACTIONS.find((each) => each.name === name)?.[flag] === true;
    case 'schedule':
      return SCHEDULES.find((each) => kebab(each.name) === name)?.[flag] === true;
  }
};

const vaultRightsOf = ({ kind, domain, name }: FunctionEntry): readonly VaultRight[] => {
  const declared = {
    api: () => (OPERATIONS[domain] ?? []).map(({ vault }) => vault),
    relay: () => [],
    reaction: () => [REACTIONS.find((each) => each.name === name)?.vault],
    schedule: () => [SCHEDULES.find((each) => kebab(each.name) === name)?.vault],
  }[kind]();
  return [...new Set(declared.filter((right) => right !== undefined))];
};

/** The domain through which messages leave; no other has the gateway's address. */
const MESSAGING_DOMAIN = 'notifications';

export const functionNeeds = (entry: FunctionEntry): FunctionNeeds => ({
  tables: tablesOf(entry),
  objects: objectsOf(entry),
  issuer: entry.kind === 'api' && (OPERATIONS[entry.domain] ?? []).some(({ access }) => access === 'optional'),
  messageGateway: entry.domain === MESSAGING_DOMAIN && entry.kind !== 'relay',
  links: entry.kind === 'api' || (entry.domain === MESSAGING_DOMAIN && entry.kind !== 'relay'),
  carries: says(entry, 'carries'),
  secrets: [...(says(entry, 'payments') ? [PAYMENT_SECRETS] : []), ...(says(entry, 'carries') ? [NOTIFICATION_SECRETS] : [])],
  vault: vaultRightsOf(entry),
});
