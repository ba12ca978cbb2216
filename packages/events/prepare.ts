import { createHash } from "node:crypto";
import type { Clock, EventContract, Executor } from "@jukebase/platform";
import { floorOf } from "./archive/partitions.ts";
import { viewName } from "./contracts/index.ts";
import { requireKey } from "./key-ring.ts";
import type { Keys } from "./keys.ts";

/** Makes what the log needs beyond its migrations: typed views, partitions ahead, and the proof that the master key is this database's. */
export async function prepareLog(db: Executor, contracts: Iterable<EventContract>, keys: Keys, clock: Clock): Promise<void> {
  await requireKey(db, keys);
  for (const contract of contracts) await makeView(db, contract);
  await makePartitions(db, clock.now());
}

/** Makes this month's partition of the log and the next two; what falls outside lands in the default partition. */
export async function makePartitions(db: Executor, now: Date): Promise<string[]> {
  const made: string[] = [];
  for (const ahead of [0, 1, 2]) {
    const start = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead, 1));
    const end = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead + 1, 1));
    const name = `log_${start.toISOString().slice(0, 7).replace("-", "_")}`;
    const [known] = await db.query<{ known: boolean }>("select to_regclass($1) is not null as known", [`events.${name}`]);
    if (known?.known) continue;
    await makePartition(db, name, floorOf(start), floorOf(end));
    made.push(name);
  }
  return made;
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
