import type { Executor } from "@jukebase/platform/executor.ts";
import { type Built, liveSchema } from "../registry.ts";

/** A mart as the registry knows it today, with how its last refresh went and how many bytes its store takes. */
export type StandingMart = Built & {
  readonly built_at: string;
  readonly refreshed_at: string | null;
  readonly rows_changed: number | null;
  readonly duration_ms: number | null;
  readonly status: "current" | "failed";
  readonly error: string | null;
  readonly stale: boolean;
  readonly bytes: number | null;
};

/** Every mart that everybody reads, by name, in one question whatever their number. */
export async function standingMarts(db: Executor): Promise<StandingMart[]> {
  const rows = await db.query<{ mart: string }>(
    `select
       (
         to_jsonb(mart)
         || jsonb_build_object('bytes', pg_total_relation_size(to_regclass(format('marts_store.%I', mart.store))))
       )::text as mart
     from marts_store.mart
     where mart.schema = $1
     order by mart.name`,
    [liveSchema],
  );
  return rows.map(({ mart }) => JSON.parse(mart) as StandingMart);
}
