import type { Executor } from "@jukebase/platform/executor.ts";
import { definitionOf } from "./plan.ts";
import { listed, quoted } from "./quote.ts";
import type { Outcome } from "./recompute.ts";
import type { Built } from "./registry.ts";
import { columnsIn, inStore } from "./store.ts";
import { selectedColumns } from "./validity.ts";

/**
 * Brings a snapshot up to what its SELECT answers now: versions that are gone or replaced are closed, new ones opened. A version's times are
 * those of its `updated_at`, or of the refresh that saw it first; they never overlap. What was kept earlier is never changed otherwise.
 */
export async function refreshSnapshot(db: Executor, mart: Built, first: boolean): Promise<Outcome> {
  if (first) await inherit(db, mart);
  await db.query(
    `create temp table fresh on commit drop as select ${listed(selectedColumns(mart))} from ${inStore(definitionOf(mart))}`,
  );
  await db.query("analyze fresh");
  const [clock] = await db.query<{ at: string }>("select clock_timestamp()::text as at");
  const closed = await counted(db, closeOld(mart), [clock?.at]);
  const opened = await counted(db, openNew(mart), [clock?.at]);
  await db.query("drop table fresh");
  const [kept] = await db.query<{ rows: string }>(`select count(*)::text as rows from ${inStore(mart.store)}`);
  return { reason: first ? "filled" : "seen anew", rowsChanged: closed + opened, rows: Number(kept?.rows), buckets: null };
}

// A changed definition goes on with the history of the one before it, in the columns that both have.
async function inherit(db: Executor, mart: Built): Promise<void> {
  const [before] = await db.query<{ store: string }>(
    `select store
     from marts_store.mart
     where name = $1 and schema in ($2, 'marts') and store <> $3 and kind = 'snapshot'
     order by schema = $2 desc
     limit 1`,
    [mart.name, mart.schema, mart.store],
  );
  if (before === undefined) return;
  const known = (await columnsIn(db, "marts_store", before.store)).map(({ name }) => name);
  const common = listed(mart.columns.filter((column) => known.includes(column)));
  await db.query(`insert into ${inStore(mart.store)} (${common}) select ${common} from ${inStore(before.store)}`);
}

function closeOld(mart: Built): string {
  const seen = "greatest($1::timestamptz, kept.valid_from + interval '1 microsecond')";
  const replaced = mart.history?.strategy === "timestamp" ? `fresh.${quoted(mart.history.updated_at)}` : seen;
  return `
    update ${inStore(mart.store)} as kept
    set valid_to = case when fresh.found then ${replaced} else ${seen} end
    from ${inStore(mart.store)} as open
    left join (select true as found, * from fresh) as fresh on ${sameKey(mart, "fresh", "open")}
    where open.valid_to is null
      and (fresh.found is null or ${differs(mart)})
      and kept.valid_to is null
      and ${sameKey(mart, "kept", "open")}
    returning 1`;
}

function openNew(mart: Built): string {
  const columns = selectedColumns(mart);
  const from = mart.history?.strategy === "timestamp" ? `fresh.${quoted(mart.history.updated_at)}` : "$1::timestamptz";
  return `
    insert into ${inStore(mart.store)} (${listed(columns)}, valid_from)
    select
      ${listed(columns, "fresh")},
      greatest(${from}, (select max(past.valid_to) from ${inStore(mart.store)} as past where ${sameKey(mart, "past", "fresh")}))
    from fresh
    where $1::timestamptz is not null
      and not exists (
        select from ${inStore(mart.store)} as open where open.valid_to is null and ${sameKey(mart, "open", "fresh")}
      )
    returning 1`;
}

function differs(mart: Built): string {
  if (mart.history?.strategy === "timestamp") return `fresh.${quoted(mart.history.updated_at)} > open.valid_from`;
  const watched = mart.history?.columns === "all" ? selectedColumns(mart) : (mart.history?.columns ?? []);
  return `row(${listed(watched, "fresh")}) is distinct from row(${listed(watched, "open")})`;
}

function sameKey(mart: Built, left: string, right: string): string {
  return mart.key.map((column) => `${left}.${quoted(column)} = ${right}.${quoted(column)}`).join(" and ");
}

async function counted(db: Executor, statement: string, values: readonly unknown[]): Promise<number> {
  const [row] = await db.query<{ rows: string }>(
    `with written as (${statement}) select count(*)::text as rows from written`,
    values,
  );
  return Number(row?.rows);
}
