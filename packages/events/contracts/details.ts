import type { ContractColumn, ContractField, ContractVersion } from "@jukebase/platform/contract.ts";
import { type Group, jsonPath, type Leaf, type Shape } from "./shape.ts";
import { schemaverOf, type Version } from "./version.ts";

/** A version laid open: its fields and groups in the order of the contract, with what they were built from. */
export const detailsOf = (version: Version, columns: readonly ContractColumn[]): ContractVersion => {
  const names = new Map(columns.map(({ path, name }) => [jsonPath(path), name]));
  return {
    version: version.number,
    schemaver: schemaverOf(version),
    fields: nodesOf(version.shape).map((node) => fieldOf(node, names)),
    invariants: (version.invariants ?? []).map(({ path, code, rule }) => ({ path, code, rule })),
    upcasts: version.upcast !== undefined,
  };
};

const nodesOf = (shape: Shape): (Leaf | Group)[] =>
  [...shape.values()].flatMap((node) => (node.kind === "leaf" ? [node] : [node, ...nodesOf(node.shape)]));

const fieldOf = (node: Leaf | Group, names: ReadonlyMap<string, string>): ContractField =>
  node.kind === "group"
    ? {
        path: node.place,
        required: node.required,
        form: { name: "group" },
        rule: "An object.",
        pii: undefined,
        column: undefined,
      }
    : {
        path: node.place,
        required: node.required,
        form: node.rule.form,
        rule: node.rule.rule,
        pii: node.rule.pii,
        column: names.get(node.place),
      };
