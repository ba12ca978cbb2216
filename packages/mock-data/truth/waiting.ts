import type { Facts } from "./facts.ts";
import { ownersOf } from "./placements.ts";

/** How many events of each type wait for ever: their customer, location or song never comes. */
export function waitingCounts(facts: Facts): Record<string, number> {
  const registered = new Set(facts.customers.map((customer) => customer.customerId));
  const owners = ownersOf(facts);
  const published = new Set(facts.songs.map((song) => song.songId));
  return {
    "Sale.LocationRegistered": facts.locations.filter((location) => !registered.has(location.customerId)).length,
    "Sale.DeviceAllocated": facts.allocations.filter((allocation) => !owners.has(allocation.locationId)).length,
    "Music.SongRemoved": facts.removals.filter((removal) => !published.has(removal.songId)).length,
  };
}
