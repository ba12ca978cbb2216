import type { Mart } from "@jukebase/platform/mart.ts";
import { pgExecutor } from "@jukebase/platform/postgres.ts";
import { type TestDatabase, testDatabase } from "@jukebase/testing";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildMarts } from "../build.ts";
import { undocumented } from "../documentation.ts";
import { createShop, salesDaily, salesMonthly, schemas } from "../sample-marts.ts";
import { martsDiagram, tablesDiagram } from "./diagram.ts";

let database: TestDatabase;
let pool: pg.Pool;
let marts: readonly Mart[];

beforeAll(async () => {
  database = await testDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 4, options: "-c timezone=UTC" });
  await createShop(pool);
  await pool.query(`
    alter table shop.sale add constraint sale_product_fkey foreign key (product_id) references shop.product;
    create schema other;
    create table other.thing (thing_id integer primary key);
    create table shop.line (
      sale_id integer not null,
      "Line No" integer not null,
      part_of integer,
      thing_id integer references other.thing,
      primary key (sale_id, "Line No"),
      constraint line_sale_fkey foreign key (sale_id) references shop.sale,
      constraint line_part_fkey foreign key (sale_id, part_of) references shop.line
    ) partition by range (sale_id);
    create table shop.line_1 partition of shop.line for values from (1) to (10);
    comment on table shop.line is 'A line of a sale.'`);
  marts = [await salesDaily(), await salesMonthly()];
  await buildMarts(pool, marts, { schemas });
});

afterAll(async () => {
  await pool?.end();
  await database?.drop();
});

test("a schema is drawn from its foreign keys, without its partitions, and without what leads out of it", async () => {
  const { tables, links } = await tablesDiagram(pgExecutor(pool), "shop");
  expect(tables.map(({ name }) => name)).toEqual(["shop.line", "shop.product", "shop.sale"]);
  expect(tables[0]).toEqual({
    name: "shop.line",
    description: "A line of a sale.",
    columns: [
      { name: "sale_id", type: "integer", key: "PK FK", nullable: false },
      { name: "Line No", type: "integer", key: "PK", nullable: false },
      { name: "part_of", type: "integer", key: "FK", nullable: true },
      { name: "thing_id", type: "integer", key: "", nullable: true },
    ],
  });
  expect(links.map(({ name, from, to }) => [name, from, to])).toEqual([
    [
      "line_part_fkey",
      { table: "shop.line", columns: ["sale_id", "part_of"] },
      { table: "shop.line", columns: ["sale_id", "Line No"] },
    ],
    ["line_sale_fkey", { table: "shop.line", columns: ["sale_id"] }, { table: "shop.sale", columns: ["sale_id"] }],
    ["sale_product_fkey", { table: "shop.sale", columns: ["product_id"] }, { table: "shop.product", columns: ["product_id"] }],
  ]);
});

test("marts are drawn from what they say to refer to, with the types that they have in the database", async () => {
  const [daily, monthly] = marts as readonly [Mart, Mart];
  const references = [{ columns: ["month"], mart: "fct_sales_monthly", to: ["month"] }];
  const { tables, links } = await martsDiagram(pgExecutor(pool), [{ ...daily, references }, monthly]);
  expect(tables.map(({ name, columns }) => [name, columns.map(({ type }) => type).join()])).toEqual([
    ["marts.fct_sales_daily", "date,text,text,integer,numeric"],
    ["marts.fct_sales_monthly", "date,integer,numeric"],
  ]);
  expect(links.map(({ from, to }) => [from.table, to.table])).toEqual([["marts.fct_sales_daily", "marts.fct_sales_monthly"]]);
});

test("what is not described is told by file, and by view where the database lacks a comment", async () => {
  const [daily, monthly] = marts as readonly [Mart, Mart];
  expect(await undocumented(pgExecutor(pool), marts)).toEqual([]);
  await pool.query("comment on column marts.fct_sales_daily.kind is null; comment on view marts.fct_sales_monthly is ' '");
  const found = await undocumented(pgExecutor(pool), [{ ...daily, grain: " " }, monthly, { ...daily, name: "fct_unbuilt" }]);
  expect(found).toEqual([
    { place: expect.stringMatching(/\/fct_sales_daily\.sql$/), problem: "grain is empty" },
    { place: "marts.fct_sales_daily", problem: "column kind has no comment" },
    { place: "marts.fct_sales_monthly", problem: "it has no comment" },
    { place: "marts.fct_unbuilt", problem: "is not built: jukebase marts build" },
  ]);
});
