import { readFile } from "node:fs/promises";
import type { Jukebase } from "@jukebase/domains/open.ts";
import { type ColumnLineage, columnLineage } from "@jukebase/marts/lineage/columns.ts";
import { martsInReach } from "@jukebase/marts/lineage/marts-in-reach.ts";
import { relationsIn } from "@jukebase/marts/lineage/relations.ts";
import type { Executor, Mart } from "@jukebase/platform";

/** A column as people read of it: its type in the database, and whence and whither its values go. */
export type ColumnFacts = {
  readonly name: string;
  readonly type: string;
  readonly description: string;
  readonly origin: ColumnLineage | undefined;
  /** Columns of other marts that are it, or are made of it. */
  readonly usedBy: readonly { readonly mart: string; readonly column: string }[];
};

/** The columns of a mart, in the order in which it describes them. */
export async function columnFacts(
  db: Executor,
  { marts }: Pick<Jukebase, "marts">,
  {
    mart,
    columns,
  }: { readonly mart: Mart; readonly columns: readonly { readonly name: string; readonly description: string }[] },
): Promise<ColumnFacts[]> {
  const [view] = await relationsIn(db, "marts", "views", mart.name);
  const types = new Map(view?.columns.map(({ name, type }) => [name, type]));
  const lineage = await columnLineage(db, martsInReach(marts, { mart: mart.name, direction: "downstream", depth: 1 }));
  const uses = usesOf(lineage, `marts.${mart.name}`);
  return columns.map(({ name, description }) => ({
    name,
    type: types.get(name) ?? "not built",
    description,
    origin: lineage.find((one) => one.mart === mart.name && one.column === name),
    usedBy: uses.get(name) ?? [],
  }));
}

/** The text of the file that the mart is. */
export async function sqlOf({ file }: Mart): Promise<string> {
  return (await readFile(file, "utf8")).trim();
}

function usesOf(lineage: readonly ColumnLineage[], relation: string): ReadonlyMap<string, ColumnFacts["usedBy"]> {
  const uses = new Map<string, { mart: string; column: string }[]>();
  for (const { mart, column, from } of lineage) {
    for (const origin of from) {
      if (origin.relation !== relation || origin.how === "condition") continue;
      uses.set(origin.column, [...(uses.get(origin.column) ?? []), { mart, column }]);
    }
  }
  return uses;
}
