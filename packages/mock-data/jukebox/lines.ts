import type { Faker } from "@faker-js/faker";
import { dateOf } from "../instants.ts";
import { type Random, randomStream } from "../random.ts";
import { makeBodies } from "./bodies.ts";
import type { Calendar } from "./calendar.ts";
import type { WorldEvent } from "./events.ts";
import { within } from "./registrations.ts";
import { makeSpelling, timeOf } from "./spelling.ts";

/** Writes an event as one NDJSON line, without the newline. */
export type LineWriter = (event: WorldEvent) => string;

/** A writer of lines in varied spelling; equal seeds and equal events in equal order give equal lines. */
export function lineWriter(seed: number, faker: Faker, calendar: Calendar): LineWriter {
  const random: Random = randomStream(seed, "lines");
  const bodies = makeBodies(makeSpelling(random), faker, random);
  const bodyOf = (event: Exclude<WorldEvent, { retracts: string }>) =>
    (bodies[event.type] as (fact: typeof event.fact) => ReturnType<(typeof bodies)[typeof event.type]>)(event.fact);
  const sentAt = (event: WorldEvent): string => isoInstant(within(event.arrives, calendar));
  return (event) => {
    if ("retracts" in event) {
      return JSON.stringify({
        id: event.id,
        type: event.type,
        time: sentAt(event),
        retracts: event.retracts,
        ...(random.chance(0.3) ? { data: {} } : {}),
      });
    }
    const { data, version } = bodyOf(event);
    const time = random.chance(0.3) ? sentAt(event) : undefined;
    return JSON.stringify({ id: event.id, type: event.type, version, time, amends: event.amends, data });
  };
}

function isoInstant(at: number): string {
  return `${dateOf(at)}T${timeOf(at)}Z`;
}
