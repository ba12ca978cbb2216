import type { Executor } from "@jukebase/platform/executor.ts";
import type { Mart } from "@jukebase/platform/mart.ts";
import { type ForeignKey, type Relation, relationsIn } from "./relations.ts";

/** An entity-relationship diagram: tables with their columns, and which columns name rows of which table. */
export type Diagram = {
  readonly tables: readonly DiagramTable[];
  /** `from` holds values of `to`; many rows there may name one row here. */
  readonly links: readonly DiagramLink[];
};

/** A table in a diagram, by its full name. */
export type DiagramTable = {
  readonly name: string;
  readonly description: string;
  readonly columns: readonly {
    readonly name: string;
    readonly type: string;
    /** Part of the primary key, of a foreign key, or of both. */
    readonly key: "" | "PK" | "FK" | "PK FK";
    readonly nullable: boolean;
  }[];
};

/** A foreign key in a diagram. */
export type DiagramLink = {
  readonly name: string;
  readonly from: { readonly table: string; readonly columns: readonly string[] };
  readonly to: { readonly table: string; readonly columns: readonly string[] };
};

/** The tables of a schema, drawn from the foreign keys that the database holds; those that lead out of the schema are left away. */
export async function tablesDiagram(db: Executor, schema: string): Promise<Diagram> {
  return diagramOf(await relationsIn(db, schema, "tables"));
}

/** The marts and what they say to refer to; columns and types are those of the views that stand in the database. */
export async function martsDiagram(db: Executor, marts: readonly Mart[]): Promise<Diagram> {
  const views = new Map((await relationsIn(db, "marts", "views")).map((view) => [view.name, view]));
  const relations = marts.flatMap(({ name, description, key, references = [] }) => {
    const view = views.get(`marts.${name}`);
    if (view === undefined) return [];
    const foreignKeys = references.map(({ columns, mart, to }) => {
      return { name: `${name} refers to ${mart}`, columns, to: `marts.${mart}`, toColumns: to };
    });
    const columns = view.columns.map((column) => ({ ...column, nullable: false }));
    return [{ ...view, comment: description, columns, key, foreignKeys }];
  });
  return diagramOf(relations);
}

function diagramOf(relations: readonly Relation[]): Diagram {
  const names = new Set(relations.map(({ name }) => name));
  const kept = relations.map((relation) => ({
    ...relation,
    foreignKeys: relation.foreignKeys.filter(({ to }) => names.has(to)),
  }));
  return {
    tables: kept.map(tableOf),
    links: kept.flatMap(({ name, foreignKeys }) => foreignKeys.map((key) => linkOf(name, key))),
  };
}

function tableOf({ name, comment, columns, key, foreignKeys }: Relation): DiagramTable {
  const foreign = new Set(foreignKeys.flatMap((one) => one.columns));
  return {
    name,
    description: comment ?? "",
    columns: columns.map((column) => {
      const [primary, refers] = [key.includes(column.name), foreign.has(column.name)];
      const mark = primary && refers ? "PK FK" : primary ? "PK" : refers ? "FK" : "";
      return { name: column.name, type: column.type, key: mark, nullable: column.nullable };
    }),
  };
}

function linkOf(table: string, { name, columns, to, toColumns }: ForeignKey): DiagramLink {
  return { name, from: { table, columns }, to: { table: to, columns: toColumns } };
}
