import type { Allocation, Facts, Location } from "./facts.ts";
import { byInstant } from "./order.ts";

/** An allocation that counts, with the customer whose location it stands at today. */
export type Placement = Allocation & { readonly customerId: string };

/** The allocations that count, oldest first: location and customer are known, and of two at one instant the newest stands. */
export function placementsOf(facts: Pick<Facts, "customers" | "locations" | "allocations">): Placement[] {
  const owners = ownersOf(facts);
  const standing = new Map<string, Placement>();
  for (const allocation of facts.allocations) {
    const customerId = owners.get(allocation.locationId);
    if (customerId === undefined) continue;
    const identity = `${allocation.deviceId} ${allocation.at}`;
    const other = standing.get(identity);
    if (other === undefined || byInstant(other, allocation) < 0) standing.set(identity, { ...allocation, customerId });
  }
  return [...standing.values()].sort(byInstant);
}

/** Location id → customer id, by the newest registration whose customer is registered too. */
export function ownersOf(facts: Pick<Facts, "customers" | "locations">): Map<string, string> {
  const registered = new Set(facts.customers.map((customer) => customer.customerId));
  const newest = new Map<string, Location>();
  for (const location of facts.locations) {
    if (!registered.has(location.customerId)) continue;
    const other = newest.get(location.locationId);
    if (other === undefined || byInstant(other, location) < 0) newest.set(location.locationId, location);
  }
  return new Map([...newest].map(([locationId, location]) => [locationId, location.customerId]));
}
