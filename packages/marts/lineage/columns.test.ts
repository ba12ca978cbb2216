import { pgExecutor } from "@jukebase/platform/postgres.ts";
import { type TestDatabase, testDatabase } from "@jukebase/testing";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildMarts } from "../build.ts";
import { createShop, schemas, shopMarts } from "../sample-marts.ts";
import { columnLineage } from "./columns.ts";
import { type Definition, definitionsOf } from "./definitions.ts";
import { mapColumns } from "./map-columns.ts";
import { sampleQueries } from "./sample-queries.ts";
import { type Answer, columnOf, keyOf } from "./scope.ts";

let database: TestDatabase;
let pool: pg.Pool;
let client: pg.PoolClient;

beforeAll(async () => {
  database = await testDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 4, options: "-c timezone=UTC" });
  await createShop(pool);
  await pool.query(`
    create table shop.kind (kind text, label text, parent text);
    insert into shop.kind values ('a', 'la', null), ('b', 'lb', 'a'), ('c', null, 'b'), ('x', 'lx', 'c'), (null, 'ln', 'x');
    insert into shop.product values (1, 'a'), (2, 'b'), (3, 'x'), (4, null);
    insert into shop.sale values (1, 1, '2026-01-01Z', 5), (2, 2, '2026-02-01Z', 7), (3, null, '2026-03-01Z', 9), (4, 1, '2026-04-01Z', 1)`);
  client = await pool.connect();
});

afterAll(async () => {
  client?.release();
  await pool?.end();
  await database?.drop();
});

/** Runs `work` while the query stands as a view, and leaves nothing behind. */
async function asView(query: string, work: (definition: Definition) => Promise<void>): Promise<void> {
  await client.query("begin");
  try {
    await client.query(`create view shop.tried as ${query}`);
    const [definition] = await definitionsOf(pgExecutor(client), ["shop.tried"]);
    await work(definition as Definition);
  } finally {
    await client.query("rollback");
  }
}

describe("the origin of a column", () => {
  test.each(sampleQueries)("is told, and what is told holds: $tries", ({ query, told }) =>
    asView(query, async (definition) => {
      const { answer, problem } = await mapColumns(definition);
      if (answer === undefined) throw new Error(problem);
      expect(inWords(answer)).toEqual(told);
      await changesNothingElse(definition, answer);
      await hasNoValueOfItsOwn(definition, answer);
    }),
  );

  test("is not guessed where a query cannot be followed", () =>
    asView(
      `with recursive up as (
         select kind, parent from shop.kind union all select k.kind, k.parent from up join shop.kind k on k.kind = up.parent
       ) search depth first by kind set way
       select kind, row_number() over (order by way) as n from up`,
      async (definition) => expect(await mapColumns(definition)).toEqual({ problem: "SEARCH or CYCLE" }),
    ));

  test("that the server does not know of is refused", () =>
    asView("select kind from shop.product", async (definition) => {
      const relations = definition.relations.map((one) => ({
        ...one,
        columns: one.columns.map(({ name }) => ({ name, used: false })),
      }));
      expect(await mapColumns({ ...definition, relations })).toEqual({
        problem: "shop.product.kind is not used, says the server",
      });
    }));
});

test("marts are told by their public names, each of their columns once, also through views", async () => {
  await buildMarts(pool, await shopMarts(), { schemas });
  const lineage = await columnLineage(pgExecutor(pool), [
    { name: "best_month" },
    { name: "fct_sales_daily" },
    { name: "no_such" },
  ]);
  expect(lineage.map(({ mart, column, from, exact }) => [`${mart}.${column}`, exact, from.map(inShort).join(" ")])).toEqual([
    ["best_month.month", true, "?marts.best_months.month ?marts.best_months.rank =marts.fct_sales_monthly.month"],
    [
      "best_month.amount",
      true,
      "?marts.best_months.month ?marts.best_months.rank =marts.fct_sales_monthly.amount ?marts.fct_sales_monthly.month",
    ],
    ["fct_sales_daily.day", true, "?shop.product.kind ?shop.product.product_id ?shop.sale.product_id ~shop.sale.sold_at"],
    ["fct_sales_daily.kind", true, "=shop.product.kind ?shop.product.product_id ?shop.sale.product_id ?shop.sale.sold_at"],
    ["fct_sales_daily.kind_key", true, "~shop.product.kind ?shop.product.product_id ?shop.sale.product_id ?shop.sale.sold_at"],
    ["fct_sales_daily.sales", true, "?shop.product.kind ?shop.product.product_id ?shop.sale.product_id ?shop.sale.sold_at"],
    [
      "fct_sales_daily.amount",
      true,
      "?shop.product.kind ?shop.product.product_id ~shop.sale.amount ?shop.sale.product_id ?shop.sale.sold_at",
    ],
  ]);
});

/** Changes each column of the relations in turn: an output column that is not said to stand on it stays as it is. */
async function changesNothingElse(definition: Definition, { columns, conditions }: Answer): Promise<void> {
  const before = await valuesAfter(definition, "select");
  for (const [key, change] of Object.entries(changes)) {
    const { relation, column } = columnOf(key);
    if (!definition.relations.some((one) => relation === `${one.schema}.${one.relation}`)) continue;
    const after = await valuesAfter(definition, `update ${relation} set ${column} = ${change}`);
    for (const [n, { name, values }] of columns.entries()) {
      if (!conditions.has(key) && !values.has(key)) expect([name, key, after[n]]).toEqual([name, key, before[n]]);
    }
  }
}

/** A column that comes through unchanged holds values of the columns that it is said to be. */
async function hasNoValueOfItsOwn(definition: Definition, { columns }: Answer): Promise<void> {
  const unchanged = columns.flatMap(({ values }, n) => {
    if (values.size === 0 || [...values.values()].includes("computed")) return [];
    const own = quoted(definition.columns[n] ?? "");
    const sources = [...values.keys()].map((key) => `select ${columnOf(key).column}::text from ${columnOf(key).relation}`);
    return [
      `select ${own}::text as value from shop.tried where ${own}::text not in
      (select value from (${sources.join(" union ")}) as source (value) where value is not null)`,
    ];
  });
  if (unchanged.length > 0) expect((await client.query(unchanged.join(" union all "))).rows).toEqual([]);
}

/** A change to every column of the shop, by its key. */
const changes: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries({
    "product.product_id": "product_id + 100",
    "product.kind": "case when kind = 'a' then null else coalesce(kind, '') || 'q' end",
    "sale.sale_id": "sale_id + 100",
    "sale.product_id": "case when product_id = 2 then null else 3 end",
    "sale.sold_at": "'2027-01-01Z'::timestamptz - (sold_at - '2026-01-01Z')",
    "sale.amount": "amount * 3 + 1",
    "kind.kind": "case when kind = 'a' then null else coalesce(kind, '') || 'q' end",
    "kind.label": "case when label = 'la' then null else coalesce(label, 'x') || 'q' end",
    "kind.parent": "case when parent = 'a' then null else coalesce(parent, '') || 'q' end",
  }).map(([name, change]) => [keyOf(`shop.${name.split(".")[0]}`, name.split(".")[1] ?? ""), change]),
);

/** The sorted values of each column after a change, which is taken back. */
async function valuesAfter({ columns }: Definition, change: string): Promise<unknown[]> {
  const lists = columns.map((name) => `array_agg(${quoted(name)}::text order by ${quoted(name)}::text collate "C")`);
  const select = `select jsonb_build_array(${lists.join(", ")}) as lists from shop.tried`;
  // Several statements at once answer with a list, which the types do not tell.
  const answers = (await client.query(
    `savepoint unchanged; ${change}; ${select}; rollback to savepoint unchanged`,
  )) as unknown as pg.QueryResult<{ lists: unknown[] }>[];
  return answers[2]?.rows[0]?.lists ?? [];
}

function quoted(name: string): string {
  return pg.escapeIdentifier(name);
}

function inWords({ columns, conditions }: Answer): string[] {
  const short = (key: string) => `${columnOf(key).relation.replace("shop.", "")}.${columnOf(key).column}`;
  const lines = columns.map(({ name, values }) => {
    const made = [...values].map(([key, how]) => `${how === "same" ? "=" : ""}${short(key)}`);
    return `${name}: ${made.sort().join(" ")}`.trim();
  });
  return [...lines, `? ${[...conditions].map(short).sort().join(" ")}`.trim()];
}

function inShort({ relation, column, how }: { relation: string; column: string; how: string }): string {
  return `${how === "same" ? "=" : how === "computed" ? "~" : "?"}${relation}.${column}`;
}
