import { createHash } from "node:crypto";
import type { Clock, EventContract, Executor } from "@jukebase/platform";
import { partitionOf } from "./archive/partitions.ts";
import { monthOf } from "./archive/policy.ts";
import { viewName } from "./contracts/index.ts";
import { requireKey } from "./key-ring.ts";
import type { Keys } from "./keys.ts";

/** Makes what the log needs beyond its migrations: typed views, partitions ahead, and the proof that the master key is this database's. */
export async function prepareLog(db: Executor, contracts: Iterable<EventContract>, keys: Keys, clock: Clock): Promise<void> {
  await requireKey(db, keys);
  for (const contract of contracts) await makeView(db, contract);
  await makePartitions(db, clock.now());
}

/**
 * Makes this month's partition of the log and the next two, and those of past months whose events lie in the default partition because
 * nobody made theirs in time.
 */
export async function makePartitions(db: Executor, now: Date): Promise<string[]> {
  const ahead = [0, 1, 2].map((months) => monthOf(new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + months, 1))));
  const late = (await defaultPartition(db)).months.filter((month) => month < monthOf(now));
  const made: string[] = [];
  for (const month of [...new Set([...ahead, ...late])]) {
    const { partition, from, to } = partitionOf(month);
    const [known] = await db.query<{ known: boolean }>(
      "select to_regclass($1) is not null or exists (select from events.archive where partition = $2) as known",
      [`events.${partition}`, partition],
    );
    if (known?.known) continue;
    await makePartition(db, partition, from, to);
    made.push(partition);
  }
  return made;
}

/** What stands in the default partition and does not belong there (recalled events do): how many, and of which months. */
export type DefaultPartition = { readonly rows: number; readonly months: readonly string[] };

/** Looks whether the default partition is empty, as it should be. */
export async function defaultPartition(db: Executor): Promise<DefaultPartition> {
  const [row] = await db.query<DefaultPartition>(
    `select
       count(*) as rows,
       coalesce(array_agg(distinct to_char(uuid_extract_timestamp(log_id) at time zone 'UTC', 'YYYY-MM')), '{}') as months
     from events.log_default as log
     where not exists (select from events.recalled where recalled.log_id = log.log_id)`,
  );
  return row ?? { rows: 0, months: [] };
}

// What lies in the default partition because nobody made this one in time moves in first: Postgres refuses the partition otherwise.
async function makePartition(db: Executor, name: string, from: string, to: string): Promise<void> {
  await db.query(
    `do $$ begin
       lock table events.log_default in access exclusive mode;
       create table events.${name} (like events.log including defaults including constraints);
       with late as (
         delete from events.log_default
         where log_id >= '${from}' and log_id < '${to}'
         returning *
       )
       insert into events.${name}
       select *
       from late;
       alter table events.log attach partition events.${name} for values from ('${from}') to ('${to}');
     end $$`,
  );
}

async function makeView(db: Executor, contract: EventContract): Promise<void> {
  const name = `events.${viewName(contract.type)}`;
  const text = contract.select("events.entry");
  const mark = `${contract.description} [${createHash("sha256").update(text).digest("hex").slice(0, 12)}]`;
  const [known] = await db.query<{ comment: string | null }>("select obj_description(to_regclass($1), 'pg_class') as comment", [
    name,
  ]);
  if (known?.comment === mark) return;
  await db.query(`drop view if exists ${name}`);
  await db.query(`create view ${name} as ${text}`);
  await db.query(`comment on view ${name} is ${quoted(mark)}`);
  for (const column of contract.columns)
    await db.query(`comment on column ${name}.${column.name} is ${quoted(column.description)}`);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
