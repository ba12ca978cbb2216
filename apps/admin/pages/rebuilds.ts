import { badge, type Html, table } from "@jukebase/console";
import { type RebuildRecord, recentRebuilds } from "@jukebase/domains/rebuild/record.ts";
import type { Executor } from "@jukebase/platform";

/** The last rebuilds: what they rebuilt, how far the running one is, how they ended. */
export async function rebuildsTable(db: Executor): Promise<Html> {
  const rebuilds = await recentRebuilds(db, 5);
  return table({
    caption: "Rebuilds",
    captionHidden: true,
    fields: [
      { name: "started_at", type: "timestamp", description: "When it began." },
      { name: "projections", type: "text", description: "What is built anew from the log." },
      { name: "state", type: "text", description: "Whether it is through." },
      { name: "progress", type: "text", description: "How far it is, or why it ended." },
    ],
    rows: rebuilds.map((one) => ({
      started_at: one.started_at,
      projections: one.projections.join(", "),
      state: one.status,
      progress: progressOf(one),
    })),
    cell: (field, row) =>
      field.name === "state" ? badge(String(row.state), tones[row.state as RebuildRecord["status"]]) : undefined,
    empty: "Nothing has been rebuilt. Start one with: jukebase rebuild",
  });
}

const tones = { running: "warn", done: "good", failed: "error", aborted: "warn" } as const;

function progressOf({ status, phase, events, done, error }: RebuildRecord): string {
  if (status !== "running") return error ?? "";
  const parts = Object.entries(done).map(([projection, read]) => `${projection} ${read} of ${events} events`);
  return [phase, ...parts].join("; ");
}
