import type { Mart } from "@jukebase/platform/mart.ts";
import type { MartTest } from "@jukebase/platform/mart-test.ts";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { defineMart } from "../define-mart.ts";
import { refuseBrokenTests } from "./test-sql.ts";

const mart = (more: Partial<Mart> = {}): Mart => ({
  name: "fct_sales",
  kind: "view",
  file: new URL("file:///house/sales/marts/fct_sales.sql"),
  description: "Sales",
  grain: "one sale",
  owner: "sales",
  key: ["sale_id"],
  row: z.object(Object.fromEntries(["sale_id", "price", "paid", "at"].map((name) => [name, z.string().describe(name)]))),
  reads: { "sales.sale": null },
  freshness_s: 60,
  ...more,
});

describe("a mart is not defined when a test of it", () => {
  test.each<[string, MartTest, string]>([
    ["names a column that is not there", { test: "not_null", column: "prize" }, "the test not_null names prize, which is not"],
    ["names no column", { test: "unique", columns: [] }, "the test unique names no column"],
    ["accepts nothing", { test: "accepted_values", column: "paid", values: [] }, "accepts no value at all"],
    [
      "accepts what is no number",
      { test: "accepted_values", column: "paid", values: [Number.NaN] },
      "accepts a number that is none",
    ],
    ["accepts a NUL", { test: "accepted_values", column: "paid", values: ["\0"] }, "accepts a text with a NUL"],
    [
      "leads from two columns to one",
      { test: "relationships", columns: ["sale_id", "at"], mart: "dim_sales", to: ["sale_id"] },
      "names 2 columns for 1",
    ],
    ["counts without bounds", { test: "row_count" }, "needs min or max"],
    ["counts between bounds that cross", { test: "row_count", min: 2, max: 1 }, "has a min above its max"],
    ["counts halves", { test: "row_count", min: 0.5 }, "needs whole numbers from 0 up"],
    ["is fresh within nothing", { test: "freshness", column: "at", within_s: 0 }, "needs a within_s above 0"],
    ["judges by a column that is not there", { test: "volume_anomaly", at: "day" }, "names day, which is not a column"],
    ["needs more days than it looks at", { test: "volume_anomaly", at: "at", days: 5 }, "needs points from 2 up to its days"],
    ["deviates by nothing", { test: "volume_anomaly", at: "at", sigmas: 0 }, "needs sigmas above 0"],
    ["fails before it warns", { test: "not_null", column: "paid", warnFrom: 3, errorFrom: 2 }, "fails before it warns"],
    ["could never fail as it says", { test: "not_null", column: "paid", severity: "warn", errorFrom: 2 }, "never looked at"],
    ["fails from no row on", { test: "not_null", column: "paid", errorFrom: 0 }, "needs whole numbers from 1 up"],
  ])("%s", (_, wrong, message) => {
    expect(() => defineMart(mart({ tests: [wrong] }))).toThrow(message);
    expect(() => defineMart(mart({ tests: [wrong] }))).toThrow("sales/marts/fct_sales.sql: ");
  });

  test("has the name of another", () => {
    const twice: MartTest = { test: "expression", sql: "paid <= price" };
    expect(() => defineMart(mart({ tests: [twice, { ...twice, where: "price > '0'" }] }))).toThrow(
      "two tests are called expression_fct_sales_paid_at_most_price",
    );
    expect(defineMart(mart({ tests: [twice, { ...twice, name: "another" }] })).tests).toHaveLength(2);
  });

  test("or a reference leads from what is no column, or from none", () => {
    const reference = { columns: ["customer"], mart: "dim_customers", to: ["customer"] };
    expect(() => defineMart(mart({ references: [reference] }))).toThrow("a reference to dim_customers names customer");
    expect(() => defineMart(mart({ references: [{ ...reference, columns: [] }] }))).toThrow("names 0 columns for 1");
  });
});

describe("marts are not built when a test", () => {
  const refusal = (tests: readonly MartTest[], others: readonly Mart[] = []) => refuseBrokenTests([mart({ tests }), ...others]);

  test.each<[string, string, RegExp]>([
    ["is no SQL", "paid <=", /fct_sales\.sql: the test broken: "paid <=" is no SQL: syntax error at end of input/],
    ["closes its bracket", "true) or (false", /syntax error at or near "\)"/],
    ["ends its statement", "true; drop table sales.sale", /is not one condition/],
    ["says more than a condition", "true from sales.sale", /is not one condition/],
    ["sorts", "true order by 1", /is not one condition/],
    ["is two conditions", "true, false", /is not one condition/],
    ["has a name", "true as fine", /is not one condition/],
    ["is nothing", "", /is not one condition/],
    ["is a row of everything", "*", /names \*, which is not a column/],
    [
      "reads another relation",
      "sale_id in (select sale_id from sales.sale)",
      /reads another relation; test that by relationships/,
    ],
    ["names a column that is not there", "paid <= prize", /names prize, which is not a column/],
    ["names another relation's column", "dim_sales.paid is null", /names dim_sales\.paid, which is not a column/],
    ["changes by itself", "at <= now()::text", /now\(\) changes by itself; test freshness instead/],
  ])("%s", async (_, sql, message) => {
    await expect(refusal([{ name: "broken", test: "expression", sql }])).rejects.toThrow(message);
    await expect(refusal([{ name: "broken", test: "row_count", min: 1, where: sql }])).rejects.toThrow(message);
    await expect(refusal([{ name: "broken", test: "expression", sql }])).rejects.toThrow("sales/marts/fct_sales.sql");
  });

  test("but when it is one, they are", async () => {
    const sound = [
      "paid <= price -- at most",
      "fct_sales.paid is not null or length(price) between 1 and 3",
      "(paid, price) < ('a', 'b')",
    ];
    await refusal(sound.map((sql, n) => ({ name: `sound ${n}`, test: "expression", sql })));
  });

  test("leads to a mart or column that is not there", async () => {
    const to = (column: string): MartTest => ({ test: "relationships", columns: ["paid"], mart: "dim_paid", to: [column] });
    const target = mart({ name: "dim_paid", file: new URL("file:///house/sales/marts/dim_paid.sql") });
    await expect(refusal([to("paid")])).rejects.toThrow("leads to marts.dim_paid, which is not among the marts");
    await expect(refusal([to("pay")], [target])).rejects.toThrow("leads to pay, which is not a column of marts.dim_paid");
    await refusal([to("paid")], [target]);
  });

  test("has the name of another mart's", async () => {
    const other = mart({ name: "dim_paid", tests: [{ name: "same", test: "row_count", min: 1 }] });
    await expect(refusal([{ name: "same", test: "row_count", min: 1 }], [other])).rejects.toThrow("is called same, too");
  });
});
