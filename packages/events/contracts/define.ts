import type { ContractColumn, ContractVersion, EventContract, Reference } from "@jukebase/platform/contract.ts";
import { assertSound } from "./assert-sound.ts";
import { columnsFrom } from "./columns.ts";
import { detailsOf } from "./details.ts";
import { type Normalisable, normaliserOf } from "./normalise.ts";
import { jsonPath, type Leaf, senderSchema } from "./shape.ts";
import { areValues, spareFrom } from "./spare.ts";
import { strangersIn } from "./unknown.ts";
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
  const details = new Map(versions.map((version) => [version.number, detailsOf(version, columns)]));
  const sparing = { wrapper, keys: keysOf(definition, columns, occurredAt) };
  return {
    type,
    description,
    version: newest.number,
    versions: versions.map(({ number }) => number).reverse(),
    columns,
    needs,
    refers,
    naturalKey,
    subject,
    normaliser: NORMALISER,
    schema: (number) => senderSchema(at(number).fields, wrapper),
    rules: (number) => at(number).leaves.map(ruleLine),
    normalise: normaliserOf(normalisable),
    details: (number) => details.get(at(number).number) as ContractVersion,
    breaksByValue: (body, number, issues) => areValues(body, at(number), issues, sparing),
    spare: (body, number, issues) => spareFrom(body, at(number), issues, sparing),
    strangers: (unknown, number) => strangersIn(unknown, at(number).shape, wrapper),
    upcast: (data, from) => raise(versions, data, from),
    select: (relation) => selectOf({ type, versions, columns }, relation),
  };
};

const ruleLine = ({ path, demanded, rule }: Leaf) => ({
  path: jsonPath(path),
  required: demanded,
  rule: rule.rule,
  pii: rule.pii !== undefined,
});

// Without these nobody could tell what an event speaks of, when, and what it waits for.
const keysOf = (
  { naturalKey, subject, needs = [] }: EventDefinition,
  columns: readonly ContractColumn[],
  occurredAt: string,
): ReadonlySet<string> => {
  const named = new Set([naturalKey, ...needs.map(({ column }) => column)]);
  const paths = columns.filter(({ name }) => named.has(name)).map(({ path }) => jsonPath(path));
  return new Set([...paths, jsonPath([occurredAt]), ...(subject === undefined ? [] : [jsonPath([subject.field])])]);
};

const raise = (versions: readonly Version[], data: Record<string, unknown>, from: number): Record<string, unknown> =>
  versions.filter(({ number }) => number > from).reduceRight((raised, { upcast }) => upcast?.(raised) ?? raised, data);
