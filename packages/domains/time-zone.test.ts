import { beforeAll, expect, test } from "vitest";
import { testInstallation } from "./installation.testing.ts";
import { allocation, customer, location, payment, plays, purchase } from "./sent.testing.ts";

const { take, ask, reopen } = testInstallation();

const newYearsEve = "2024-12-31T23:30:00Z"; // In Rome the year has already turned.

const periods = async () => ({
  received: (await ask("cash-received", { grain: "day" })).map(({ period }) => period),
  spent: (await ask("cash-spent", { grain: "day" })).map(({ period }) => period),
  expected: (await ask("cash-expected", { grain: "day" })).map(({ period }) => period),
  sold: (await ask("product-sales", { grain: "day" })).map(({ period }) => period),
  played: (await ask("agent-rewards")).map(({ month }) => month),
});

beforeAll(async () => {
  const sold = [allocation("d", "l", newYearsEve), payment("p", 100, newYearsEve, { device: "d" })];
  await take([customer("c"), location("l", "c"), ...sold, purchase("d", newYearsEve), ...plays(1, "d", newYearsEve)]);
});

test("half past eleven at night in Greenwich is the next business day in Rome, in every mart and report", async () => {
  const day = "2024-12-31";
  expect(await periods()).toEqual({ received: [day], spent: [day], expected: [day], sold: [day], played: ["2024-12-01"] });

  await reopen({ timeZone: "Europe/Rome" });

  const next = "2025-01-01";
  expect(await periods()).toEqual({ received: [next], spent: [next], expected: [next], sold: [next], played: ["2025-01-01"] });
});

test("what comes after the change goes to days of the new zone, in summer as in winter", async () => {
  await take([payment("summer", 5, "2025-06-30T22:00:00Z"), payment("before", 7, "2025-06-30T21:59:59Z")]);
  expect(await ask("cash-received", { from: "2025-06-01" })).toMatchObject([
    { period: "2025-06-01", amount: "7.00" },
    { period: "2025-07-01", amount: "5.00" },
  ]);
});
