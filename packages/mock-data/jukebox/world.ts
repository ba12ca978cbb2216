import { base, en, Faker } from "@faker-js/faker";
import { type Random, randomStream } from "../random.ts";
import type { Facts, Song } from "../truth/facts.ts";
import { allocationEvents } from "./allocation-events.ts";
import { type Calendar, calendarOf } from "./calendar.ts";
import { makeCatalogue } from "./catalogue.ts";
import { factsOf, idSequence, type WorldEvent } from "./events.ts";
import { orphanEvents } from "./orphans.ts";
import { paymentEvents, strayPayments } from "./payment-events.ts";
import { makeAgents } from "./people.ts";
import { purchaseCorrections } from "./purchase-corrections.ts";
import { makeRegistrations } from "./registrations.ts";
import { makeSales } from "./sales.ts";
import type { Size } from "./size.ts";

/** A company's history without its plays: what is sent, in order of arrival, and what is true in the end. */
export type World = {
  readonly calendar: Calendar;
  readonly events: readonly WorldEvent[];
  readonly facts: Facts;
  readonly songs: readonly Song[];
  /** Devices in stock, which are only played at fairs. */
  readonly stock: readonly string[];
};

/** The world of a seed and size. */
export function makeWorld(size: Size, seed: number): World {
  const stream = (name: string): Random => randomStream(seed, `world/${name}`);
  const faker = fakerOf(seed, "world");
  const calendar = calendarOf(size.months);
  const ids = idSequence();
  const few = Math.max(3, Math.round(size.devices / 60));

  const agents = makeAgents(size, faker, stream("agents"));
  const { sites, customerIds, events } = makeRegistrations(size, calendar, ids, stream("registrations"));
  const { deals, stock, purchases } = makeSales(size, calendar, sites, agents, ids, stream("sales"));
  const { songs, events: songEvents } = makeCatalogue(size, calendar, ids, faker, stream("catalogue"));
  const all = [
    ...events,
    ...purchases,
    ...purchaseCorrections(purchases, ids, stream("purchases")),
    ...allocationEvents(deals, { agents, sites, calendar }, ids, stream("allocations")),
    ...paymentEvents(deals, customerIds, calendar, ids, stream("payments")),
    ...strayPayments(few * 4, customerIds, calendar, ids, stream("strays")),
    ...orphanEvents(few, agents, calendar, ids, stream("orphans")),
    ...songEvents,
  ];
  return { calendar, events: all.sort((one, other) => one.arrives - other.arrives), facts: factsOf(all), songs, stock };
}

/** Faker's names and addresses, seeded by seed and name. */
export function fakerOf(seed: number, name: string): Faker {
  return new Faker({ locale: [en, base], seed: randomStream(seed, `faker/${name}`).int(0, 0x7fffffff) });
}
