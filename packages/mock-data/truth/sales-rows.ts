import { Decimal } from "decimal.js";
import { monthOf } from "../instants.ts";
import { money, sums } from "./decimals.ts";
import { byText } from "./order.ts";
import type { Account } from "./settlement.ts";
import type { TruthRow } from "./truth.ts";

/** The rows of `total-sales` by month, or in one row per currency (`period` null). */
export function totalSalesRows(accounts: readonly Account[], grain: "all" | "month"): TruthRow[] {
  const period = (at: number): string => (grain === "all" ? "" : monthOf(at));
  const [allocations, sales, revenue, open, outstanding] = [sums(), sums(), sums(), sums(), sums()];
  const one = new Decimal(1);
  for (const account of accounts) {
    const allocated = `${period(account.at)}|${account.currency}`;
    allocations.add(allocated, one);
    if (account.soldAt === undefined) {
      open.add(allocated, one);
      outstanding.add(allocated, new Decimal(account.price).minus(account.paid));
      continue;
    }
    const sold = `${period(account.soldAt)}|${account.currency}`;
    sales.add(sold, one);
    revenue.add(sold, new Decimal(account.price));
  }
  return [...new Set([...allocations.keys(), ...sales.keys()])].sort(byText).map((key) => ({
    period: key.split("|")[0] || null,
    currency: key.split("|")[1] as string,
    allocations: allocations.get(key).toNumber(),
    sales: sales.get(key).toNumber(),
    revenue: money(revenue.get(key)),
    open: open.get(key).toNumber(),
    outstanding: money(outstanding.get(key)),
  }));
}

/** The rows of `product-sales` by month of the sale, for every product that sold in it. */
export function productSalesRows(accounts: readonly Account[]): TruthRow[] {
  const [sales, revenue] = [sums(), sums()];
  for (const account of accounts) {
    if (account.soldAt === undefined) continue;
    const key = `${monthOf(account.soldAt)}|${account.product}|${account.currency}`;
    sales.add(key, new Decimal(1));
    revenue.add(key, new Decimal(account.price));
  }
  return sales
    .keys()
    .sort(byText)
    .map((key) => {
      const [period, product, currency] = key.split("|") as [string, string, string];
      return { period, product, currency, sales: sales.get(key).toNumber(), revenue: money(revenue.get(key)) };
    });
}
