import type pg from "pg";

/** How long reads of a mart took while something else went on: how many there were, and the longest. */
export type Read = { readonly reads: number; readonly most_ms: number };

/** Reads a mart over a connection of its own, one read after the other, for as long as `work` runs. */
export async function whileReading<T>(pool: pg.Pool, sql: string, work: () => Promise<T>): Promise<{ done: T; read: Read }> {
  const client = await pool.connect();
  try {
    await client.query(sql); // The first one plans.
    const state = { over: false };
    const reading = readUntil(client, sql, state);
    const done = await work().finally(() => {
      state.over = true;
    });
    return { done, read: await reading };
  } finally {
    client.release();
  }
}

async function readUntil(client: pg.PoolClient, sql: string, state: { readonly over: boolean }): Promise<Read> {
  let [reads, most_ms] = [0, 0];
  while (!state.over) {
    const began_ms = performance.now();
    await client.query(sql);
    most_ms = Math.max(most_ms, performance.now() - began_ms);
    reads += 1;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  return { reads, most_ms: Number(most_ms.toFixed(1)) };
}
