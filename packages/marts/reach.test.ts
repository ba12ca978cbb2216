import type { Mart } from "@jukebase/platform/mart.ts";
import { pgExecutor } from "@jukebase/platform/postgres.ts";
import { type TestDatabase, testDatabase } from "@jukebase/testing";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildMarts } from "./build.ts";
import { planMarts } from "./plan.ts";
import { createShop, sampleMart, schemas } from "./sample-marts.ts";

let database: TestDatabase;
let pool: pg.Pool;

beforeAll(async () => {
  database = await testDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 2, options: "-c timezone=UTC" });
  await createShop(pool);
  await pool.query(`
    create table shop.price (product_id integer primary key, price numeric);
    create view shop.priced as select product.product_id, price.price from shop.product join shop.price using (product_id);
    create view shop.dearest as select max(price) as price from shop.priced;
    create materialized view shop.kept_price as select product_id, price from shop.price;
    create function shop.price_of (product integer) returns numeric stable begin atomic select price from shop.price where product_id = product; end;
    create function shop.hidden_price (product integer) returns numeric language sql stable as $$ select price from shop.price where product_id = product $$;
    create function shop.twice (price numeric) returns numeric language sql immutable as 'select price * 2'`);
});

afterAll(async () => {
  await pool.end();
  await database.drop();
});

const kinds = ["view", "materialized", "rollup", "snapshot"] as const;

/** A mart of any kind with one column, `n`, that is its key. */
function one(name: string, kind: Mart["kind"], from: string, reads: readonly string[]): Promise<Mart> {
  const more = {
    view: {},
    materialized: {},
    rollup: { bucket: ["n"] },
    snapshot: { history: { strategy: "check", columns: "all" } as const },
  };
  return sampleMart(`-- One number.\nselect ${from}`, {
    name,
    kind,
    columns: kind === "snapshot" ? ["n", "valid_from", "valid_to"] : ["n"],
    key: ["n"],
    reads: Object.fromEntries(reads.map((read) => [read, null])),
    ...more[kind],
  });
}

const built = (...marts: Mart[]) => buildMarts(pool, marts, { schemas });

describe.each(kinds)("of a %s, the server's record of what it reads is an error when", (kind) => {
  test("a domain's view hides a table", async () => {
    const mart = await one("dear", kind, "priced.product_id as n from shop.priced", ["shop.priced", "shop.product"]);
    await expect(built(mart)).rejects.toThrow(
      /\/dear\.sql: marts\.dear reads shop\.price through the view shop\.priced, which its reads do not declare; /,
    );
  });

  test("a function hides a table, or itself", async () => {
    const mart = await one("dear", kind, "shop.price_of(sale.sale_id)::integer as n from shop.sale", ["shop.sale"]);
    await expect(built(mart)).rejects.toThrow("marts.dear reads shop.price through the function shop.price_of, which its reads");
    const other = await one("dear", kind, "shop.hidden_price(sale.sale_id)::integer as n from shop.sale", ["shop.sale"]);
    await expect(built(other)).rejects.toThrow(/\/dear\.sql: marts\.dear calls shop\.hidden_price\(integer\), whose body hides/);
  });

  test("it is declared and not read", async () => {
    const mart = await one("dear", kind, "sale.sale_id as n from shop.sale", ["shop.sale", "shop.product"]);
    await expect(built(mart)).rejects.toThrow(/\/dear\.sql: marts\.dear declares shop\.product, which its SELECT does not read/);
  });

  test("a domain's view hides another mart", async () => {
    const base = await one("base", "view", "sale.sale_id as n from shop.sale", ["shop.sale"]);
    await built(base);
    await pool.query("create or replace view shop.on_a_mart as select n from marts.base");
    const mart = await one("dear", kind, "on_a_mart.n from shop.on_a_mart", ["shop.on_a_mart"]);
    await expect(built(base, mart)).rejects.toThrow("marts.dear reads marts.base through the view shop.on_a_mart");
    await pool.query("drop view shop.on_a_mart");
  });

  test("nothing is wrong, which builds", async () => {
    const reads = ["shop.priced", "shop.product", "shop.price", "shop.kept_price"];
    const mart = await one(
      "dear",
      kind,
      "priced.product_id as n from shop.priced join shop.kept_price using (product_id)",
      reads,
    );
    expect((await built(mart)).built).toContain("dear");
  });
});

describe("the order", () => {
  test("finds what a view in a view hides", async () => {
    const mart = await one("dear", "materialized", "1 as n from shop.dearest", ["shop.dearest", "shop.price"]);
    await expect(built(mart)).rejects.toThrow("marts.dear reads shop.product through the view shop.priced, which its reads");
  });

  test("leaves to a mart beneath what that one reads", async () => {
    const base = await one("base", "view", "priced.product_id as n from shop.priced", [
      "shop.priced",
      "shop.product",
      "shop.price",
    ]);
    const above = await one("above", "materialized", "base.n from marts.base", ["marts.base"]);
    expect((await built(above, base)).built).toEqual(["base", "above"]);
  });

  test("of a cycle names every mart on it, both ends and the files", async () => {
    const [a, b, c] = [
      await one("a", "view", "b.n from marts.b", ["marts.b"]),
      await one("b", "rollup", "c.n from marts.c", ["marts.c"]),
      await one("c", "materialized", "a.n from marts.a", ["marts.a"]),
    ];
    const db = pgExecutor(pool);
    await expect(planMarts(db, [a, b, c], schemas)).rejects.toThrow(
      /^Marts stand on each other: a → b → c → a\. marts\.a \(.*\/a\.sql\) reads marts\.b; marts\.b \(.*\/b\.sql\) reads marts\.c; marts\.c \(.*\/c\.sql\) reads marts\.a\./,
    );
    await expect(planMarts(db, [a], schemas)).rejects.toThrow(/marts\.a \(.*\/a\.sql\) reads marts\.b, which is not among/);
  });
});
