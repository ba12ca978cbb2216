import { addMonths, dateOf, dayMs } from "../instants.ts";
import type { Random } from "../random.ts";
import type { Allocation, Terms } from "../truth/facts.ts";
import { type Calendar, type Day, officeHours, salesDays } from "./calendar.ts";
import type { Ids, WorldEvent } from "./events.ts";
import { lateBy } from "./lateness.ts";
import { type Agent, agentPicker, type Habit } from "./people.ts";
import { decimal, listPrice, type Product, productAt, purchaseCost } from "./products.ts";
import { naturalId, type Site } from "./registrations.ts";
import type { Size } from "./size.ts";

/** An allocation as agreed, with what its payments depend on. */
export type Deal = { readonly allocation: Allocation; readonly product: Product; readonly customerId: string; readonly habit: Habit };

/** The deals in order of time, and the events of the purchases behind them. */
export type Sales = { readonly deals: readonly Deal[]; readonly stock: readonly string[]; readonly purchases: readonly WorldEvent[] };

/** Devices bought and then allocated, more each season; some are allocated a second time at a lower price, some stay in stock. */
export function makeSales(size: Size, calendar: Calendar, sites: readonly Site[], agents: readonly Agent[], ids: Ids, random: Random): Sales {
  const pickDay = salesDays(calendar);
  const pickAgent = agentPicker(agents);
  const deals: Deal[] = [];
  const stock: string[] = [];
  const purchases: WorldEvent[] = [];

  const agree = (day: Day, at: number, deviceId: string, product: Product, share: number): void => {
    const site = siteAt(sites, at, random);
    const agent = pickAgent(random);
    const eventId = ids("sale");
    const price = discounted(listPrice(product, day, site.currency) * share, random);
    const allocation: Allocation = {
      eventId, at, deviceId, locationId: site.locationId, agentId: agent.id, agentName: agent.name, product: product.name,
      price: decimal(price), currency: site.currency, terms: random.chance(0.35) ? makeTerms(at, random) : undefined,
    };
    deals.push({ allocation, product, customerId: site.customerId, habit: site.habit });
  };

  for (let index = 0; index < size.devices; index += 1) {
    const deviceId = naturalId(10_001 + index, 0.05, random);
    const day = pickDay(random);
    const product = productAt(day, random.next());
    purchases.push(purchase(deviceId, product, day, calendar, ids, random));
    if (random.chance(0.07)) {
      stock.push(deviceId);
      continue;
    }
    const at = Math.max(officeHours(day, random), (sites[0]?.since ?? 0) + 1000);
    agree(day, at, deviceId, product, 1);
    const again = calendar.days[day.index + random.int(45, 400)];
    if (random.chance(0.09) && again !== undefined) agree(again, officeHours(again, random), deviceId, product, 0.65);
  }
  return { deals: paidAtOnceFirst(deals.sort((one, other) => one.allocation.at - other.allocation.at)), stock, purchases };
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
  return Temporal.PlainDate.from(addMonths(`${dateOf(at).slice(0, 7)}-01`, 1)).subtract({ days: 1 }).toString();
}

function purchase(deviceId: string, product: Product, day: Day, calendar: Calendar, ids: Ids, random: Random): WorldEvent {
  const bought = calendar.days[Math.max(0, day.index - random.int(5, 60))] as Day;
  const currency = random.chance(0.05) ? "EUR" : "USD";
  const at = Math.min(officeHours(bought, random), day.start);
  const id = ids("log");
  const price = decimal(purchaseCost(product, bought, currency) - random.int(0, 30) * 25);
  return { type: "Logistic.DevicePurchased", id, arrives: lateBy(at, 0.03, random), fact: { eventId: id, at, deviceId, product: product.name, price, currency } };
}

/** The first deal in a currency has no terms, so that the months of expected cash begin with it in every reading. */
function paidAtOnceFirst(deals: readonly Deal[]): Deal[] {
  const seen = new Set<string>();
  return deals.map((deal) => {
    if (seen.has(deal.allocation.currency)) return deal;
    seen.add(deal.allocation.currency);
    return { ...deal, allocation: { ...deal.allocation, terms: undefined } };
  });
}
