import type { Allocation, Customer, Facts, Location, Payment, Purchase, Removal, Song } from "../truth/facts.ts";

/** The facts by the type of event that tells them. */
export type FactOf = {
  "Sale.CustomerRegistered": Customer;
  "Sale.LocationRegistered": Location;
  "Sale.DeviceAllocated": Allocation;
  "Payment.PaymentReceived": Payment;
  "Logistic.DevicePurchased": Purchase;
  "Music.SongPublished": Song;
  "Music.SongRemoved": Removal;
};

/** A type of event of the scenario; plays are streamed apart from the others. */
export type EventType = keyof FactOf;

/** An event that tells a fact; `arrives` (epoch ms) is when it is sent, `amends` the event whose data it replaces. */
export type Told<Type extends EventType> = {
  readonly type: Type;
  readonly id: string;
  readonly arrives: number;
  readonly fact: FactOf[Type];
  readonly amends?: string;
};

/** An event that takes another one back. */
export type Retraction = { readonly type: EventType; readonly id: string; readonly arrives: number; readonly retracts: string };

/** Every event but the plays. */
export type WorldEvent = { [Type in EventType]: Told<Type> }[EventType] | Retraction;

/** The facts that hold in the end: what was taken back is gone, what was amended is as amended. */
export function factsOf(events: readonly WorldEvent[]): Facts {
  const replaced = new Set(events.map((event) => ("retracts" in event ? event.retracts : event.amends)));
  const told = events.filter((event) => !("retracts" in event) && !replaced.has(event.id));
  const of = <Type extends EventType>(type: Type): FactOf[Type][] =>
    told
      .filter((event): event is Extract<WorldEvent, Told<Type>> => event.type === type)
      .map((event) => event.fact as FactOf[Type]);
  return {
    customers: of("Sale.CustomerRegistered"),
    locations: of("Sale.LocationRegistered"),
    allocations: of("Sale.DeviceAllocated"),
    payments: of("Payment.PaymentReceived"),
    purchases: of("Logistic.DevicePurchased"),
    songs: of("Music.SongPublished"),
    removals: of("Music.SongRemoved"),
  };
}

/** Hands out ids: `next("pay")` is pay-000001, then pay-000002. */
export type Ids = (prefix: string) => string;

/** A fresh sequence of ids per prefix. */
export function idSequence(): Ids {
  const counts = new Map<string, number>();
  return (prefix) => {
    const count = (counts.get(prefix) ?? 0) + 1;
    counts.set(prefix, count);
    return `${prefix}-${String(count).padStart(6, "0")}`;
  };
}
