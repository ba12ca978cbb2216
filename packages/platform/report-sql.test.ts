import { type FragmentSqlToken, sql } from "slonik";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { ownDatabase } from "./own-database.testing.ts";
import { connect, type Database } from "./postgres.ts";
import { matching, within } from "./report-sql.ts";

let cloned: Awaited<ReturnType<typeof ownDatabase>>;
let database: Database;

beforeAll(async () => {
  cloned = await ownDatabase();
  database = await connect(cloned.url);
});
afterAll(async () => {
  await database?.end();
  await cloned?.drop();
});

describe("business dates", () => {
  const days = (from?: string, to?: string): Promise<readonly string[]> => kept(within(sql.fragment`sale.day`, { from, to }));

  test("are asked for with both ends included, either or none", async () => {
    expect(await days()).toEqual(["01 USD", "02 EUR", "03 USD"]);
    expect(await days("2026-01-02")).toEqual(["02 EUR", "03 USD"]);
    expect(await days(undefined, "2026-01-02")).toEqual(["01 USD", "02 EUR"]);
    expect(await days("2026-01-02", "2026-01-02")).toEqual(["02 EUR"]);
    expect(await days("2026-01-03", "2026-01-01")).toEqual([]);
  });
});

describe("filters", () => {
  const columns = { currency: sql.fragment`sale.currency`, day: sql.fragment`sale.day` };
  const filtered = (where: Record<string, string>): Promise<readonly string[]> => kept(matching(columns, { where }));

  test("compare as text, all of them at once", async () => {
    expect(await filtered({})).toEqual(["01 USD", "02 EUR", "03 USD"]);
    expect(await filtered({ currency: "USD" })).toEqual(["01 USD", "03 USD"]);
    expect(await filtered({ currency: "USD", day: "2026-01-03" })).toEqual(["03 USD"]);
    expect(await filtered({ currency: "usd" })).toEqual([]);
  });

  test("that the report does not list, or that objects happen to have, count for nothing", async () => {
    expect(await filtered({ colour: "red" })).toHaveLength(3);
    expect(await filtered({ constructor: "x", toString: "y" })).toHaveLength(3);
  });

  test("are values, never SQL", async () => {
    expect(await filtered({ currency: "USD' or 'a' = 'a" })).toEqual([]);
  });
});

async function kept(condition: FragmentSqlToken): Promise<readonly string[]> {
  return database.sql.anyFirst(sql.type(z.object({ text: z.string() }))`
    select to_char(sale.day, 'DD') || ' ' || sale.currency as text
    from (values (date '2026-01-01', 'USD'), (date '2026-01-02', 'EUR'), (date '2026-01-03', 'USD')) as sale (day, currency)
    where ${condition}
    order by 1
  `);
}
