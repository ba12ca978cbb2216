import { expiringSoon, waitingCounts } from "@jukebase/events";
import { martStatus } from "@jukebase/marts";
import { queueCounts } from "@jukebase/platform/job-list.ts";
import type { Console } from "./console.ts";

/** Something that needs a person, and where it is put right. */
export type Matter = { readonly tone: "warn" | "error"; readonly text: string; readonly fix: string; readonly href: string };

/** How the machinery stands: what is held back, and how far projections are behind the log. */
export type Machinery = {
  readonly quarantined: number;
  readonly waiting: number;
  readonly parked: number;
  readonly behind: number;
  readonly events: number;
};

/** Counts what is held back and what is still to be read. */
export async function machinery({ db }: Console): Promise<Machinery> {
  const [row] = await db.query<Machinery>(
    `select
       (select count(*)::int from events.quarantine where status = 'open') as quarantined,
       (select count(distinct log_id)::int from events.waiting where generation = 1) as waiting,
       (select count(*)::int from events.parked where generation = 1) as parked,
       (
         select count(*)::int
         from events.batch
         where seq > (select coalesce(min(seq), 0) from events.checkpoint where generation = 1)
       ) as behind,
       (select coalesce(sum(logged), 0)::bigint from events.batch) as events`,
  );
  return row as Machinery;
}

/** What needs somebody now, gravest first, each with the page that mends it. */
export async function attention(admin: Console, { quarantined, parked, behind }: Machinery): Promise<readonly Matter[]> {
  const marts = await martStatus(admin.db);
  const failedMarts = marts.filter(({ status }) => status === "failed").length;
  const staleMarts = marts.filter(({ stale }) => stale).length - failedMarts;
  const failedLoads = await failedLoadCount(admin);
  const jobs = await deadCount(admin);
  const orphans = (await waitingCounts(admin.db, admin.jukebase.clock.now())).reduce((sum, kind) => sum + kind.orphans, 0);
  const matters: readonly (readonly [number, Matter["tone"], string, string, string])[] = [
    [parked, "error", plural(parked, "event is parked", "events are parked"), "See why and try again", "/events?fate=parked"],
    [failedMarts, "error", plural(failedMarts, "mart failed to refresh", "marts failed to refresh"), "See the error", "/marts"],
    [jobs, "error", plural(jobs, "job failed for good", "jobs failed for good"), "Try again", "/jobs"],
    [
      failedLoads,
      "error",
      plural(failedLoads, "load failed in the last week", "loads failed in the last week"),
      "See which",
      "/loads",
    ],
    [
      quarantined,
      "warn",
      plural(quarantined, "event is in quarantine", "events are in quarantine"),
      "Mend and replay",
      "/quarantine",
    ],
    [
      orphans,
      "warn",
      plural(orphans, "event has waited too long for its parent", "events have waited too long for their parents"),
      "See for which",
      "/waiting?orphans=true",
    ],
    [staleMarts, "warn", plural(staleMarts, "mart is stale", "marts are stale"), "See which", "/marts"],
    [
      behind,
      "warn",
      plural(behind, "batch is not projected yet", "batches are not projected yet"),
      "Look at the worker",
      "/jobs",
    ],
  ];
  const now = matters.filter(([count]) => count > 0).map(([, tone, text, fix, href]) => ({ tone, text, fix, href }));
  return [...now, ...(await expiring(admin))];
}

async function expiring({ db, jukebase }: Console): Promise<Matter[]> {
  const soon = await expiringSoon(db, jukebase);
  return soon.map(({ type, reason, items, expires_on }) => ({
    tone: "warn",
    text: `${plural(items, "quarantined event", "quarantined events")} of ${type ?? "no type"} (${reason}) can be read only until ${expires_on}`,
    fix: "Mend, replay or discard",
    href: `/quarantine?${new URLSearchParams({ ...(type === null ? {} : { type }), reason })}`,
  }));
}

async function deadCount({ jukebase }: Console): Promise<number> {
  const counts = await queueCounts(jukebase);
  return counts.filter(({ state }) => state === "dead").reduce((sum, { jobs }) => sum + jobs, 0);
}

async function failedLoadCount({ db, jukebase }: Console): Promise<number> {
  const [row] = await db.query<{ failed: number }>(
    "select count(*)::int as failed from events.load where status = 'failed' and finished_at > $1::timestamptz - interval '7 days'",
    [jukebase.clock.now().toISOString()],
  );
  return row?.failed ?? 0;
}

function plural(count: number, one: string, many: string): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}
