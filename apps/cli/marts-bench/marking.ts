import type pg from "pg";

const batch = 5_000;

/** What it costs writers that a rollup is marked: the time of the same inserts with and without the marks, as a ratio. */
export type MarkingCost = { readonly plain_ms: number; readonly marked_ms: number; readonly ratio: number };

/**
 * Inserts the same rows, batch by batch and in turn, into the table that a rollup reads and into one without any mart that is otherwise the
 * same, heap and indexes packed alike. The rows are taken back afterwards.
 */
export async function markingCost(pool: pg.Pool, batches: number): Promise<MarkingCost> {
  await pool.query("create table bench.plain_sale (like bench.sale including all)");
  await pool.query("insert into bench.plain_sale select sale_id, sold_at, product_id, amount from bench.sale");
  for (const table of ["bench.plain_sale", "bench.sale"]) await pool.query(`vacuum (full, analyze) ${table}`);
  await pool.query("checkpoint");
  const times = { plain: 0, marked: 0 };
  for (let n = 0; n < batches; n += 1) {
    const order = n % 2 === 0 ? (["plain", "marked"] as const) : (["marked", "plain"] as const);
    for (const way of order) times[way] += await insertBatch(pool, way === "plain" ? "bench.plain_sale" : "bench.sale", n);
  }
  await pool.query("drop table bench.plain_sale");
  await pool.query("delete from bench.sale where sale_id >= $1", [firstId]);
  return {
    plain_ms: Math.round(times.plain),
    marked_ms: Math.round(times.marked),
    ratio: Number((times.marked / times.plain).toFixed(3)),
  };
}

const firstId = 1_000_000_000;

// The newest days, as events come in; each batch touches a few.
async function insertBatch(pool: pg.Pool, table: string, n: number): Promise<number> {
  const began_ms = performance.now();
  await pool.query(
    `insert into ${table}
     select $1::bigint + n, timestamptz '2025-12-20Z' + (n % 4320) * interval '1 minute', n % 50, n % 100
     from generate_series(0, $2::integer - 1) as n`,
    [firstId + n * batch, batch],
  );
  return performance.now() - began_ms;
}
