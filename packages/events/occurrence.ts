import type { Executor } from "@jukebase/platform";

/**
 * Which of the equal items of its load (of its request, where there is no load) each item is, from 1 on: what tells equal facts without
 * ids apart. Counted over everything that was ever quarantined there, whatever became of it, so that the answer never changes.
 */
export async function occurrencesOf(db: Executor, ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
  if (ids.length === 0) return new Map();
  const rows = [...(await counted(db, ids, "load_id")), ...(await counted(db, ids, "batch_id"))];
  return new Map(rows.map(({ quarantine_id, occurrence }) => [quarantine_id, occurrence]));
}

// Each set of equal items is counted once up to the first that is asked for, and numbered on from there: both read the index alone.
function counted(
  db: Executor,
  ids: readonly string[],
  within: "load_id" | "batch_id",
): Promise<{ quarantine_id: string; occurrence: number }[]> {
  const kind = within === "load_id" ? "not null" : "null";
  return db.query(
    `with item as materialized (
       select quarantine_id, ${within}, content
       from events.quarantine
       where quarantine_id = any($1::uuid[])
         and load_id is ${kind}
     ),
     place as (
       select ${within}, content, min(quarantine_id::text)::uuid as first, max(quarantine_id::text)::uuid as last
       from item
       group by ${within}, content
     ),
     numbered as (
       select
         equal.quarantine_id,
         earlier.items + row_number() over (partition by place.${within}, place.content order by equal.quarantine_id) as occurrence
       from place
       cross join lateral (
         select count(*) as items
         from events.quarantine
         where quarantine.${within} = place.${within}
           and quarantine.load_id is ${kind}
           and quarantine.content = place.content
           and quarantine.quarantine_id < place.first
       ) as earlier
       join events.quarantine as equal
         on equal.${within} = place.${within}
         and equal.load_id is ${kind}
         and equal.content = place.content
         and equal.quarantine_id between place.first and place.last
     )
     select quarantine_id, occurrence::int as occurrence
     from numbered
     join item using (quarantine_id)`,
    [ids],
  );
}
