import { badge, card, chart, type Html, type HtmlValue, html, notice, type Tone, table } from "@jukebase/console";
import type { RefreshDurations, RefreshOutcome, RefreshRecord } from "@jukebase/marts/service/history.ts";
import type { Load, Pressure } from "@jukebase/marts/service/pressure.ts";
import type { Queued, RefreshQueue } from "@jukebase/marts/service/queue.ts";

/** What runs and waits now, and the load by which that is decided. */
export function queueCard({ load, pressure, queued, requests }: RefreshQueue, tz: string, actions: HtmlValue): Html {
  const rows = [
    ...requests.map(({ marts, actor, asked_at }) => ({
      marts: marts.length === 0 ? "every mart" : marts.join(", "),
      state: "asked for",
      since: asked_at,
      until: null,
      why: `${actor} asked for it`,
    })),
    ...queued.map((one) => ({
      marts: one.marts.join(", "),
      state: one.state,
      since: one.since ?? null,
      until: one.until ?? null,
      why: whyOf(one),
    })),
  ];
  const waiting = table({
    caption: "What waits and what runs",
    captionHidden: true,
    fields: queueFields,
    rows,
    cell: (field, row) =>
      field.name === "state" ? badge(String(row.state), stateTones[String(row.state)] ?? "neutral") : undefined,
    empty: "Nothing waits: every mart holds all events that it could.",
    tz,
  });
  return card({ title: "Now", actions, body: html`${pressureNotice(pressure, load)}${waiting}` });
}

const stateTones: Readonly<Record<string, Tone>> = {
  running: "info",
  next: "info",
  "asked for": "info",
  "not due": "neutral",
  busy: "warn",
  behind: "warn",
  failing: "error",
};

const queueFields = [
  { name: "state", type: "text", description: "running, next, asked for, not due, busy, behind or failing." },
  { name: "marts", type: "text", description: "The marts that are refreshed in one snapshot." },
  { name: "since", type: "timestamp", description: "Since when it runs, or the oldest event or mark has waited." },
  { name: "until", type: "timestamp", description: "When it is refreshed at the latest, or tried again." },
  { name: "why", type: "text", description: "Why it is not done yet." },
] as const;

function whyOf({ state, failing, schedules }: Queued): string | null {
  if (state === "not due") return schedules.join(", ");
  if (state === "busy") return "sessions of the database wait for one another: refreshes take a quarter of the time";
  if (state === "behind") return "projections have much to read: a refresh now would soon be repeated";
  return failing.length === 0 ? null : `${failing.join(", ")} failed`;
}

function pressureNotice(pressure: Pressure, { unread_events, received_per_s, waiting_sessions }: Load): Html | null {
  if (pressure === "none") return null;
  const figures = `${unread_events} events are not projected yet, ${Math.round(received_per_s)} come in a second, ${waiting_sessions} sessions wait.`;
  const title = pressure === "behind" ? "Refreshes wait for the projections" : "Refreshes give way to other work";
  return notice({
    tone: "info",
    title,
    body: `${figures} No refresh is put off for longer than half of what its marts' freshness allows.`,
  });
}

/** Refreshes, one line for each mart of which there was something to do. */
export function refreshTable(records: readonly RefreshRecord[], tz: string): Html {
  return table({
    caption: "Refreshes",
    captionHidden: true,
    fields: recordFields,
    rows: records.map((record) => ({ ...record, what: whatOf(record) })),
    link: (field, row) => (field.name === "mart" ? `/marts/${row.mart}` : undefined),
    cell: (field, row) =>
      field.name === "outcome" ? badge(String(row.outcome), outcomeTones[row.outcome as RefreshOutcome]) : undefined,
    empty: "No refresh is kept that is like this.",
    tz,
  });
}

const outcomeTones: Readonly<Record<RefreshOutcome, Tone>> = {
  refreshed: "good",
  unchanged: "neutral",
  failed: "error",
  waits: "warn",
  interrupted: "warn",
};

const recordFields = [
  { name: "finished_at", type: "timestamp", description: "When it ended." },
  { name: "mart", type: "text", description: "The mart." },
  { name: "outcome", type: "text", description: "refreshed, unchanged, failed, waits or interrupted." },
  { name: "reason", type: "text", description: "event, schedule, upstream, manual or build." },
  { name: "what", type: "text", description: "What was computed and for whom, or why it was not." },
  { name: "rows_changed", type: "integer", description: "Rows that differ from before." },
  { name: "duration_ms", type: "integer", description: "How long computing it took, in milliseconds." },
  { name: "lag_ms", type: "integer", description: "From the receipt of its first new event to this refresh, in milliseconds." },
  { name: "held_ms", type: "integer", description: "For how long the load had held it back, in milliseconds." },
] as const;

function whatOf({ how, error, waits_for, tries, outcome, actor }: RefreshRecord): string | null {
  if (error !== null) return tries > 1 ? `${error} (attempt ${tries})` : error;
  if (waits_for !== null) return `for ${waits_for}`;
  if (outcome === "interrupted") return "its process died, or all of it was undone; another takes over";
  const done = outcome === "unchanged" ? "nothing to compute" : (how ?? "");
  return actor === null ? done : `${done}, for ${actor}`;
}

/** The most whose names stand beside one another. */
const bars_max = 8;

/** Median and longest of each mart, the slowest first. */
export function durationsByMart(durations: readonly RefreshDurations[]): Html {
  const slowest = durations.slice(0, bars_max);
  const series = (name: string, of: (one: RefreshDurations) => number) => ({
    name,
    points: slowest.map((one) => ({ x: one.mart.replace(/^(fct|dim)_/, ""), y: of(one) })),
  });
  return chart({
    id: "refresh-durations",
    kind: "bar",
    title: "Median and longest refresh of the last day, by mart",
    description: `How long computing took, in milliseconds, for the ${slowest.length} marts with the longest refreshes.`,
    series: [series("median", ({ median_ms }) => median_ms), series("longest", ({ longest_ms }) => longest_ms)],
    yLabel: "Milliseconds",
    stacked: false,
  });
}

/** One mart's last refreshes, the oldest first. */
export function durationsOf(mart: string, records: readonly RefreshRecord[]): Html {
  const computed = records.filter(({ outcome, duration_ms }) => outcome === "refreshed" && duration_ms !== null).toReversed();
  return chart({
    id: "refresh-durations",
    kind: "line",
    title: `The last ${computed.length} refreshes of ${mart}`,
    description: "How long computing took, in milliseconds, by when it ended.",
    series: [{ name: mart, points: computed.map(({ finished_at, duration_ms }) => ({ x: finished_at, y: duration_ms })) }],
    yLabel: "Milliseconds",
  });
}
