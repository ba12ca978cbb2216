import type { Mart } from "@jukebase/platform/mart.ts";
import { expect, test } from "vitest";
import { martRuleBreaks } from "./rules.ts";

const words = new Set(["user", "order"]);
const breaks = (name: string, columns: Record<string, string>, key: readonly string[] = []) =>
  martRuleBreaks(
    { name, key } as unknown as Mart,
    Object.entries(columns).map(([column, type]) => ({ name: column, type })),
    words,
  );

test("a mart that keeps the rules breaks none", () => {
  const columns = {
    sale_key: "uuid",
    device_id: "text",
    currency: "text",
    amount: "numeric(20,6)",
    length_s: "numeric",
    is_open: "boolean",
    sold_on: "date",
    valid_from: "timestamp with time zone",
    sold_at: "timestamp with time zone",
  };
  expect(breaks("fct_sales", columns, ["sale_key"])).toEqual([]);
  expect(breaks("metric_daily_cash", { business_date: "date" })).toEqual([]);
});

test.each<[string, Record<string, string>, RegExp]>([
  ["sales", {}, /its name is not dim_, fct_ or metric_/],
  ["fct_sale", {}, /no plural noun/],
  ["fct_Sales", {}, /its name is not/],
  ["fct_sales", { Amount: "integer" }, /Amount: its name is not in snake_case/],
  ["fct_sales", { user: "text" }, /user: its name is a word that SQL keeps/],
  ["fct_sales", { amount: "numeric" }, /amount: money stands without its currency/],
  ["fct_sales", { share: "double precision" }, /share: double precision does not hold/],
  ["fct_sales", { sold_at: "timestamp without time zone" }, /sold_at: an instant without a zone/],
  ["fct_sales", { sold: "timestamp with time zone" }, /sold: an instant ends in _at/],
  ["fct_sales", { sold_at: "date" }, /sold_at: a day ends in _on/],
  ["fct_sales", { day: "date" }, /day: a day ends in _on/],
  ["fct_sales", { sold_on: "text" }, /sold_on: what ends in _on or _date is a day/],
  ["fct_sales", { open: "boolean" }, /open: a yes or no begins with is_ or has_/],
  ["fct_sales", { is_open: "text" }, /is_open: what begins with is_ or has_/],
  ["fct_sales", { device: "uuid" }, /device: a key ends in _id/],
  ["fct_sales", { device_key: "text" }, /device_key: what ends in _key/],
  ["fct_sales", { device_id: "bigint" }, /device_id: ids are text, or uuid/],
  ["fct_sales", { details: "jsonb" }, /details: jsonb is nothing that BI tools read/],
  ["fct_sales", { tags: "text[]" }, /tags: text\[\] is nothing/],
])("%s %o is told of", (name, columns, message) => {
  expect(breaks(name, columns).join("\n")).toMatch(message);
});
