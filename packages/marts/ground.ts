import type { Executor } from "@jukebase/platform/executor.ts";
import type { Positions } from "./registry.ts";

/** What a refresh stands on: the name of its snapshot, how far each projection had read in it, and the server's time. */
export type Ground = { readonly snapshot: string; readonly checkpoints: Positions; readonly now_ms: number };

/** Reads it in the caller's transaction; for projections in `next`, how far a rebuild has filled what is to take the live ones' place. */
export async function groundOf(db: Executor, next: readonly string[] = []): Promise<Ground> {
  const [row] = await db.query<{ snapshot: string; checkpoints: string; now_ms: string }>(
    `select
       uuidv7()::text as snapshot,
       (extract(epoch from clock_timestamp()) * 1000)::bigint::text as now_ms,
       coalesce((
         select jsonb_object_agg(projection, seq)
         from events.checkpoint
         where generation = case when projection = any($1::text[]) then 2 else 1 end
       ), '{}')::text as checkpoints`,
    [next],
  );
  return {
    snapshot: row?.snapshot ?? "",
    now_ms: Number(row?.now_ms),
    checkpoints: JSON.parse(row?.checkpoints ?? "{}") as Positions,
  };
}
