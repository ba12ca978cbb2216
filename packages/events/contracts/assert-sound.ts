import type { EventDefinition } from "./define.ts";
import { jsonPath, type Leaf } from "./shape.ts";
import type { Version } from "./version.ts";

/** Refuses a contract that contradicts itself: columns that are not there, PII of nobody, an amount without a currency field. */
export const assertSound = (definition: EventDefinition, versions: readonly Version[], columns: ReadonlySet<string>): void => {
  const named = [
    definition.naturalKey,
    ...[...(definition.needs ?? []), ...(definition.refers ?? [])].map(({ column }) => column),
  ];
  for (const column of named) assert(columns.has(column), `${definition.type} has no view column ${column}`);
  assert(/^[A-Za-z][A-Za-z0-9._-]*$/.test(definition.type), `${definition.type} is not a plain event type`);
  for (const { leaves } of versions) for (const leaf of leaves) assertLeaf(definition, leaf, leaves);
};

const assertLeaf = (definition: EventDefinition, leaf: Leaf, leaves: readonly Leaf[]): void => {
  const where = `${definition.type} ${jsonPath(leaf.path)}`;
  const beside = (name: string) => leaves.some(({ path }) => jsonPath(path) === jsonPath([...leaf.path.slice(0, -1), name]));
  assert(
    leaf.path.every((name) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name)),
    `${where} is not a plain name`,
  );
  assert(
    leaf.rule.pii === undefined || definition.subject !== undefined,
    `${where} is personal, so the contract needs a subject`,
  );
  assert(leaf.rule.currencyField === undefined || beside(leaf.rule.currencyField), `${where} needs its currency field beside it`);
  assert(
    leaf.rule.leaves === undefined || (leaf.path.length === 1 && beside(leaf.rule.leaves.field)),
    `${where} leaves an unknown field`,
  );
};

const assert = (holds: boolean, message: string): void => {
  if (!holds) throw new Error(message);
};
