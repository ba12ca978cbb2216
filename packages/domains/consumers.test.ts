import type { Domain, Mart, Projection, Report } from "@jukebase/platform";
import { expect, test } from "vitest";
import { consumersInWords, consumersOf } from "./consumers.ts";
import { domains } from "./index.ts";

const projection = {
  name: "bar",
  schema: "bar",
  types: ["Bar.Cup", "Bar.Glass"],
  facts: { "Bar.Cup": "cup", "Bar.Glass": "glass" },
};
const mart = (name: string, ...reads: string[]) => ({ name, reads: Object.fromEntries(reads.map((each) => [each, null])) });
const bar = {
  projections: [projection as unknown as Projection],
  marts: [
    mart("fct_cups", "bar.cup"),
    mart("fct_glasses", "bar.glass"),
    mart("dim_guests", "bar.guest"),
    mart("days", "marts.fct_cups", "platform.zone"),
    mart("months", "marts.days"),
  ] as unknown as Mart[],
  reports: [
    { name: "cups", marts: ["months"] },
    { name: "glasses", marts: ["fct_glasses"] },
  ] as unknown as Report[],
} as unknown as Domain;

test("a type is read by its projection, by what stands on its facts or on derived tables, and by their reports", () => {
  expect(consumersOf([bar], "Bar.Cup")).toEqual({
    projections: ["bar"],
    marts: ["days", "dim_guests", "fct_cups", "months"],
    reports: ["cups"],
  });
  expect(consumersOf([bar], "Bar.Glass")).toMatchObject({ marts: ["dim_guests", "fct_glasses"], reports: ["glasses"] });
});

test("a type that no projection reads has no consumer", () => {
  const nobody = consumersOf([bar], "Bar.Broom");
  expect(nobody).toEqual({ projections: [], marts: [], reports: [] });
  expect(consumersInWords(nobody)).toBe("nobody");
});

test("marts of another domain follow through the marts that they read", () => {
  const { marts, reports } = consumersOf(domains, "Payment.PaymentReceived");
  expect(marts).toEqual(expect.arrayContaining(["fct_payments", "fct_daily_cash_received"]));
  expect(reports).toEqual(expect.arrayContaining(["cash-received", "cash-forecast"]));
});

test("every type that Jukebase knows is read by somebody", () => {
  const unread = domains.flatMap(({ events }) => events).filter(({ type }) => consumersOf(domains, type).reports.length === 0);
  expect(unread.map(({ type }) => type)).toEqual([]);
});
