import { addMonths, dateOf, dayMs } from "../instants.ts";
import type { Random } from "../random.ts";
import type { Allocation, Terms } from "../truth/facts.ts";
import type { Day } from "./calendar.ts";
import type { Ids } from "./events.ts";
import { type Agent, agentPicker, type Habit } from "./people.ts";
import { decimal, listPrice, type Product } from "./products.ts";
import type { Site } from "./registrations.ts";

/** An allocation as agreed, with what its payments depend on. */
export type Deal = {
  readonly allocation: Allocation;
  readonly product: Product;
  readonly customerId: string;
  readonly habit: Habit;
};

/** A device to be sold at an instant of a day, for a share of its list price (less than 1 when it is used). */
export type Offer = {
  readonly deviceId: string;
  readonly product: Product;
  readonly day: Day;
  readonly at: number;
  readonly share: number;
};

/** Turns offers into deals: an agent by skill sells to a site that is known by then, now and then at a discount or by instalments. */
export function dealMaker(sites: readonly Site[], agents: readonly Agent[], ids: Ids, random: Random): (offer: Offer) => Deal {
  const pickAgent = agentPicker(agents);
  return ({ deviceId, product, day, at, share }) => {
    const site = siteAt(sites, at, random);
    const agent = pickAgent(random);
    const allocation: Allocation = {
      eventId: ids("sale"),
      at,
      deviceId,
      locationId: site.locationId,
      agentId: agent.id,
      agentName: agent.name,
      product: product.name,
      price: decimal(discounted(listPrice(product, day, site.currency) * share, random)),
      currency: site.currency,
      terms: random.chance(0.35) ? makeTerms(at, random) : undefined,
    };
    return { allocation, product, customerId: site.customerId, habit: site.habit };
  };
}

function siteAt(sites: readonly Site[], at: number, random: Random): Site {
  let known = 0;
  for (let high = sites.length; known < high; ) {
    const middle = (known + high) >> 1;
    if ((sites[middle] as Site).since <= at) known = middle + 1;
    else high = middle;
  }
  return sites[random.int(0, Math.max(known, 1) - 1)] as Site;
}

function discounted(cents: number, random: Random): number {
  if (random.chance(0.6)) return Math.round(cents / 100) * 100;
  const share = 1 - random.int(1, 120) / 1000;
  return random.chance(0.6) ? Math.round((cents * share) / 100) * 100 : Math.round(cents * share);
}

function makeTerms(at: number, random: Random): Terms {
  const interval = random.pick(["month", "month", "month", "quarter", "week"] as const);
  const instalments = random.pick(interval === "quarter" ? [2, 4] : [3, 6, 7, 10, 12]);
  const firstDue = random.chance(0.15) ? monthEnd(at) : dateOf(at + random.int(1, 30) * dayMs);
  return { instalments, interval, firstDue };
}

function monthEnd(at: number): string {
  return Temporal.PlainDate.from(addMonths(`${dateOf(at).slice(0, 7)}-01`, 1))
    .subtract({ days: 1 })
    .toString();
}
