import { Decimal } from "decimal.js";
import { addDays, addMonths, dateOf, monthOf, monthOfDate } from "../instants.ts";
import { money, splitEvenly, sums } from "./decimals.ts";
import type { Allocation, Payment, Terms } from "./facts.ts";
import { byText } from "./order.ts";
import type { Account, Applied } from "./settlement.ts";
import type { TruthRow } from "./truth.ts";

/** An amount that an allocation brings on a day (YYYY-MM-DD). */
export type Due = { readonly date: string; readonly amount: Decimal };

/** The rows of `cash-expected`: every month from a currency's first to its last, planned instalments to come included. */
export function cashExpectedRows(
  accounts: readonly Account[],
  applied: readonly Applied[],
  payments: readonly Payment[],
): TruthRow[] {
  const [expected, received, owed] = [sums(), sums(), sums()];
  for (const account of accounts) {
    owed.add(`${account.currency}|${monthOf(account.at)}`, new Decimal(account.price));
    for (const due of duesOf(account)) expected.add(`${account.currency}|${monthOfDate(due.date)}`, due.amount);
  }
  for (const part of applied) owed.add(`${part.account.currency}|${monthOf(part.at)}`, part.amount.negated());
  for (const payment of payments) received.add(`${payment.currency}|${monthOf(payment.at)}`, new Decimal(payment.amount));

  const months = Map.groupBy(
    [...expected.keys(), ...received.keys(), ...owed.keys()].sort(byText),
    (key) => key.split("|")[0] as string,
  );
  return [...months]
    .flatMap(([currency, keys]) => {
      let outstanding = new Decimal(0);
      return monthsBetween(monthIn(keys.at(0)), monthIn(keys.at(-1))).map((period) => {
        const key = `${currency}|${period}`;
        outstanding = outstanding.plus(owed.get(key));
        const net = received.get(key).minus(expected.get(key));
        return {
          period,
          currency,
          expected: money(expected.get(key)),
          received: money(received.get(key)),
          net: money(net),
          outstanding: money(outstanding),
        };
      });
    })
    .sort((one, other) => byText(one.period, other.period) || byText(one.currency, other.currency));
}

/** When an allocation's price is expected: on its day, or by its terms. */
export function duesOf(allocation: Pick<Allocation, "at" | "price" | "terms">): Due[] {
  const price = new Decimal(allocation.price);
  const terms = allocation.terms;
  if (terms === undefined) return [{ date: dateOf(allocation.at), amount: price }];
  return splitEvenly(price, terms.instalments).map((amount, index) => ({ date: dueDate(terms, index), amount }));
}

function dueDate(terms: Terms, index: number): string {
  if (terms.interval === "week") return addDays(terms.firstDue, 7 * index);
  const months = { month: 1, quarter: 3, year: 12 }[terms.interval];
  return addMonths(terms.firstDue, months * index);
}

function monthIn(key: string | undefined): string {
  return key?.split("|")[1] as string;
}

function monthsBetween(first: string, last: string): string[] {
  const months: string[] = [];
  for (let month = first; month <= last; month = addMonths(month, 1)) months.push(month);
  return months;
}
