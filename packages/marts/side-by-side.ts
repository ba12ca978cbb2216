import type { Executor } from "@jukebase/platform/executor.ts";
import type { Costed, Way } from "./bucket-ways.ts";
import { definitionOf } from "./plan.ts";
import { listed } from "./quote.ts";
import type { Built } from "./registry.ts";
import { inStore } from "./store.ts";

/** Planning this many branches takes a few milliseconds; more would take longer than they save. */
const buckets_max = 64;

/** Below this cost (the server's units: about so many rows looked at) workers take longer to start than they save. */
const cost_min = 5_000;

/**
 * What was found best, or a branch for each bucket: branches with constants can be shared out among the server's parallel
 * workers, which a query that reads the temporary table of buckets cannot. Looked at only for a few buckets that cost much.
 */
export async function orSideBySide(db: Executor, mart: Built, best: Costed, buckets: number): Promise<Way> {
  // Not weighed by its plan's cost: planning so many branches twice would take longer than what it tells.
  if (buckets < 2 || buckets > buckets_max || best.cost < cost_min) return best.way;
  // Where one pass over what is read is the better way, no index leads to a bucket: each branch would make that pass of its own.
  return best.way.name === "one by one" ? sideBySide(db, mart) : best.way;
}

/** A branch for each bucket in `dirty`, with its values as constants. */
export async function sideBySide(db: Executor, mart: Built): Promise<Way> {
  const types = await db.query<Record<string, string>>(
    `select ${mart.bucket.map((column, n) => `pg_typeof(${listed([column])})::text as type_${n}`).join(", ")} from dirty limit 1`,
  );
  const rows = await db.query<Record<string, string | null>>(
    `select ${mart.bucket.map((column, n) => `${listed([column])}::text as value_${n}`).join(", ")} from dirty`,
  );
  const values: string[] = [];
  const testOf = (row: Readonly<Record<string, string | null>>, column: string, n: number): string => {
    const value = row[`value_${n}`];
    if (value === null || value === undefined) return `${listed([column], "found")} is null`;
    values.push(value);
    return `${listed([column], "found")} = $${values.length}::${types[0]?.[`type_${n}`]}`;
  };
  const branches = rows.map(
    (row) => `
    select ${listed(mart.columns, "found")}
    from ${inStore(definitionOf(mart))} as found
    where ${mart.bucket.map((column, n) => testOf(row, column, n)).join(" and ")}`,
  );
  return { name: "side by side", sql: branches.join("\n    union all"), values };
}
