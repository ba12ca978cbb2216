import { instantOf } from "../instants.ts";
import type { Allocation, Facts, Payment } from "./facts.ts";
import type { RewardRule } from "./reward-rules.ts";

/** A world to write by hand in a test: customer c1 with locations l1 and l2, customer c2 with l3, customer c3 with none. */
export function miniWorld(facts: Partial<Facts>): Facts {
  const at = instantOf("2025-01-01");
  const customer = (customerId: string) => ({ eventId: `e-${customerId}`, at, customerId });
  const location = (locationId: string, customerId: string) => ({ eventId: `e-${locationId}`, at, locationId, customerId });
  return {
    customers: ["c1", "c2", "c3"].map(customer),
    locations: [location("l1", "c1"), location("l2", "c1"), location("l3", "c2")],
    allocations: [],
    payments: [],
    purchases: [],
    songs: [],
    removals: [],
    ...facts,
  };
}

/** An allocation of d1 at l1 by agent a1 for 1000.00 USD on 10 January 2025, but for what is given. */
export function allocated(over: Partial<Allocation> & { on?: string } = {}): Allocation {
  const { on = "2025-01-10", ...rest } = over;
  const base = {
    deviceId: "d1",
    locationId: "l1",
    agentId: "a1",
    agentName: "Ann",
    product: "MusicMaker3000",
    price: "1000.00",
    currency: "USD",
  };
  const at = instantOf(on);
  return { ...base, at, eventId: `sale-${rest.deviceId ?? "d1"}-${on}`, ...rest };
}

/** A payment in USD of an amount on a day. */
export function paid(amount: string, on: string, over: Partial<Payment> = {}): Payment {
  const id = `pay-${on}-${amount}`;
  return { eventId: id, paymentId: id, at: instantOf(on), amount, currency: "USD", ...over };
}

/** 500, 300 and 100 USD for the first three agents of a month. */
export const threeRewards: readonly RewardRule[] = ["500", "300", "100"].map((amount, index) => ({
  valid_from: "2020-01-01",
  rank: index + 1,
  amount,
  currency: "USD",
}));
