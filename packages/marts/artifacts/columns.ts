import type { Mask } from "@jukebase/platform/mart.ts";
import type { Relation } from "./relations.ts";

/** A constraint as the manifest writes it. */
export type Constraint = {
  readonly type: "primary_key" | "not_null" | "foreign_key";
  readonly columns?: readonly string[];
  readonly to?: string;
  readonly to_columns?: readonly string[];
  readonly warn_unenforced: false;
};

/** A column of the manifest. */
export type ColumnNode = {
  readonly name: string;
  readonly description: string;
  readonly meta: Readonly<Record<string, unknown>>;
  readonly data_type: string | null;
  readonly constraints: readonly Constraint[];
  readonly quote: null;
  readonly config: { readonly meta: Readonly<Record<string, unknown>>; readonly tags: readonly string[] };
  readonly tags: readonly string[];
};

/** A described column with what Postgres, and the mart, say of it. */
export type DescribedColumn = {
  readonly name: string;
  readonly description: string;
  readonly constraints?: readonly Constraint[];
  readonly mask?: Mask | undefined;
};

/** Columns by name, in order; `relation` gives their types, null where it is not built yet. */
export function columnNodes(
  columns: readonly DescribedColumn[],
  relation: Relation | undefined,
): Readonly<Record<string, ColumnNode>> {
  const types = new Map(relation?.columns.map(({ name, type }) => [name, type]));
  return Object.fromEntries(columns.map((column) => [column.name, columnNode(column, types.get(column.name) ?? null)]));
}

/** The columns of a relation that nothing but its comments describes. */
export function commentedColumns(relation: Relation): DescribedColumn[] {
  return relation.columns.map(({ name, comment }) => ({ name, description: comment ?? "" }));
}

function columnNode({ name, description, constraints = [], mask }: DescribedColumn, data_type: string | null): ColumnNode {
  const meta = mask === undefined ? {} : { sensitive: true, masked_as: mask.as };
  const tags = mask === undefined ? [] : ["sensitive"];
  return { name, description, meta, data_type, constraints, quote: null, config: { meta, tags }, tags };
}
