import { dayMs, instantOf } from "../instants.ts";
import type { Random } from "../random.ts";
import { duesOf } from "../truth/expected-rows.ts";
import type { Calendar } from "./calendar.ts";
import type { Deal } from "./deals.ts";

/** One transfer: when (epoch ms) and how much (integer cents). */
export type Transfer = { readonly at: number; readonly cents: number };

/** What a customer of this habit pays for a deal within the calendar. */
export function transfersFor(deal: Deal, calendar: Calendar, random: Random): Transfer[] {
  if (deal.habit === "never") return [];
  return duesOf(deal.allocation)
    .map((due) => ({ at: Math.max(instantOf(due.date), deal.allocation.at), cents: due.amount.times(100).toNumber() }))
    .flatMap((due, index) => payDue(due, index, deal, random))
    .map((transfer) => ({ ...transfer, at: Math.max(transfer.at, calendar.start) }))
    .filter((transfer) => transfer.at < calendar.end && transfer.cents > 0);
}

function payDue({ at, cents }: Transfer, index: number, deal: Deal, random: Random): Transfer[] {
  const after = (first: number, last: number): number => at + random.int(first * 86_400, last * 86_400) * 1000;
  switch (deal.habit) {
    case "late":
      return random.chance(0.08) ? [] : [{ at: after(15, 90), cents }];
    case "partial": {
      const part = Math.round((cents * random.int(30, 70)) / 100);
      const rest = { at: after(30, 70), cents: cents - part };
      return random.chance(0.6) ? [{ at: after(0, 10), cents: part }, rest] : [{ at: after(0, 10), cents: part }];
    }
    case "over":
      return [{ at: after(0, 8), cents: Math.ceil(cents / 5000 + random.next()) * 5000 }];
    case "early":
      return [
        { at: index === 0 ? deal.allocation.at - random.int(3, 20) * dayMs - random.int(0, 40_000) * 1000 : after(0, 2), cents },
      ];
    default:
      return [{ at: after(0, 6), cents }];
  }
}
