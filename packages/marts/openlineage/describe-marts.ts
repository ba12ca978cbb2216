import type { Executor } from "@jukebase/platform/executor.ts";
import type { Mart } from "@jukebase/platform/mart.ts";
import { type RelationColumn, relationsIn } from "../artifacts/relations.ts";
import { columnsOf } from "../define-mart.ts";
import { readMartSelect } from "../mart-select.ts";

/** What a column of a mart is made of; the form of `columnLineage`. */
export type ColumnOrigins = {
  readonly mart: string;
  readonly column: string;
  readonly from: readonly {
    readonly relation: string;
    readonly column: string;
    readonly how: "same" | "computed" | "condition";
  }[];
};

/** What an event tells of a mart besides its run: its SELECT, what it reads, its columns and what these are made of. */
export type DescribedMart = {
  readonly schema: string;
  readonly name: string;
  readonly sql: string;
  /** `schema.relation`, in order. */
  readonly reads: readonly string[];
  readonly columns: readonly (Pick<RelationColumn, "name" | "index"> & {
    readonly type: string | undefined;
    readonly description: string;
    /** Readers without the right see something else in its place. */
    readonly sensitive: boolean;
  })[];
  readonly origins: readonly ColumnOrigins[];
};

/** Describes marts by name, with types where they are built; `origins` are what the database's lineage of columns says. */
export async function describeMarts(
  db: Executor,
  marts: readonly Mart[],
  origins: readonly ColumnOrigins[],
): Promise<ReadonlyMap<string, DescribedMart>> {
  const relations = new Map((await relationsIn(db, ["marts"])).map((relation) => [relation.name, relation.columns]));
  const described = await Promise.all(
    marts.map(async (mart) => {
      const types = new Map(relations.get(mart.name)?.map(({ name, type }) => [name, type]));
      const columns = columnsOf(mart).map(({ name, description }, place) => {
        return { name, index: place + 1, type: types.get(name), description, sensitive: name in (mart.sensitive ?? {}) };
      });
      const { text: sql } = await readMartSelect(mart);
      return {
        schema: "marts",
        name: mart.name,
        sql,
        reads: Object.keys(mart.reads).sort(),
        columns,
        origins: originsOf(mart.name, origins),
      };
    }),
  );
  return new Map(described.map((one) => [one.name, one]));
}

/** The same mart in the environment of a schema: there it reads the marts of its own. */
export function inEnvironment(mart: DescribedMart, schema: string): DescribedMart {
  const there = (relation: string): string => relation.replace(/^marts\./, `${schema}.`);
  const origins = mart.origins.map((one) => ({
    ...one,
    from: one.from.map((from) => ({ ...from, relation: there(from.relation) })),
  }));
  return { ...mart, schema, reads: mart.reads.map(there), origins };
}

function originsOf(name: string, origins: readonly ColumnOrigins[]): ColumnOrigins[] {
  return origins.filter(({ mart }) => mart === name);
}
