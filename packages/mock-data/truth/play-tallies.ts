import { monthOf } from "../instants.ts";
import type { Facts } from "./facts.ts";
import { type Placement, placementsOf } from "./placements.ts";

/** Plays of one month on one allocation of a device; `deviceId` and `allocation` (its event id) are null where nobody gets them. */
export type PlayTally = {
  readonly month: string;
  readonly deviceId: string | null;
  readonly allocation: string | null;
  plays: number;
  completed: number;
};

/** Counts one play of a device at an instant (epoch ms). */
export type PlayCounter = (at: number, completed: boolean) => void;

/** Counters instead of plays, so that ten million of them need no memory. */
export type PlayTallies = { readonly of: (deviceId: string | undefined) => PlayCounter; readonly rows: () => PlayTally[] };

/** Counters over the allocations of the given facts: a play belongs to the allocation valid at its instant, or to none. */
export function playTallies(facts: Pick<Facts, "customers" | "locations" | "allocations">): PlayTallies {
  const histories = Map.groupBy(placementsOf(facts), (placement) => placement.deviceId);
  const nobody = new Map<string, PlayTally>();
  const rows: PlayTally[] = [];
  const counters = new Map<string, PlayCounter>();

  const counterOf = (history: readonly Placement[]): PlayCounter => {
    const spans = history.toReversed().map((placement) => ({ placement, months: new Map<string, PlayTally>() }));
    return (at, completed) => {
      const span = spans.find((candidate) => candidate.placement.at <= at);
      const month = monthOf(at);
      const months = span?.months ?? nobody;
      let tally = months.get(month);
      if (tally === undefined) {
        tally = {
          month,
          deviceId: span?.placement.deviceId ?? null,
          allocation: span?.placement.eventId ?? null,
          plays: 0,
          completed: 0,
        };
        months.set(month, tally);
        rows.push(tally);
      }
      tally.plays += 1;
      if (completed) tally.completed += 1;
    };
  };

  const ofNobody = counterOf([]);
  return {
    of: (deviceId) => {
      const history = deviceId === undefined ? undefined : histories.get(deviceId);
      if (deviceId === undefined || history === undefined) return ofNobody;
      const counter = counters.get(deviceId) ?? counterOf(history);
      counters.set(deviceId, counter);
      return counter;
    },
    rows: () => rows,
  };
}
