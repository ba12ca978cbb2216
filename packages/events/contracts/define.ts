import type { EventContract, Reference } from "@jukebase/platform/contract.ts";
import { columnsFrom } from "./columns.ts";
import { type Normalisable, normaliserOf } from "./normalise.ts";
import { jsonPath, type Leaf, senderSchema } from "./shape.ts";
import { type Version, type VersionDefinition, versionsOf } from "./version.ts";
import { selectOf } from "./view.ts";

/** Counts up when these field builders normalise the same body differently; stored with every event. */
export const NORMALISER = 1;

/** An event type as a domain writes it down. */
export type EventDefinition = {
  readonly type: string;
  readonly description: string;
  /** View column of the id of the thing spoken of. */
  readonly naturalKey: string;
  /** Whom PII in the body tells of; required where a field is personal. */
  readonly subject?: { readonly kind: string; readonly field: string };
  readonly needs?: readonly Reference[];
  readonly refers?: readonly Reference[];
  /** A field that some senders put the whole body under. */
  readonly unwrap?: string;
  /** The field that says when it happened; `OccurredAt` unless told. */
  readonly occurredAt?: string;
  readonly versions: Readonly<Record<number, VersionDefinition>>;
};

/** Makes a contract of a definition. Throws for a definition that contradicts itself, at start-up. */
export const defineEvent = (definition: EventDefinition): EventContract => {
  const versions = versionsOf(definition.versions);
  const [newest] = versions;
  if (newest === undefined) throw new Error(`${definition.type} has no version`);
  const occurredAt = definition.occurredAt ?? "OccurredAt";
  const { type, description, naturalKey, subject, needs = [], refers = [], unwrap: wrapper } = definition;
  const columns = columnsFrom(newest.leaves, occurredAt);
  const normalisable: Normalisable = { type, versions, wrapper, occurredAt, subject };
  assertSound(definition, versions, new Set(columns.map(({ name }) => name)));
  const at = (number = newest.number): Version => {
    const version = versions.find((candidate) => candidate.number === number);
    if (version === undefined) throw new RangeError(`${type} has no version ${number}`);
    return version;
  };
  return {
    type,
    description,
    version: newest.number,
    versions: versions.map(({ number }) => number).reverse(),
    columns,
    needs,
    refers,
    naturalKey,
    normaliser: NORMALISER,
    schema: (number) => senderSchema(at(number).fields, wrapper),
    rules: (number) => at(number).leaves.map((leaf) => ruleLine(leaf, at(number))),
    normalise: normaliserOf(normalisable),
    upcast: (data, from) => raise(versions, data, from),
    select: (relation) => selectOf({ type, versions, columns }, relation),
  };
};

const ruleLine = ({ path, required, rule }: Leaf, version: Version) => ({
  path: jsonPath(path),
  required: required && groupsAreRequired(path, version),
  rule: rule.rule,
  pii: rule.pii !== undefined,
});

const groupsAreRequired = (path: readonly string[], { shape }: Version): boolean => {
  const [first, ...rest] = path;
  const node = first === undefined ? undefined : shape.get(first);
  return rest.length === 0 || (node?.required === true && node.kind === "group" && groupsAreRequired(rest, { shape: node.shape } as Version));
};

const raise = (versions: readonly Version[], data: Record<string, unknown>, from: number): Record<string, unknown> =>
  versions
    .filter(({ number }) => number > from)
    .reduceRight((raised, { upcast }) => upcast?.(raised) ?? raised, data);

const assertSound = (definition: EventDefinition, versions: readonly Version[], columns: ReadonlySet<string>): void => {
  const named = [definition.naturalKey, ...[...(definition.needs ?? []), ...(definition.refers ?? [])].map(({ column }) => column)];
  for (const column of named) assert(columns.has(column), `${definition.type} has no view column ${column}`);
  assert(/^[A-Za-z][A-Za-z0-9._-]*$/.test(definition.type), `${definition.type} is not a plain event type`);
  for (const { leaves } of versions) for (const leaf of leaves) assertLeaf(definition, leaf, leaves);
};

const assertLeaf = (definition: EventDefinition, leaf: Leaf, leaves: readonly Leaf[]): void => {
  const where = `${definition.type} ${jsonPath(leaf.path)}`;
  const beside = (name: string) => leaves.some(({ path }) => jsonPath(path) === jsonPath([...leaf.path.slice(0, -1), name]));
  assert(leaf.path.every((name) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name)), `${where} is not a plain name`);
  assert(leaf.rule.pii === undefined || definition.subject !== undefined, `${where} is personal, so the contract needs a subject`);
  assert(leaf.rule.currencyField === undefined || beside(leaf.rule.currencyField), `${where} needs its currency field beside it`);
  assert(leaf.rule.leaves === undefined || (leaf.path.length === 1 && beside(leaf.rule.leaves.field)), `${where} leaves an unknown field`);
};

const assert = (holds: boolean, message: string): void => {
  if (!holds) throw new Error(message);
};
