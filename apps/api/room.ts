import { Refusal } from "./refusal.ts";

/** How much may be in memory over all requests that bring events: requests under way, bytes and events that are not committed yet. */
export type RoomLimits = { readonly intakes: number; readonly bytes: number; readonly events: number };

/** One request's place. `leave` gives everything back; what is held counts until then, also when the client has gone. */
export type Stay = {
  readonly holdBytes: (bytes: number) => void;
  readonly holdEvents: (events: number) => void;
  readonly leave: () => void;
};

/**
 * Room for a bounded amount. Who finds none is refused before the body is read, and whoever's body turns out larger than what is left
 * is refused before anything of it is taken in: both throw a `Refusal` that says to come again.
 */
export function makeRoom(limits: RoomLimits): { readonly enter: (declared_bytes: number) => Stay } {
  const held = { intakes: 0, bytes: 0, events: 0 };
  const hold = (what: keyof RoomLimits, amount: number): void => {
    if (held[what] + amount > limits[what]) throw full();
    held[what] += amount;
  };
  return {
    enter: (declared_bytes) => {
      if (held.bytes + declared_bytes > limits.bytes || held.events >= limits.events) throw full();
      hold("intakes", 1);
      const own = { bytes: 0, events: 0 };
      const add = (what: "bytes" | "events", amount: number): void => {
        hold(what, amount);
        own[what] += amount;
      };
      let left = false;
      return {
        holdBytes: (bytes) => add("bytes", bytes),
        holdEvents: (events) => add("events", events),
        leave: () => {
          if (left) return;
          left = true;
          held.intakes -= 1;
          held.bytes -= own.bytes;
          held.events -= own.events;
        },
      };
    },
  };
}

function full(): Refusal {
  return new Refusal("unavailable", "More is coming in than can be taken at the moment. Send the same again.", {
    "retry-after": "1",
  });
}
