import type { Executor } from "@jukebase/platform/executor.ts";
import { pgExecutor } from "@jukebase/platform/postgres.ts";
import { testDatabase } from "@jukebase/testing";
import pg from "pg";
import { afterAll, beforeAll, beforeEach } from "vitest";
import { refreshMarts } from "../refresh.ts";
import { createShop, dropShop } from "../sample-marts.ts";
import { refreshesOf } from "./history.ts";

/** The sample shop in a database of a test file's own, empty at the beginning of each test, and what the service's tests do with it. */
export type TestShop = {
  readonly pool: () => pg.Pool;
  readonly db: () => Executor;
  /** Event n is one sale, and its transaction says that the projection has read n: a mart at n has n sales. */
  readonly sell: (n: number) => Promise<void>;
  /** Refreshes units by their keys, one after another, as a worker does. */
  readonly refresh: (...keys: string[]) => Promise<unknown>;
  /** Outcome, reason, what was computed and how many rows changed, the newest first. */
  readonly history: (mart: string, n?: number) => Promise<unknown[][]>;
};

/** Opens it for the test file that calls this. */
export function testShop(): TestShop {
  let pool: pg.Pool;
  let drop = async (): Promise<void> => {};
  beforeAll(async () => {
    const database = await testDatabase();
    drop = () => database.drop();
    pool = new pg.Pool({ connectionString: database.url, max: 6, options: "-c timezone=UTC" });
    pool.on("connect", (client) => client.on("error", () => {})); // One test cuts a connection off.
  });
  afterAll(async () => {
    await pool?.end();
    await drop();
  });
  beforeEach(async () => {
    await dropShop(pool);
    await createShop(pool);
    await pool.query("delete from events.batch; delete from marts_store.refresh; delete from marts_store.refresh_run");
    await pool.query("insert into events.checkpoint (projection, seq) values ('shop', 0)");
    await pool.query("insert into events.source (source, namespace) values ('till', 'till') on conflict do nothing");
  });
  return {
    pool: () => pool,
    db: () => pgExecutor(pool),
    sell: async (n) => {
      await pool.query(`
        with read as (update events.checkpoint set seq = ${n} where projection = 'shop')
        insert into shop.sale values (${n}, ${n % 3}, '2026-01-01Z'::timestamptz + ${(n * 7) % 90} * interval '1 day', ${n})`);
    },
    refresh: (...keys) => refreshMarts(pool, { units: keys.map((key) => [key]), wait: false }),
    history: async (mart, n = 9) =>
      (await refreshesOf(pgExecutor(pool), mart, n)).map(({ outcome, reason, how, rows_changed }) => [
        outcome,
        reason,
        how,
        rows_changed,
      ]),
  };
}
