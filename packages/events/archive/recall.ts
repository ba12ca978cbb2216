import { Conflict, type Executor } from "@jukebase/platform";
import { readFrames } from "./file.ts";
import { logIdOf, writeLines } from "./lines.ts";

/** What recalling needs: the folder of the files (undefined where nobody said one) and when it is. */
export type Recalling = { readonly archive: string | undefined; readonly at: Date };

/** Events that would be needed and are nowhere any more: their archives were purged. */
export type Purged = { readonly event_keys: readonly string[] };

/**
 * Makes every chain of amendments and retractions that touches `seeds` readable: the events in it that stand only in archives are put
 * into the log's default partition, in this transaction, and noted in `events.recalled`, so that they are not counted twice. Returns
 * the chains' events of which a part was purged.
 *
 * `seeds` is a SELECT of event keys. The log is locked against archiving first: what is there now is there to the end.
 */
export async function recallChains(
  db: Executor,
  recalling: Recalling,
  seeds: string,
  values: readonly unknown[],
): Promise<Purged> {
  await db.query("lock table events.log in access share mode");
  if (!(await anythingAway(db))) return { event_keys: [] };
  const found = await db.query<Missing & { purged: boolean }>(
    `with recursive up as (
       select event_key
       from (${seeds}) as seed (event_key)
       union
       select change.target_key
       from up
       join events.change on change.change_key = up.event_key
     ),
     chain as (
       select event_key
       from up
       union
       select change.change_key
       from chain
       join events.change on change.target_key = chain.event_key
     )
     select key.event_key, key.log_id, archive.partition, archive.file, archive.purged_at is not null as purged
     from chain
     join events.key on key.event_key = chain.event_key
     join events.archive on archive.from_log_id <= key.log_id and archive.to_log_id > key.log_id
     where archive.attached_at is null
       and not exists (select from events.log where log.log_id = key.log_id and log.event_key = key.event_key)
     order by key.log_id`,
    values,
  );
  await recallRows(
    db,
    recalling,
    found.filter(({ purged }) => !purged),
  );
  const purged = found.filter((one) => one.purged).map(({ event_key }) => event_key);
  return { event_keys: purged.length === 0 ? [] : await chainsOf(db, purged) };
}

/** An archived event that is needed, and where it is. */
export type Missing = { readonly event_key: string; readonly log_id: string; readonly partition: string; readonly file: string };

/** Whether any event stands only in an archive, or was purged with one. */
async function anythingAway(db: Executor): Promise<boolean> {
  const [row] = await db.query<{ away: boolean }>("select exists (select from events.archive where attached_at is null) as away");
  return row?.away === true;
}

/** Puts archived events back into the log, in the order of log_id, so that two that recall the same wait instead of blocking each other. */
export async function recallRows(db: Executor, { archive, at }: Recalling, missing: readonly Missing[]): Promise<void> {
  for (const [partition, rows] of Map.groupBy(missing, (one) => one.partition)) {
    const lines = await findLines(db, archive, rows);
    await writeLines(db, "events.log", lines.join("\n"));
    await db.query(
      `with row as (
         select log_id, event_key
         from unnest($1::uuid[], $2::uuid[]) as row(log_id, event_key)
       ),
       noted as (
         insert into events.recalled (log_id, event_key, partition, recalled_at)
         select log_id, event_key, $3, $4::timestamptz
         from row
         order by log_id
         on conflict do nothing
       )
       insert into events.archive_root (event_key, log_id, type, partition)
       select log.event_key, log.log_id, log.type, $3
       from row
       join events.log using (log_id, event_key)
       where log.amends is null and log.retracts is null
       order by log.log_id
       on conflict do nothing`,
      [rows.map(({ log_id }) => log_id), rows.map(({ event_key }) => event_key), partition, at.toISOString()],
    );
  }
}

/** The lines of archived events of one partition, from its file: only the frames that hold them are read. */
export async function findLines(db: Executor, folder: string | undefined, missing: readonly Missing[]): Promise<string[]> {
  const [first] = missing;
  if (first === undefined) return [];
  if (folder === undefined)
    throw new Conflict(`${first.file} must be read, and nobody said in which folder it stands: set JUKEBASE_ARCHIVE.`);
  const frames = await db.query<{ first_log_id: string; at: number; bytes: number; rows: number }>(
    `select distinct on (frame.at) frame.first_log_id, frame.at, frame.bytes, frame.rows
     from unnest($2::uuid[]) as wanted(log_id)
     cross join lateral (
       select *
       from events.archive_frame
       where partition = $1 and first_log_id <= wanted.log_id
       order by first_log_id desc
       limit 1
     ) as frame
     order by frame.at`,
    [first.partition, missing.map(({ log_id }) => log_id)],
  );
  const wanted = new Set(missing.map(({ log_id }) => log_id));
  const lines: string[] = [];
  for await (const content of readFrames(folder, first.file, frames))
    for (const line of content.slice(0, -1).split("\n")) if (wanted.delete(logIdOf(line))) lines.push(line);
  if (wanted.size > 0)
    throw new Conflict(`${folder}/${first.file} does not hold the event ${[...wanted][0]}, which it did when it was written.`);
  return lines;
}

async function chainsOf(db: Executor, keys: readonly string[]): Promise<string[]> {
  const rows = await db.query<{ event_key: string }>(
    `with recursive up as (
       select unnest($1::uuid[]) as event_key
       union
       select change.target_key
       from up
       join events.change on change.change_key = up.event_key
     ),
     chain as (
       select event_key
       from up
       union
       select change.change_key
       from chain
       join events.change on change.target_key = chain.event_key
     )
     select event_key
     from chain`,
    [keys],
  );
  return rows.map(({ event_key }) => event_key);
}
