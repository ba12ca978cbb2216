import { dayMs } from "../instants.ts";
import type { Random } from "../random.ts";
import { type Calendar, type Day, officeHours, salesDays } from "./calendar.ts";
import type { Ids, WorldEvent } from "./events.ts";
import { lateBy } from "./lateness.ts";
import { type Habit, makeHabit } from "./people.ts";
import type { Size } from "./size.ts";

/** A place that devices can go to, and how its owner buys and pays. */
export type Site = {
  readonly locationId: string;
  readonly since: number;
  readonly customerId: string;
  readonly currency: string;
  readonly habit: Habit;
};

/** The sites in order of time, and the events that register them and their customers. */
export type Registrations = {
  readonly sites: readonly Site[];
  readonly customerIds: readonly string[];
  readonly events: readonly WorldEvent[];
};

/** Customers with one to five locations; some are registered again, and some locations turn out to be another customer's. */
export function makeRegistrations(size: Size, calendar: Calendar, ids: Ids, random: Random): Registrations {
  const events: WorldEvent[] = [];
  const sites: Site[] = [];
  const customerIds: string[] = [];
  const pickDay = salesDays(calendar);
  for (let index = 0; index < size.customers; index += 1) {
    const customerId = naturalId(1001 + index, 0.06, random);
    const day = index < size.customers * 0.3 ? (calendar.days[random.int(0, 20)] as Day) : pickDay(random);
    const at = officeHours(day, random);
    const habit = makeHabit(random);
    const currency = random.chance(0.09) ? "EUR" : "USD";
    customerIds.push(customerId);
    events.push(registered(at, customerId, ids, random));
    if (random.chance(0.03)) events.push(registered(within(at + random.int(20, 200) * dayMs, calendar), customerId, ids, random));
    for (let count = siteCount(random); count > 0; count -= 1) {
      const since = within(at + random.int(60, 30 * 86_400) * 1000, calendar);
      const locationId = naturalId(5001 + sites.length, 0.05, random);
      events.push(located(since, locationId, customerId, ids, random));
      if (random.chance(0.03)) {
        const corrected = within(since + random.int(5, 90) * dayMs, calendar);
        events.push(located(corrected, locationId, random.pick(customerIds), ids, random));
      }
      sites.push({ locationId, since, customerId, currency, habit });
    }
  }
  return { sites: sites.sort((one, other) => one.since - other.since), customerIds, events };
}

function registered(at: number, customerId: string, ids: Ids, random: Random): WorldEvent {
  const id = ids("crm");
  return { type: "Sale.CustomerRegistered", id, arrives: lateBy(at, 0.04, random), fact: { eventId: id, at, customerId } };
}

function located(at: number, locationId: string, customerId: string, ids: Ids, random: Random): WorldEvent {
  const id = ids("crm");
  return {
    type: "Sale.LocationRegistered",
    id,
    arrives: lateBy(at, 0.04, random),
    fact: { eventId: id, at, locationId, customerId },
  };
}

/** An id as senders have them: mostly the number, now and then a UUID made of draws. */
export function naturalId(number: number, uuidShare: number, random: Random): string {
  if (!random.chance(uuidShare)) return String(number);
  const hex = Array.from({ length: 4 }, () => random.int(0, 0xffff).toString(16).padStart(4, "0"));
  return `${number.toString(16).padStart(8, "0")}-${hex[0]}-4${hex[1]?.slice(1)}-a${hex[2]?.slice(1)}-${hex[3]}${number.toString(16).padStart(8, "0")}`;
}

/** The instant itself, or the last second of the calendar where it lies beyond. */
export function within(at: number, calendar: Calendar): number {
  return Math.min(at, calendar.end - 1000);
}

function siteCount(random: Random): number {
  return 1 + Math.floor(random.next() * random.next() * 5);
}
