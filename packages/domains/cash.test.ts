import { beforeEach, describe, expect, test } from "vitest";
import { testInstallation } from "./installation.testing.ts";
import { allocation, customer, location, payment, purchase, retracted } from "./sent.testing.ts";

const { take, ask, empty } = testInstallation();

const place = [customer("c"), location("l", "c")];
const january = "2025-01-10T10:00:00Z";
const february = "2025-02-03T12:00:00Z";

beforeEach(empty);

describe("cash", () => {
  test("of two currencies is two sums, in whole yen and in cents", async () => {
    const yen = [payment("y1", 1000, january, { currency: "JPY" }), payment("y2", "1,500", january, { currency: "JPY" })];
    await take([
      ...yen,
      payment("d", "$10.50", january),
      purchase("a", january),
      purchase("b", january, { price: 9000, currency: "JPY" }),
    ]);
    expect(await ask("cash-received", { grain: "all" })).toEqual([
      { period: null, currency: "JPY", payments: 2, amount: "2500", unattributed: "2500" },
      { period: null, currency: "USD", payments: 1, amount: "10.50", unattributed: "10.50" },
    ]);
    expect(await ask("cash-spent", { grain: "all" })).toEqual([
      { period: null, currency: "JPY", purchases: 1, amount: "9000" },
      { period: null, currency: "USD", purchases: 1, amount: "60.00" },
    ]);
  });

  test("is spent at the purchase price, and not at the price at which the device is sold", async () => {
    await take([...place, purchase("d", january), allocation("d", "l", february, { price: 250 })]);
    expect(await ask("cash-spent")).toEqual([{ period: "2025-01-01", currency: "USD", purchases: 1, amount: "60.00" }]);
  });

  test("is not spent when the purchase never happened", async () => {
    const bought = purchase("d", january);
    await take([bought, retracted(bought)]);
    expect(await ask("cash-spent")).toEqual([]);
  });

  test("is spent twice for a device bought twice, and once for two events of one instant", async () => {
    await take([
      purchase("d", january),
      { ...purchase("d", january, { price: 61 }), id: "z corrected" },
      purchase("d", february),
    ]);
    expect(await ask("cash-spent", { grain: "all" })).toMatchObject([{ purchases: 2, amount: "121.00" }]);
  });
});

describe("cash expected", () => {
  test("is an allocation's price on its day; net is received less expected", async () => {
    await take([...place, allocation("d", "l", january), payment("p", 30, february, { device: "d" })]);
    expect(await ask("cash-expected")).toEqual([
      { period: "2025-01-01", currency: "USD", expected: "100.00", received: "0.00", net: "-100.00", outstanding: "100.00" },
      { period: "2025-02-01", currency: "USD", expected: "0.00", received: "30.00", net: "30.00", outstanding: "70.00" },
    ]);
  });

  test("is instalments where there are terms, the earlier ones a cent more, a month's end a month's end", async () => {
    const terms = { instalments: 3, interval: "month", first_due: "2025-01-31" };
    await take([...place, allocation("d", "l", january, { terms })]);
    expect(await ask("cash-expected")).toMatchObject([
      { period: "2025-01-01", expected: "33.34", outstanding: "100.00" },
      { period: "2025-02-01", expected: "33.33", outstanding: "100.00" },
      { period: "2025-03-01", expected: "33.33", outstanding: "100.00" },
    ]);
    expect(await ask("cash-expected", { grain: "day", from: "2025-02-28", to: "2025-02-28" })).toMatchObject([
      { expected: "33.33" },
    ]);
  });

  test("has a row for every period between, also where nothing happened", async () => {
    await take([...place, allocation("d", "l", january), payment("p", 100, "2025-04-01T00:00:00Z", { device: "d" })]);
    const months = await ask("cash-expected");
    expect(months.map(({ period, outstanding }) => `${period} ${outstanding}`)).toEqual([
      "2025-01-01 100.00",
      "2025-02-01 100.00",
      "2025-03-01 100.00",
      "2025-04-01 0.00",
    ]);
  });

  test("counts what was paid too early as received then, and against the debt from the allocation on", async () => {
    await take([...place, payment("p", 100, january, { device: "d" }), allocation("d", "l", february)]);
    expect(await ask("cash-expected")).toMatchObject([
      { period: "2025-01-01", received: "100.00", outstanding: "0.00" },
      { period: "2025-02-01", expected: "100.00", outstanding: "0.00" },
    ]);
  });

  test("counts credit and what is unattributed as received, and takes neither off the debt", async () => {
    await take([...place, allocation("d", "l", january), payment("credit", 5, january, { customer: "c", currency: "EUR" })]);
    await take([payment("nobody", 7, january), payment("other", 9, january, { device: "d", currency: "EUR" })]);
    expect(await ask("cash-expected", { grain: "all" })).toMatchObject([
      { currency: "EUR", expected: "0.00", received: "14.00", outstanding: "0.00" },
      { currency: "USD", expected: "100.00", received: "7.00", outstanding: "100.00" },
    ]);
  });

  test("asked for after the last movement still says what is owed", async () => {
    await take([...place, allocation("d", "l", january)]);
    expect(await ask("cash-expected", { from: "2025-05-01", to: "2025-06-30" })).toMatchObject([
      { period: "2025-05-01", expected: "0.00", received: "0.00", outstanding: "100.00" },
      { period: "2025-06-01", expected: "0.00", received: "0.00", outstanding: "100.00" },
    ]);
  });

  test("from a day on still owes what was owed before", async () => {
    await take([...place, allocation("d", "l", january), payment("p", 30, february, { device: "d" })]);
    expect(await ask("cash-expected", { from: "2025-02-01" })).toEqual([
      { period: "2025-02-01", currency: "USD", expected: "0.00", received: "30.00", net: "30.00", outstanding: "70.00" },
    ]);
  });
});

describe("the cash forecast", () => {
  const months = [100, 120, 110, 130].map((amount, n) => payment(`p${n}`, amount, `2025-0${n + 1}-15T00:00:00Z`));

  test("goes on from the complete months by both methods, with ranges around them", async () => {
    await take([...months, payment("unfinished", 1, "2025-05-02T00:00:00Z")]);
    const rows = await ask("cash-forecast", { options: { horizon: 2, window: 2 } });
    expect(rows.filter(({ method }) => method === "actual").map(({ period, amount }) => `${period} ${amount}`)).toEqual([
      "2025-01-01 100.00",
      "2025-02-01 120.00",
      "2025-03-01 110.00",
      "2025-04-01 130.00",
    ]);
    const ahead = rows.filter(({ method }) => method === "moving-average");
    expect(ahead.map(({ period, amount }) => `${period} ${amount}`)).toEqual(["2025-05-01 120.00", "2025-06-01 120.00"]);
    expect(rows.filter(({ method }) => method === "seasonal-naive").map(({ amount }) => amount)).toEqual(["130.00", "130.00"]);
    for (const row of ahead) {
      const bounds = [row.low_95, row.low_80, row.amount, row.high_80, row.high_95].map(Number);
      expect(bounds).toEqual(bounds.toSorted((one, other) => one - other));
      expect(bounds[0]).toBeLessThan(bounds[1] as number);
    }
  });

  test("of yen is in whole yen", async () => {
    const yen = [1000, 2001].map((amount, n) => payment(`p${n}`, amount, `2025-0${n + 1}-28T12:00:00Z`, { currency: "JPY" }));
    await take([...yen, purchase("d", "2025-02-28T00:00:00Z")]);
    const rows = await ask("cash-forecast", { options: { horizon: 1, window: 1 }, where: { flow: "received" } });
    expect(rows.map(({ amount }) => amount)).toEqual(["1000", "2001", "2001", "2001"]);
    expect(rows.flatMap(({ low_80, high_80, low_95, high_95 }) => [low_80, high_80, low_95, high_95]).join(" ")).not.toContain(
      ".",
    );
  });

  test("keeps currencies and directions apart", async () => {
    const last = "2025-04-30T12:00:00Z";
    await take([
      ...months,
      payment("e", 5, "2025-04-30T00:00:00Z", { currency: "EUR" }),
      purchase("d", january),
      purchase("e", last),
    ]);
    const rows = await ask("cash-forecast", { options: { horizon: 1 } });
    const series = new Set(rows.map(({ flow, currency }) => `${flow} ${currency}`));
    expect([...series]).toEqual(["received EUR", "received USD", "spent USD"]);
  });

  test("of nothing is nothing, and of one month has no range", async () => {
    await take([]);
    expect(await ask("cash-forecast")).toEqual([]);
    await take([payment("p", 10, "2025-01-31T00:00:00Z")]);
    const rows = await ask("cash-forecast", { options: { horizon: 1 } });
    expect(rows.map(({ method, amount, low_95 }) => [method, amount, low_95])).toEqual([
      ["actual", "10.00", null],
      ["moving-average", "10.00", null],
      ["seasonal-naive", "10.00", null],
    ]);
  });
});
