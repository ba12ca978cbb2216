import { Decimal } from "decimal.js";
import { cashReceivedRows, cashSpentRows } from "./cash-rows.ts";
import { money, sums } from "./decimals.ts";
import { cashExpectedRows } from "./expected-rows.ts";
import type { Facts } from "./facts.ts";
import { byText } from "./order.ts";
import type { PlayTally } from "./play-tallies.ts";
import { type RewardOptions, rewardRows } from "./reward-rows.ts";
import type { RewardRule } from "./reward-rules.ts";
import { productSalesRows, totalSalesRows } from "./sales-rows.ts";
import { type Settlement, settle } from "./settlement.ts";
import { standingPayments } from "./standing-payments.ts";
import type { Answers, TruthRow } from "./truth.ts";

/** Every answer, worked out from the facts alone: no database, nothing of the domains' code. Months are UTC. */
export function computeTruth(told: Facts, tallies: readonly PlayTally[], rules: readonly RewardRule[]): Answers {
  const facts = { ...told, payments: standingPayments(told.payments) };
  const settlement = settle(facts);
  const { accounts, applied, unattributed } = settlement;
  const month = { grain: "month" };
  const rewards = (options: RewardOptions) => ({
    params: { ...month, ...options },
    rows: rewardRows(accounts, tallies, rules, options),
  });
  return {
    reports: {
      "total-sales": [
        { params: { grain: "all" }, rows: totalSalesRows(accounts, "all") },
        { params: month, rows: totalSalesRows(accounts, "month") },
      ],
      "product-sales": [{ params: month, rows: productSalesRows(accounts) }],
      "agent-rewards": [rewards({}), rewards({ completed_only: true }), rewards({ sold_only: true }), rewards({ by: "device" })],
      "cash-received": [{ params: month, rows: cashReceivedRows(facts.payments, unattributed) }],
      "cash-spent": [{ params: month, rows: cashSpentRows(facts.purchases) }],
      "cash-expected": [{ params: month, rows: cashExpectedRows(accounts, applied, facts.payments) }],
    },
    money: moneyRows(facts, settlement),
    plays: playRows(tallies),
  };
}

function moneyRows(facts: Facts, { applied, credits, unattributed }: Settlement): TruthRow[] {
  const [received, placed, credit, unknown] = [sums(), sums(), sums(), sums()];
  for (const payment of facts.payments) {
    received.add(payment.currency, new Decimal(payment.amount));
    credit.add(payment.currency, credits.get(payment.eventId) ?? new Decimal(0));
    if (unattributed.has(payment.eventId)) unknown.add(payment.currency, new Decimal(payment.amount));
  }
  for (const part of applied) placed.add(part.account.currency, part.amount);
  return received
    .keys()
    .sort(byText)
    .map((currency) => ({
      currency,
      received: money(received.get(currency)),
      applied: money(placed.get(currency)),
      credit: money(credit.get(currency)),
      unattributed: money(unknown.get(currency)),
    }));
}

function playRows(tallies: readonly PlayTally[]): TruthRow[] {
  const byMonth = Map.groupBy(tallies, (tally) => tally.month);
  return [...byMonth.keys()].sort(byText).map((month) => {
    const own = byMonth.get(month) as PlayTally[];
    const sum = (pick: (tally: PlayTally) => number): number => own.reduce((total, tally) => total + pick(tally), 0);
    return {
      month,
      plays: sum((tally) => tally.plays),
      completed: sum((tally) => tally.completed),
      unattributed: sum((tally) => (tally.allocation === null ? tally.plays : 0)),
    };
  });
}
