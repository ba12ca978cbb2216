import { beforeAll, describe, expect, test } from "vitest";
import { testInstallation } from "./installation.testing.ts";
import { allocation, customer, location, payment, plays, purchase } from "./sent.testing.ts";

const { take, ask, open } = testInstallation();

// One sale on the last instant of January, one on the first of February, one in euros, one still open.
beforeAll(async () => {
  const places = [customer("c"), location("l", "c"), customer("k"), location("m", "k")];
  const allocated = [
    allocation("a", "l", "2025-01-06T00:00:00Z"),
    allocation("b", "l", "2025-01-07T00:00:00Z", { agent: "bob", product: "TuneBox", price: 80 }),
    allocation("e", "m", "2025-01-08T00:00:00Z", { product: "TuneBox", price: 90, currency: "EUR" }),
    allocation("open", "m", "2025-01-31T23:59:59.999Z", { price: 70 }),
  ];
  const paid = [
    payment("a", 100, "2025-01-31T23:59:59.999999Z", { device: "a" }),
    payment("b", 80, "2025-02-01T00:00:00Z", { device: "b" }),
    payment("e", 90, "2025-01-31T12:00:00Z", { device: "e", currency: "EUR" }),
  ];
  const used = [...plays(2, "a", "2025-01-31T23:59:59Z"), ...plays(1, "b", "2025-02-01T00:00:00Z")];
  await take([
    ...places,
    ...allocated,
    ...paid,
    ...used,
    purchase("a", "2025-01-05T00:00:00Z"),
    purchase("b", "2025-03-31T00:00:00Z"),
  ]);
});

describe("from and to", () => {
  test("are both included", async () => {
    const january = { from: "2025-01-31", to: "2025-01-31" };
    expect(await ask("cash-received", january)).toMatchObject([
      { currency: "EUR", amount: "90.00" },
      { currency: "USD", amount: "100.00" },
    ]);
    expect(await ask("cash-received", { from: "2025-02-01" })).toMatchObject([{ amount: "80.00" }]);
    expect(await ask("cash-received", { to: "2025-01-30" })).toEqual([]);
  });

  test("of a reward name months: one of its days asks for the whole month", async () => {
    expect(await ask("agent-rewards", { from: "2025-01-15", to: "2025-01-20" })).toMatchObject([
      { month: "2025-01-01", plays: 2 },
    ]);
    expect(await ask("agent-rewards", { from: "2025-02-28" })).toMatchObject([{ month: "2025-02-01", plays: 1 }]);
  });

  test("of total sales take allocations by their day and sales by theirs", async () => {
    expect(await ask("total-sales", { from: "2025-02-01", where: { currency: "USD" } })).toMatchObject([
      { allocations: 0, sales: 1, revenue: "80.00", open: 0 },
    ]);
  });
});

describe("a grain", () => {
  test.each([
    ["all", [null]],
    ["year", ["2025-01-01"]],
    ["quarter", ["2025-01-01"]],
    ["month", ["2025-01-01", "2025-02-01"]],
    ["week", ["2025-01-27"]],
    ["day", ["2025-01-31", "2025-02-01"]],
  ] as const)("of %s puts the same dollars into %j", async (grain, periods) => {
    const rows = await ask("cash-received", { grain, where: { currency: "USD" } });
    expect(rows.map(({ period }) => period)).toEqual(periods);
    expect(rows.reduce((sum, row) => sum + Number(row.amount), 0)).toBe(180);
  });
});

describe("a filter", () => {
  test("on the product, the agent or the customer leaves the rest out", async () => {
    expect(await ask("total-sales", { where: { product: "MusicMaker3000" } })).toMatchObject([
      { allocations: 2, sales: 1, open: 1 },
    ]);
    expect(await ask("total-sales", { where: { agent_id: "bob" } })).toMatchObject([{ allocations: 1, revenue: "80.00" }]);
    expect(await ask("total-sales", { where: { customer_id: "k", currency: "USD" } })).toMatchObject([
      { sales: 0, outstanding: "70.00" },
    ]);
    expect(await ask("total-sales", { where: { product: "none" } })).toEqual([]);
  });

  test("that holds SQL is a value like any other", async () => {
    expect(await ask("total-sales", { where: { product: "' or true --" } })).toEqual([]);
  });

  test("on the agent leaves the others' places in the month as they are", async () => {
    expect(await ask("agent-rewards", { where: { agent_id: "bob" } })).toMatchObject([
      { agent_id: "bob", month: "2025-02-01", rank: 1 },
    ]);
  });
});

describe("product sales", () => {
  test("list each product in each currency", async () => {
    const rows = await ask("product-sales", { grain: "all" });
    expect(rows.map(({ product, currency, sales, revenue }) => `${product} ${currency} ${sales} ${revenue}`)).toEqual([
      "MusicMaker3000 USD 1 100.00",
      "TuneBox EUR 1 90.00",
      "TuneBox USD 1 80.00",
    ]);
  });

  test("set one product against the others together, never two currencies together", async () => {
    const rows = await ask("product-sales", { grain: "all", options: { versus: "rest", product: "TuneBox" } });
    expect(rows.map(({ product, currency, revenue }) => `${product} ${currency} ${revenue}`)).toEqual([
      "Others USD 100.00",
      "TuneBox EUR 90.00",
      "TuneBox USD 80.00",
    ]);
  });
});

const grainsOfReports = () =>
  open().domains.flatMap(({ reports }) => reports.flatMap((report) => report.grains.map((grain) => ({ report, grain }))));

test("every report answers at every grain it offers, with the columns it describes", async () => {
  for (const { report, grain } of grainsOfReports()) {
    const [row] = await ask(report.name, { grain });
    expect(Object.keys(row ?? {}), `${report.name} by ${grain}`).toEqual(
      expect.arrayContaining(report.columns.map(({ name }) => name)),
    );
  }
});

test("every report names the marts that it reads, and no other", () => {
  for (const report of open().domains.flatMap(({ reports }) => reports)) {
    const { sql } = report.query({ where: {}, options: report.options.parse({}) });
    const read = new Set([...sql.matchAll(/\bmarts\.(\w+)/g)].map(([, name]) => name));
    expect(new Set(report.marts), report.name).toEqual(read);
  }
});
