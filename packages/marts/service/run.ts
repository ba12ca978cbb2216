import type { Executor } from "@jukebase/platform/executor.ts";
import type { Built } from "../registry.ts";

/** What made marts be refreshed: events that came, a time that came, somebody, what is beneath them, or a build. */
export const refreshReasons = ["event", "schedule", "upstream", "manual", "build"] as const;

/** One of them. */
export type RefreshReason = (typeof refreshReasons)[number];

/** Why marts are refreshed, for whom (`cli:<system user>`, `console:<e-mail>`), and for how long the load held it back before. */
export type Asked = { readonly reason: Exclude<RefreshReason, "upstream">; readonly actor?: string; readonly held_ms?: number };

/** A refresh that is under way, or was when its process died. */
export type Run = { readonly run_id: string };

/** Why one mart of a refresh was refreshed: what reads no table itself has its events from the marts beneath. */
export function reasonOf(mart: Built, { reason }: Asked): RefreshReason {
  if (reason === "manual" || reason === "build") return reason;
  if (mart.refresh !== null) return "schedule";
  return mart.projections.length === 0 && mart.upstream.length > 0 ? "upstream" : "event";
}

/**
 * Notes that a refresh of these marts begins, before its transaction. The caller holds the marts' locks: whoever else is noted to
 * refresh one of them has died, and that is written into the history of each of its marts.
 */
export async function beginRun(db: Executor, unit: string, marts: readonly Built[], asked: Asked): Promise<Run> {
  const [row] = await db.query<{ run_id: string }>(
    `with gone as (
       delete from marts_store.refresh_run
       where (unit = $1 and finished_at is not null)
          or (finished_at is null and marts && $2::text[])
       returning *
     ),
     interrupted as (
       insert into marts_store.refresh (run_id, mart, reason, actor, outcome, started_at, held_ms)
       select run_id, mart, reason, actor, 'interrupted', started_at, held_ms
       from gone
       cross join lateral unnest(marts) as named (mart)
       where finished_at is null
     )
     insert into marts_store.refresh_run (unit, marts, reason, actor, held_ms)
     values ($1, $2, $3, $4, $5)
     returning run_id`,
    [unit, marts.map(({ name }) => name), asked.reason, asked.actor ?? null, Math.round(asked.held_ms ?? 0)],
  );
  return { run_id: row?.run_id ?? "" };
}

/** Notes that a refresh failed as a whole, so that nothing of it stands; `error` is why. */
export async function abandonRun(db: Executor, { run_id }: Run, error: string): Promise<void> {
  await db.query(
    `with gone as (
       update marts_store.refresh_run
       set finished_at = clock_timestamp()
       where run_id = $1
       returning *
     )
     insert into marts_store.refresh (run_id, mart, reason, actor, outcome, started_at, held_ms, error)
     select run_id, mart, reason, actor, 'interrupted', started_at, held_ms, $2
     from gone
     cross join lateral unnest(marts) as named (mart)`,
    [run_id, error],
  );
}

/** Forgets a run that turned out to have nothing to do. */
export async function forgetRun(db: Executor, { run_id }: Run): Promise<void> {
  await db.query("delete from marts_store.refresh_run where run_id = $1", [run_id]);
}
