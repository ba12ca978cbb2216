import { undocumented } from "@jukebase/marts/documentation.ts";
import { type ColumnLineage, columnLineage } from "@jukebase/marts/lineage/columns.ts";
import { pgExecutor } from "@jukebase/platform";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { domains } from "./index.ts";
import type { Jukebase } from "./open.ts";
import { openedForTest } from "./opened.testing.ts";

let jukebase: Jukebase;
let close: () => Promise<void>;
let lineage: readonly ColumnLineage[];
let used: readonly { readonly mart: string; readonly uses: string }[];

const marts = domains.flatMap((domain) => domain.marts);

beforeAll(async () => {
  ({ jukebase, close } = await openedForTest());
  lineage = await columnLineage(pgExecutor(jukebase.database.pg), marts);
  used = (await jukebase.database.pg.query<{ mart: string; uses: string }>(columnsThatTheServerSaysAreUsed)).rows;
});

afterAll(() => close?.());

describe.each(marts)("the columns of $name", ({ name, row }) => {
  it("are each told, and what makes them is told exactly", () => {
    const told = lineage.filter(({ mart }) => mart === name);
    expect(told.map(({ column }) => column).toSorted()).toEqual(Object.keys(row.shape).toSorted());
    expect(told.filter(({ exact }) => !exact)).toEqual([]);
  });

  it("stand on what the server says is used, and on all of it", () => {
    const told = lineage.filter(({ mart }) => mart === name).flatMap(({ from }) => from);
    const named = new Set(told.map(({ relation, column }) => `${relation}.${column}`));
    expect([...named].toSorted()).toEqual(used.filter(({ mart }) => mart === name).map(({ uses }) => uses));
  });
});

it("every mart and every column has a comment in the database", async () => {
  expect(await undocumented(pgExecutor(jukebase.database.pg), marts)).toEqual([]);
});

it("a mart's columns lead to the log's facts and through other marts", () => {
  const origin = (mart: string, column: string) =>
    lineage
      .find((one) => one.mart === mart && one.column === column)
      ?.from.filter(({ how }) => how !== "condition")
      .map(({ relation, column: name, how }) => `${how} ${relation}.${name}`);
  expect(origin("fct_payments", "credit")).toEqual([
    "computed sales.payment.amount",
    "computed sales.payment.payer_key",
    "computed sales.payment_application.amount",
  ]);
  expect(origin("fct_payments", "payer_id")).toEqual(["same sales.customer.customer_id"]);
  expect(origin("fct_daily_cash_expected", "received")).toEqual(["computed marts.fct_payments.amount"]);
});

// Written apart from the code under test: the columns in pg_depend of the rule of the view that holds the SELECT.
const columnsThatTheServerSaysAreUsed = `
  select
    mart.name as mart,
    coalesce('marts.' || beneath.name, namespace.nspname || '.' || class.relname) || '.' || attribute.attname as uses
  from marts_store.mart as mart
  join pg_class as view on view.relnamespace = 'marts_store'::regnamespace
    and view.relname = mart.store || case mart.kind when 'view' then '' else '__definition' end
  join pg_rewrite as rewrite on rewrite.ev_class = view.oid
  join pg_depend as depend on depend.objid = rewrite.oid and depend.classid = 'pg_rewrite'::regclass
    and depend.refclassid = 'pg_class'::regclass and depend.refobjid <> view.oid
  join pg_attribute as attribute on attribute.attrelid = depend.refobjid and attribute.attnum = depend.refobjsubid and attribute.attnum > 0
  join pg_class as class on class.oid = depend.refobjid
  join pg_namespace as namespace on namespace.oid = class.relnamespace
  left join marts_store.mart as beneath on beneath.store = class.relname and namespace.nspname = 'marts_store' and beneath.schema = 'marts'
  where mart.schema = 'marts'
  order by 1, (coalesce('marts.' || beneath.name, namespace.nspname || '.' || class.relname) || '.' || attribute.attname) collate "C"`;
