import { existsSync, readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { testInstallation } from "../packages/domains/installation.testing.ts";
import { type LoadSummary, openSource, parseMapping, readReceived } from "../packages/events/index.ts";

const file = new URL("../../shared/data/cdnow/CDNOW_sample.txt", import.meta.url);
const example = new URL("../packages/events/sources/examples/cdnow.mapping.json", import.meta.url);

// The purchases of 2,357 customers of CDNOW, 1997 to 1998 (Fader and Hardie); the data set is not part of the repository.
describe.skipIf(!existsSync(file))("the CDNOW sample (skipped where ../shared/data/cdnow/CDNOW_sample.txt is not there)", () => {
  const { takeReceived, ask, rows } = testInstallation();
  const lines = existsSync(file) ? readFileSync(file, "latin1").trim().split("\r\n") : [];

  const loadIt = async (): Promise<LoadSummary> => {
    const mapping = parseMapping(readFileSync(example, "utf8"), "cdnow.mapping.json");
    const { input, format } = await openSource(file.pathname, { mapping });
    return takeReceived(readReceived(input, { format, mapping }), {
      source: mapping.source,
      kind: mapping.kind,
      currency: mapping.currency,
    });
  };

  beforeAll(async () => {
    expect(await loadIt()).toMatchObject({ received: 6919, logged: 6919, duplicates: 0, quarantined: 0 });
  });

  test("is as much cash by month as its own text adds up to, and nobody's, for no customer has registered", async () => {
    const cash = await ask("cash-received");
    expect(cash.map(({ period, payments, amount }) => `${period} ${payments} ${amount}`)).toEqual(byMonth(lines));
    expect(cash.every(({ amount, unattributed }) => amount === unattributed)).toBe(true);
  });

  test("keeps rows that repeat an earlier one as payments of their own, and those of nothing", async () => {
    expect(lines.length - new Set(lines).size).toBe(21);
    expect(await ask("cash-received", { grain: "all" })).toMatchObject([{ payments: 6919, amount: "244091.94" }]);
    expect(await rows("select count(*)::int as payments from marts.fct_payments where amount = 0")).toEqual([{ payments: 8 }]);
  });

  test("loaded again changes nothing", async () => {
    const before = await ask("cash-received", { grain: "day" });
    expect(await loadIt()).toMatchObject({ received: 6919, logged: 0, duplicates: 6919, quarantined: 0 });
    expect(await ask("cash-received", { grain: "day" })).toEqual(before);
  });
});

// A row: customer, customer in the sample, date, how many, dollars. In whole cents, so that nothing is rounded.
function byMonth(lines: readonly string[]): string[] {
  const months = Map.groupBy(lines, (line) => line.trim().split(/ +/)[2]?.slice(0, 6) ?? "");
  return [...months].sort().map(([month, rows]) => {
    const cents = rows.reduce((sum, row) => sum + BigInt((row.trim().split(/ +/)[4] ?? "").replace(".", "")), 0n);
    return `${month.slice(0, 4)}-${month.slice(4)}-01 ${rows.length} ${cents / 100n}.${String(cents % 100n).padStart(2, "0")}`;
  });
}
