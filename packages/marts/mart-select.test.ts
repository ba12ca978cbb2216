import { describe, expect, test } from "vitest";
import { parseMartSelect, renameReadings } from "./mart-select.ts";

const parsed = (text: string) => parseMartSelect(text, "x.sql");

describe("a mart's SELECT", () => {
  test("opens with the rule", async () => {
    expect((await parsed("-- A sale counts\n--   once.\nselect 1 as one")).rule).toBe("A sale counts\n  once.");
    expect((await parsed("/* Once. */ select 1 as one")).rule).toBe("Once.");
    await expect(parsed("select 1 as one -- late")).rejects.toThrow(
      "x.sql: the file must open with a comment that says the rule",
    );
  });

  test("is one SELECT", async () => {
    await expect(parsed("-- r\nselect 1; select 2")).rejects.toThrow("x.sql: a mart is exactly one SELECT");
    await expect(parsed("-- r\ndelete from a.b")).rejects.toThrow("x.sql: a mart is exactly one SELECT");
  });

  test("tells the line of what is no SQL, counting characters and not bytes", async () => {
    await expect(parsed("-- ééé\nselect 1,\n\n  from where")).rejects.toThrow(/^x\.sql:4: syntax error/);
  });

  test("has no clock and no dice in it", async () => {
    await expect(parsed("-- r\nselect 1 as a,\n  now() as b")).rejects.toThrow("x.sql:3: now() changes by itself");
    await expect(parsed("-- r\nselect 1 as a,\n  current_date as b")).rejects.toThrow("x.sql:3: current_date changes by itself");
  });

  test("names its relations in full", async () => {
    await expect(parsed("-- r\nselect *\nfrom play")).rejects.toThrow("x.sql:3: play has no schema; write schema.play");
  });

  test("knows what it reads: in CTEs, subqueries and joins, but not in texts", async () => {
    const { readings } = await parsed(
      '-- from a.no\nwith c as (select * from a.b) select \'from a.no\', (select 1 from "a"."d" x) from c join a.e on true',
    );
    expect(readings.map(({ schema, relation, aliased }) => [schema, relation, aliased])).toEqual(
      [
        ["a", "e", false],
        ["a", "d", true],
        ["a", "b", false],
      ].sort((one, other) => order(readings, one) - order(readings, other)),
    );
  });

  test("can read another relation under the same name, on the same lines", async () => {
    const select = await parsed("-- é\nselect a.b.x, b.y, z.x\nfrom a.b\njoin a.b as z on z.x = b.x\njoin c.d using (x)");
    expect(renameReadings(select, (schema) => (schema === "a" ? "s.t" : undefined))).toBe(
      '-- é\nselect b.x, b.y, z.x\nfrom s.t as "b"\njoin s.t as z on z.x = b.x\njoin c.d using (x)',
    );
  });
});

function order(readings: readonly { relation: string }[], row: readonly unknown[]): number {
  return readings.findIndex(({ relation }) => relation === row[1]);
}
