import type { Random } from "../random.ts";
import type { Calendar, Day } from "./calendar.ts";
import { officeHours } from "./calendar.ts";
import type { Ids, WorldEvent } from "./events.ts";
import { paymentFact } from "./payment-events.ts";
import type { Agent } from "./people.ts";
import { products } from "./products.ts";

/** Events whose parents never come: a location without its customer, its allocation, a payment for that, a removal without its song. */
export function orphanEvents(
  count: number,
  agents: readonly Agent[],
  calendar: Calendar,
  ids: Ids,
  random: Random,
): WorldEvent[] {
  return Array.from({ length: count }, (_, index): WorldEvent[] => {
    const at = officeHours(random.pick<Day>(calendar.days), random);
    const [customerId, locationId, deviceId, songId] = ["99001", "99501", "99701", "99801"].map(
      (first) => `${first}${index}`,
    ) as [string, string, string, string];
    const [location, sale, removal] = [ids("crm"), ids("sale"), ids("cat")];
    const agent = random.pick(agents);
    const product = random.pick(products);
    const allocation = {
      eventId: sale,
      at,
      deviceId,
      locationId,
      agentId: agent.id,
      agentName: agent.name,
      product: product.name,
      price: `${product.price[0]}.00`,
      currency: "USD",
    };
    const payment = { ...paymentFact(ids, at, "300.00", "USD", random), deviceId };
    return [
      { type: "Sale.LocationRegistered", id: location, arrives: at, fact: { eventId: location, at, locationId, customerId } },
      { type: "Sale.DeviceAllocated", id: sale, arrives: at, fact: allocation },
      { type: "Payment.PaymentReceived", id: payment.eventId, arrives: at, fact: payment },
      { type: "Music.SongRemoved", id: removal, arrives: at, fact: { eventId: removal, at, songId } },
    ];
  }).flat();
}
