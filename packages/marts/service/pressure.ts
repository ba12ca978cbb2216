/** What the database has to do besides refreshing. */
export type Load = {
  readonly unread_events: number;
  readonly received_per_s: number;
  /** Sessions that wait for a lock, a disk or a page at this moment. */
  readonly waiting_sessions: number;
};

/** `busy`: sessions stand in each other's way; `behind`: projections have so much to read that a refresh now would soon be repeated. */
export type Pressure = "none" | "busy" | "behind";

/** A projection reads 20,000 events in a step: from so many on, several steps lie ahead of it. */
export const behind_events = 50_000;
/** At 2,000 events a second of intake with all that follows, fewer than three wait nearly always. */
export const busy_sessions = 6;

/** How much a load speaks against refreshing now. */
export function pressureOf({ unread_events, waiting_sessions }: Load): Pressure {
  if (unread_events >= behind_events) return "behind";
  return waiting_sessions >= busy_sessions ? "busy" : "none";
}

/** A refresh that is wanted; all in milliseconds. */
export type Wanted = {
  readonly apart: boolean;
  /** Until a schedule or a further try allows it; 0 or less: it does. */
  readonly due_in_ms: number;
  /** How long the oldest event, or mark, has waited for it. */
  readonly waiting_ms: number;
  /** How long its marts may be behind before they are stale. */
  readonly freshness_ms: number;
  /** How long the last refresh of its kind took, and how long ago it ended. */
  readonly last_ms: number;
  readonly rest_ms: number;
};

/** Whether to refresh now; if not, why, and in how many milliseconds it will be done whatever the load. */
export type Decision =
  | { readonly go: true }
  | { readonly go: false; readonly why: "not due" | "busy" | "behind"; readonly at_most_ms: number };

/** Of a busy database, refreshing takes a quarter of the time: after a refresh it rests three times as long as that took. */
const rest = 3;

/**
 * Refreshing gives way to intake and projections, but never for longer than half of what the marts' freshness allows: the other half is
 * for the refresh itself. While the log is far behind it waits; while the database is busy it takes a smaller share, and what is apart waits.
 */
export function decide({ apart, due_in_ms, waiting_ms, freshness_ms, last_ms, rest_ms }: Wanted, pressure: Pressure): Decision {
  if (due_in_ms > 0) return { go: false, why: "not due", at_most_ms: due_in_ms };
  const patience_ms = freshness_ms / 2 - waiting_ms;
  if (pressure === "none" || patience_ms <= 0) return { go: true };
  if (pressure === "behind" || apart) return { go: false, why: pressure, at_most_ms: patience_ms };
  const pause_ms = Math.min(patience_ms, rest * last_ms - rest_ms);
  return pause_ms <= 0 ? { go: true } : { go: false, why: "busy", at_most_ms: pause_ms };
}
