import { dayMs } from "../instants.ts";
import type { Random } from "../random.ts";
import type { Allocation } from "../truth/facts.ts";
import type { Calendar } from "./calendar.ts";
import type { Deal } from "./deals.ts";
import type { Ids, WorldEvent } from "./events.ts";
import { lateBy } from "./lateness.ts";
import type { Agent } from "./people.ts";
import type { Site } from "./registrations.ts";

/** What a wrong allocation can get wrong. */
export type Errors = { readonly agents: readonly Agent[]; readonly sites: readonly Site[]; readonly calendar: Calendar };

/** How the deals are told: most once and right, some wrong and amended, corrected at the same instant, or taken back. */
export function allocationEvents(deals: readonly Deal[], errors: Errors, ids: Ids, random: Random): WorldEvent[] {
  return deals.flatMap(({ allocation }): WorldEvent[] => {
    const arrives = lateBy(allocation.at, 0.03, random);
    const later = arrives + random.int(-2, 15) * dayMs;
    const plain = told(allocation, arrives);
    const draw = random.next();
    if (draw < 0.015) {
      const id = ids("sale");
      return [
        told(slip(allocation, errors, random), arrives),
        { ...told({ ...allocation, eventId: id }, later), id, amends: allocation.eventId },
      ];
    }
    if (draw < 0.021)
      return [
        told(slip(allocation, errors, random), arrives),
        told({ ...allocation, eventId: `${allocation.eventId}-b` }, later),
      ];
    if (draw < 0.025)
      return [plain, told({ ...slip(allocation, errors, random), eventId: `sale-0-${allocation.eventId}` }, later)];
    if (draw < 0.032)
      return [plain, { type: "Sale.DeviceAllocated", id: ids("sale"), arrives: later, retracts: allocation.eventId }];
    return [plain];
  });
}

function told(fact: Allocation, arrives: number): WorldEvent & { fact: Allocation } {
  return { type: "Sale.DeviceAllocated", id: fact.eventId, arrives, fact };
}

/** The same allocation with a wrong price, agent or location. */
function slip(allocation: Allocation, { agents, sites }: Errors, random: Random): Allocation {
  const agent = random.pick(agents);
  const early = sites.slice(0, Math.max(1, Math.floor(sites.length / 10)));
  return random.pick([
    { ...allocation, price: `${Number(allocation.price.split(".")[0]) + 100}.00` },
    { ...allocation, agentId: agent.id, agentName: agent.name },
    { ...allocation, locationId: random.pick(early).locationId },
  ]);
}
