import type { Executor } from "@jukebase/platform/executor.ts";
import { definitionOf } from "./plan.ts";
import { listed } from "./quote.ts";
import type { Built } from "./registry.ts";
import { inStore } from "./store.ts";

/** Which columns of a bucket are null, in the order of the mart's bucket: one pattern per combination that occurs. */
export type NullPattern = readonly boolean[];

/** The combinations of null columns among the dirty buckets; nearly always one. */
export async function nullPatterns(db: Executor, mart: Built): Promise<NullPattern[]> {
  const tests = mart.bucket.map((column, n) => `${listed([column])} is null as null_${n}`).join(", ");
  const rows = await db.query<Record<string, boolean>>(
    `select distinct ${tests} from dirty order by ${mart.bucket.map((_, n) => n + 1).join(", ")}`,
  );
  return rows.map((row) => mart.bucket.map((_, n) => row[`null_${n}`] === true));
}

/** One way to compute the buckets in the temporary table `dirty`: a query that gives the mart's columns. */
export type Way = { readonly name: string; readonly sql: string; readonly values: readonly unknown[] };

/**
 * Bucket by bucket: the equality reaches into the grouped subquery (`offset 0` keeps it from becoming a join), so an index on what
 * the bucket is made of is used.
 */
export function oneByOne(mart: Built, patterns: readonly NullPattern[]): Way {
  const sql = perPattern(
    patterns,
    (pattern) => `
    select ${listed(mart.columns, "computed")}
    from (${bucketsOf(mart, pattern)}) as bucket
    cross join lateral (
      select *
      from ${inStore(definitionOf(mart))} as found
      where ${inBucket(mart, "found", pattern)}
      offset 0
    ) as computed`,
  );
  return { name: "one by one", sql, values: [] };
}

/** All buckets in one pass over what is read, restricted to the values that occur in any dirty bucket. */
export async function together(db: Executor, mart: Built, patterns: readonly NullPattern[]): Promise<Way> {
  const facts = mart.bucket.map(
    (column, n) => `
    array_agg(distinct ${listed([column])}) filter (where ${listed([column])} is not null)::text as values_${n},
    pg_typeof(array_agg(${listed([column])}))::text as type_${n}`,
  );
  const [row = {}] = await db.query<Record<string, string | null>>(`select ${facts.join(", ")} from dirty`);
  const restriction = mart.bucket.map((column, n) => {
    const among = `${listed([column], "found")} = any ($${n + 1}::${row[`type_${n}`]})`;
    return patterns.some((pattern) => pattern[n]) ? `(${among} or ${listed([column], "found")} is null)` : among;
  });
  const same = mart.bucket.map((column) => `${listed([column], "computed")} is not distinct from ${listed([column], "bucket")}`);
  const sql = `
    select ${listed(mart.columns, "computed")}
    from (
      select *
      from ${inStore(definitionOf(mart))} as found
      where ${restriction.join(" and ")}
      offset 0
    ) as computed
    where exists (select from dirty as bucket where ${same.join(" and ")})`;
  return { name: "together", sql, values: mart.bucket.map((_, n) => row[`values_${n}`] ?? "{}") };
}

/** Everything, for when most is dirty or nothing can be restricted. */
export function wholly(mart: Built): Way {
  return { name: "from the whole", sql: `select ${listed(mart.columns)} from ${inStore(definitionOf(mart))}`, values: [] };
}

/** A way, and what its plan costs by the server's own reckoning. */
export type Costed = { readonly way: Way; readonly cost: number };

/** The way whose plan costs least. */
export async function cheapest(db: Executor, ways: readonly [Way, ...Way[]]): Promise<Costed> {
  let best: Costed = { way: ways[0], cost: Number.POSITIVE_INFINITY };
  for (const way of ways) {
    const cost = await costOf(db, way);
    if (cost < best.cost) best = { way, cost };
  }
  return best;
}

/** All of the store's rows. */
export function rowsOf(mart: Built): string {
  return `select ${listed(mart.columns)} from ${inStore(mart.store)}`;
}

/** The store's rows in dirty buckets, whatever the definition says of them now. */
export function rowsInDirtyBuckets(mart: Built, patterns: readonly NullPattern[]): string {
  return perPattern(
    patterns,
    (pattern) => `
    select ${listed(mart.columns, "kept")}
    from (${bucketsOf(mart, pattern)}) as bucket
    join ${inStore(mart.store)} as kept on ${inBucket(mart, "kept", pattern)}`,
  );
}

// "is not distinct from" reaches no index and no hash join, "=" and "is null" do: so buckets with the same null columns go together.
function perPattern(patterns: readonly NullPattern[], query: (pattern: NullPattern) => string): string {
  return patterns.map(query).join("\n    union all");
}

function bucketsOf(mart: Built, pattern: NullPattern): string {
  const tests = mart.bucket.map((column, n) => `${listed([column])} is ${pattern[n] ? "" : "not "}null`);
  return `select ${listed(mart.bucket)} from dirty where ${tests.join(" and ")}`;
}

function inBucket(mart: Built, relation: string, pattern: NullPattern): string {
  const tests = mart.bucket.map((column, n) => {
    const name = listed([column], relation);
    return pattern[n] ? `${name} is null` : `${name} = ${listed([column], "bucket")}`;
  });
  return tests.join(" and ");
}

async function costOf(db: Executor, way: Way): Promise<number> {
  const [row] = await db.query<{ "QUERY PLAN": unknown }>(`explain (format json) ${way.sql}`, way.values);
  const plan = row?.["QUERY PLAN"];
  const [top] = (typeof plan === "string" ? JSON.parse(plan) : plan) as [{ Plan: { "Total Cost": number } }];
  return top.Plan["Total Cost"];
}
