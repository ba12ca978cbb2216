import type { EventContract, Executor, Projection } from "@jukebase/platform";
import { viewName } from "../contracts/index.ts";

/**
 * The temporary relations that a projection reads, made once per connection and empty at every commit:
 * `incoming` and its typed views, `withdrawn`, and the scratch pads `touched`, `rechecked` and `waits`.
 */
export async function prepareSession(
  db: Executor,
  projection: Projection,
  contracts: ReadonlyMap<string, EventContract>,
): Promise<void> {
  await db.query(`set local search_path = ${projection.schema}, public, pg_temp`);
  const [made] = await db.query<{ made: boolean }>("select to_regclass('pg_temp.incoming') is not null as made");
  if (!made?.made) for (const statement of scratch) await db.query(statement);
  for (const type of projection.types) {
    const contract = contracts.get(type);
    if (!contract) throw new Error(`The projection "${projection.name}" reads ${type}, which no contract describes.`);
    const view = `incoming_${viewName(type)}`;
    const [known] = await db.query<{ made: boolean }>("select to_regclass($1) is not null as made", [`pg_temp.${view}`]);
    if (!known?.made) await db.query(`create temporary view ${view} as ${contract.select("pg_temp.incoming")}`);
  }
}

const scratch = [
  `create temporary table incoming (
     log_id uuid not null, event_key uuid not null, type text not null, source text not null, namespace text not null, event_id text not null,
     occurred_at timestamptz not null, recorded_at timestamptz not null, version smallint not null, data jsonb not null
   ) on commit delete rows`,
  "create temporary table root (event_key uuid primary key) on commit delete rows",
  "create temporary table withdrawn (log_id uuid primary key, type text not null) on commit delete rows",
  "create temporary table touched (kind text not null, key uuid not null, primary key (kind, key)) on commit delete rows",
  "create temporary table rechecked (log_id uuid primary key) on commit delete rows",
  `create temporary table waits (
     log_id uuid not null, needs_kind text not null, needs_id text not null, needs_key uuid not null, primary key (log_id, needs_kind)
   ) on commit delete rows`,
];
