import type { Executor, Projection } from "@jukebase/platform";

/** What one projection has made of an event. */
export type ProjectionFate = {
  readonly projection: string;
  /** `changed`: it amends or retracts another, whose rows are shown. `withdrawn`: it was read, and a retraction took it out. */
  readonly state: "projected" | "changed" | "waiting" | "parked" | "withdrawn" | "not-read";
  /** Where it stands: tables with the key of their row. */
  readonly rows: readonly { readonly table: string; readonly key: Readonly<Record<string, unknown>> }[];
  /** Parents that have not arrived, and since when it waits for them. */
  readonly waits_for: readonly { readonly kind: string; readonly id: string; readonly since: string }[];
  readonly parked: { readonly error: string; readonly since: string } | null;
};

/** What became of a logged event (its receipt) in each projection that reads its type. */
export async function projectionFates(
  db: Executor,
  projections: readonly Projection[],
  event: { readonly event_key: string; readonly type: string; readonly seq: number; readonly changes: boolean },
): Promise<ProjectionFate[]> {
  const readers = projections.filter(({ types }) => types.includes(event.type));
  const fates: ProjectionFate[] = [];
  for (const projection of readers) fates.push(await fateIn(db, projection, event));
  return fates;
}

async function fateIn(
  db: Executor,
  projection: Projection,
  { event_key, seq, changes }: { readonly event_key: string; readonly seq: number; readonly changes: boolean },
): Promise<ProjectionFate> {
  const [reached] = await db.query<Reached>(
    `select
       coalesce(max(checkpoint.seq), 0) as seq,
       coalesce((
         select jsonb_agg(jsonb_build_object('kind', needs_kind, 'id', needs_id, 'since', to_char(since, 'YYYY-MM-DD"T"HH24:MI:SS"Z"')))
         from events.waiting
         where projection = $1 and generation = 1 and event_key = $2::uuid
           and log_id = (select log_id from events.key where event_key = $2::uuid)
       ), '[]') as waits_for,
       (
         select jsonb_build_object('error', error, 'since', to_char(parked_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))
         from events.parked
         where projection = $1 and generation = 1 and log_id = (select log_id from events.key where event_key = $2::uuid)
       ) as parked
     from events.checkpoint
     where projection = $1 and generation = 1`,
    [projection.name, event_key],
  );
  const { seq: read_to, waits_for, parked } = reached as Reached;
  const rows = await rowsOf(db, projection, event_key);
  const fate = { projection: projection.name, rows, waits_for, parked };
  if (read_to < seq) return { ...fate, state: "not-read" };
  if (parked !== null) return { ...fate, state: "parked" };
  if (waits_for.length > 0) return { ...fate, state: "waiting" };
  if (changes) return { ...fate, state: "changed" };
  return { ...fate, state: rows.length > 0 ? "projected" : "withdrawn" };
}

type Reached = { seq: number; waits_for: ProjectionFate["waits_for"]; parked: ProjectionFate["parked"] };

// A change stands in the rows of what it changes, followed through to the event that changes no other. What is archived does not say its
// type any more, but its log id is in one table only.
async function rowsOf(db: Executor, projection: Projection, event_key: string): Promise<ProjectionFate["rows"]> {
  const roots = await db.query<{ log_id: string; type: string | null }>(
    `with recursive climbing as (
       select $1::uuid as event_key
       union
       select change.target_key
       from climbing
       join events.change on change.change_key = climbing.event_key
     )
     select key.log_id, log.type
     from climbing
     join events.key on key.event_key = climbing.event_key
     left join events.log on log.log_id = key.log_id and log.event_key = key.event_key`,
    [event_key],
  );
  const rows: ProjectionFate["rows"][number][] = [];
  for (const { log_id, type } of roots) {
    const tables = Object.entries(projection.facts).flatMap(([of, table]) => (type === null || of === type ? [table] : []));
    for (const table of new Set(tables)) rows.push(...(await rowsIn(db, `${projection.schema}.${table}`, log_id)));
  }
  return rows;
}

async function rowsIn(db: Executor, table: string, log_id: string): Promise<ProjectionFate["rows"][number][]> {
  const rows = await db.query<{ key: Record<string, unknown> }>(
    `select (
       select jsonb_object_agg(attname, to_jsonb(fact) -> attname::text)
       from pg_index
       join pg_attribute on attrelid = indrelid and attnum = any(indkey)
       where indrelid = $1::regclass and indisprimary
     ) as key
     from ${table} as fact
     where log_id = $2::uuid`,
    [table, log_id],
  );
  return rows.map(({ key }) => ({ table, key }));
}
