import { expect, test } from "vitest";
import { martsInStatement } from "./marts-in-statement.ts";

const marts = new Set(["fct_sales", "dim_dates"]);

test.each<[string, string[]]>([
  ["select count(*) from marts.fct_sales", ["fct_sales"]],
  ['SELECT "marts"."fct_sales"."status" FROM "marts"."fct_sales" LIMIT $1', ["fct_sales"]],
  [
    "select 1 from fct_sales join dim_dates on calendar_date = sold_on where sold_on >= date $1 - interval $2",
    ["dim_dates", "fct_sales"],
  ],
  ["with fct_sales as (select $1 as n) select n from fct_sales", []],
  ["with fct_sales as (select 1 from marts.fct_sales) select 1 from fct_sales", ["fct_sales"]],
  ["declare c cursor for select 1 from fct_sales", ["fct_sales"]],
  ["copy (select 1 from marts.fct_sales) to stdout", ["fct_sales"]],
  ["select 1 where exists (select from fct_sales where status in ($1 /*, ... */))", ["fct_sales"]],
  ["select 1 from other.fct_sales", []],
  ["select 'fct_sales', $1", []],
  ["select 1 from fct_sa", []],
  ["select from from", []],
])("%s reads %o", async (text, expected) => {
  expect(await martsInStatement(text, marts)).toEqual(expected);
});
