import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Jukebase } from "./open.ts";
import { openedForTest } from "./opened.testing.ts";

let jukebase: Jukebase;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ jukebase, close } = await openedForTest());
});

afterAll(() => close?.());

it("histories whose index had lost rows, so that some stand twice, get their new keys all the same", async () => {
  const migration = await readFile(new URL("../../db/migrations/0017_histories.sql", import.meta.url), "utf8");
  const [up = ""] = migration.split("-- Down Migration");
  const client = await jukebase.database.pg.connect();
  try {
    await client.query("begin");
    await client.query(`
      drop index sales.price_history_key, sales.customer_history_key;
      alter table sales.price_history drop constraint price_history_begins, add constraint price_history_pkey check (true);
      alter table sales.customer_history drop constraint customer_history_begins, add constraint customer_history_pkey check (true);
      insert into sales.price_history (product_key, kind, currency, valid, price)
        select gen_random_uuid(), 'sale', 'EUR', '[2025-01-01,)', 5;
      insert into sales.price_history select * from sales.price_history;
      insert into sales.price_history
        select product_key, kind, currency, '[2025-02-01,)', 6 from sales.price_history limit 1;
      insert into sales.customer_history (customer_key, valid, customer_name)
        select gen_random_uuid(), '[2025-01-01,)', 'Ada';
      insert into sales.customer_history select * from sales.customer_history`);
    await client.query(up);
    const { rows: prices } = await client.query("select price from sales.price_history order by valid");
    expect(prices).toEqual([{ price: "5" }, { price: "6" }]);
    const { rows: customers } = await client.query("select customer_name from sales.customer_history");
    expect(customers).toEqual([{ customer_name: "Ada" }]);
  } finally {
    await client.query("rollback");
    client.release();
  }
});
