import type { Executor } from "@jukebase/platform/executor.ts";
import { definitionOf } from "./plan.ts";
import { listed } from "./quote.ts";
import type { Built } from "./registry.ts";
import { inStore } from "./store.ts";

/** One way to compute the buckets in the temporary table `dirty`: a query that gives the mart's columns. */
export type Way = { readonly name: string; readonly sql: string; readonly values: readonly unknown[] };

/**
 * Bucket by bucket: the equality reaches into the grouped subquery (`offset 0` keeps it from becoming a join), so an index on what
 * the bucket is made of is used.
 */
export function oneByOne(mart: Built): Way {
  const sql = bothHalves(mart, (buckets, same) => `
    select ${listed(mart.columns, "computed")}
    from ${buckets} as bucket
    cross join lateral (
      select *
      from ${inStore(definitionOf(mart))} as found
      where ${sameBucket(mart, "found", "bucket", same)}
      offset 0
    ) as computed`);
  return { name: "one by one", sql, values: [] };
}

/** All buckets in one pass over what is read, restricted to the values that occur in any dirty bucket. */
export async function together(db: Executor, mart: Built): Promise<Way> {
  const facts = mart.bucket.map((column, n) => `
    array_agg(distinct ${listed([column])}) filter (where ${listed([column])} is not null)::text as values_${n},
    pg_typeof(array_agg(${listed([column])}))::text as type_${n},
    coalesce(bool_or(${listed([column])} is null), false) as null_${n}`);
  const [row = {}] = await db.query<Record<string, string | boolean | null>>(`select ${facts.join(", ")} from dirty`);
  const restriction = mart.bucket.map((column, n) => {
    const among = `${listed([column], "found")} = any ($${n + 1}::${row[`type_${n}`]})`;
    return row[`null_${n}`] === true ? `(${among} or ${listed([column], "found")} is null)` : among;
  });
  const sql = `
    select ${listed(mart.columns, "computed")}
    from (
      select *
      from ${inStore(definitionOf(mart))} as found
      where ${restriction.join(" and ")}
      offset 0
    ) as computed
    where exists (
      select
      from dirty as bucket
      where ${sameBucket(mart, "computed", "bucket", "is not distinct from")}
    )`;
  return { name: "together", sql, values: mart.bucket.map((_, n) => row[`values_${n}`] ?? "{}") };
}

/** Everything, for when most is dirty or nothing can be restricted. */
export function wholly(mart: Built): Way {
  return { name: "from the whole", sql: `select ${listed(mart.columns)} from ${inStore(definitionOf(mart))}`, values: [] };
}

/** The way whose plan costs least, by the server's own reckoning. */
export async function cheapest(db: Executor, ways: readonly [Way, ...Way[]]): Promise<Way> {
  let best = { way: ways[0], cost: Number.POSITIVE_INFINITY };
  for (const way of ways) {
    const cost = await costOf(db, way);
    if (cost < best.cost) best = { way, cost };
  }
  return best.way;
}

/** The store's rows in dirty buckets, whatever the definition says of them now. */
export function rowsInDirtyBuckets(mart: Built): string {
  return bothHalves(mart, (buckets, same) => `
    select ${listed(mart.columns, "kept")}
    from ${buckets} as bucket
    join ${inStore(mart.store)} as kept on ${sameBucket(mart, "kept", "bucket", same)}`);
}

// Only "=" finds its way into an index or a hash join, and only "is not distinct from" finds null: so each has its half of the
// buckets, and the second is usually empty.
function bothHalves(mart: Built, half: (buckets: string, same: string) => string): string {
  const hasNull = mart.bucket.map((column) => `${listed([column])} is null`).join(" or ");
  return `
    ${half(`(select * from dirty where not (${hasNull}))`, "=")}
    union all
    ${half(`(select * from dirty where ${hasNull})`, "is not distinct from")}`;
}

function sameBucket(mart: Built, left: string, right: string, same: string): string {
  return mart.bucket.map((column) => `${listed([column], left)} ${same} ${listed([column], right)}`).join(" and ");
}

async function costOf(db: Executor, way: Way): Promise<number> {
  const [row] = await db.query<{ "QUERY PLAN": unknown }>(`explain (format json) ${way.sql}`, way.values);
  const plan = row?.["QUERY PLAN"];
  const [top] = (typeof plan === "string" ? JSON.parse(plan) : plan) as [{ Plan: { "Total Cost": number } }];
  return top.Plan["Total Cost"];
}
