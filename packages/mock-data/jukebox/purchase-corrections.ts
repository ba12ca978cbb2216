import { dayMs } from "../instants.ts";
import type { Random } from "../random.ts";
import type { Ids, WorldEvent } from "./events.ts";

/** Some purchases are amended (the price was wrong) or taken back (the maker cancelled). */
export function purchaseCorrections(purchases: readonly WorldEvent[], ids: Ids, random: Random): WorldEvent[] {
  return purchases.flatMap((event): WorldEvent[] => {
    if (event.type !== "Logistic.DevicePurchased" || "retracts" in event) return [];
    const arrives = event.arrives + random.int(-2, 20) * dayMs;
    const draw = random.next();
    if (draw >= 0.016) return [];
    const id = ids("log");
    if (draw < 0.006) return [{ type: event.type, id, arrives, retracts: event.id }];
    const price = `${Number(event.fact.price.split(".")[0]) - 15}.00`;
    return [{ type: event.type, id, arrives, amends: event.id, fact: { ...event.fact, eventId: id, price } }];
  });
}
