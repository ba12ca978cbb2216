import { Decimal } from "decimal.js";
import { monthOf } from "../instants.ts";
import { money, sums } from "./decimals.ts";
import type { Payment, Purchase } from "./facts.ts";
import { byText } from "./order.ts";
import type { TruthRow } from "./truth.ts";

/** The rows of `cash-received` by month: every payment counts, those that pay nothing in particular also as unattributed. */
export function cashReceivedRows(payments: readonly Payment[], unattributed: ReadonlySet<string>): TruthRow[] {
  const [counts, amounts, unknown] = [sums(), sums(), sums()];
  for (const payment of payments) {
    const key = `${monthOf(payment.at)}|${payment.currency}`;
    counts.add(key, new Decimal(1));
    amounts.add(key, new Decimal(payment.amount));
    if (unattributed.has(payment.eventId)) unknown.add(key, new Decimal(payment.amount));
  }
  return counts
    .keys()
    .sort(byText)
    .map((key) => {
      const [period, currency] = key.split("|") as [string, string];
      return {
        period,
        currency,
        payments: counts.get(key).toNumber(),
        amount: money(amounts.get(key)),
        unattributed: money(unknown.get(key)),
      };
    });
}

/** The rows of `cash-spent` by month. */
export function cashSpentRows(purchases: readonly Purchase[]): TruthRow[] {
  const [counts, amounts] = [sums(), sums()];
  for (const purchase of purchases) {
    const key = `${monthOf(purchase.at)}|${purchase.currency}`;
    counts.add(key, new Decimal(1));
    amounts.add(key, new Decimal(purchase.price));
  }
  return counts
    .keys()
    .sort(byText)
    .map((key) => {
      const [period, currency] = key.split("|") as [string, string];
      return { period, currency, purchases: counts.get(key).toNumber(), amount: money(amounts.get(key)) };
    });
}
