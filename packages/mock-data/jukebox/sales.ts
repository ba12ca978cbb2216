import type { Random } from "../random.ts";
import { type Calendar, type Day, officeHours, salesDays } from "./calendar.ts";
import { type Deal, dealMaker } from "./deals.ts";
import type { Ids, WorldEvent } from "./events.ts";
import { lateBy } from "./lateness.ts";
import type { Agent } from "./people.ts";
import { decimal, type Product, productAt, purchaseCost } from "./products.ts";
import { naturalId, type Site } from "./registrations.ts";
import type { Size } from "./size.ts";

/** The deals in order of time, the devices that nobody has bought yet, and the events of the purchases behind both. */
export type Sales = {
  readonly deals: readonly Deal[];
  readonly stock: readonly string[];
  readonly purchases: readonly WorldEvent[];
};

/** Devices bought and then allocated, more each season; some are allocated a second time at a lower price, some stay in stock. */
export function makeSales(
  size: Size,
  calendar: Calendar,
  sites: readonly Site[],
  agents: readonly Agent[],
  ids: Ids,
  random: Random,
): Sales {
  const pickDay = salesDays(calendar);
  const agree = dealMaker(sites, agents, ids, random);
  const firstSite = sites[0]?.since ?? calendar.start;
  const deals: Deal[] = [];
  const stock: string[] = [];
  const purchases: WorldEvent[] = [];
  for (let index = 0; index < size.devices; index += 1) {
    const deviceId = naturalId(10_001 + index, 0.05, random);
    const day = pickDay(random);
    const product = productAt(day, random.next());
    purchases.push(purchase(deviceId, product, day, calendar, ids, random));
    if (random.chance(0.07)) {
      stock.push(deviceId);
      continue;
    }
    const at = Math.max(officeHours(day, random), firstSite + 1000 * (index + 1));
    deals.push(agree({ deviceId, product, day, at, share: 1 }));
    const again = calendar.days[day.index + random.int(45, 400)];
    if (again === undefined || !random.chance(0.09)) continue;
    deals.push(agree({ deviceId, product, day: again, at: officeHours(again, random), share: 0.65 }));
  }
  return { deals: paidAtOnceFirst(deals.sort((one, other) => one.allocation.at - other.allocation.at)), stock, purchases };
}

function purchase(deviceId: string, product: Product, day: Day, calendar: Calendar, ids: Ids, random: Random): WorldEvent {
  const bought = calendar.days[Math.max(0, day.index - random.int(5, 60))] as Day;
  const currency = random.chance(0.05) ? "EUR" : "USD";
  const at = Math.min(officeHours(bought, random), day.start);
  const id = ids("log");
  const price = decimal(purchaseCost(product, bought, currency) - random.int(0, 30) * 25);
  return {
    type: "Logistic.DevicePurchased",
    id,
    arrives: lateBy(at, 0.03, random),
    fact: { eventId: id, at, deviceId, product: product.name, price, currency },
  };
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
