import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { type Executor, type Projection, pgExecutor, transaction } from "@jukebase/platform";
import { openTestLog, type TestLog } from "../log.testing.ts";
import { makePartitions } from "../prepare.ts";
import { catchUp } from "../projection/run.ts";
import { shopEvents } from "../shop.testing.ts";
import { restoreOpening } from "./opening.ts";
import { partitionOf } from "./partitions.ts";
import { logEvents } from "./purged-event.ts";
import { type ArchiveOutcome, runArchive } from "./run.ts";

/** An event log with a folder for its archives. */
export type ArchivingLog = TestLog & { readonly archive: string };

/** Opens one; its clock stands at noon of 1 March 2025. */
export async function openArchivingLog(): Promise<ArchivingLog> {
  const log = await openTestLog([...shopEvents, ...logEvents]);
  const archive = await mkdtemp(`${tmpdir()}/jukebase-archive-`);
  return {
    ...log,
    archive,
    empty: async () => {
      await log.db.query("truncate events.archive, events.purge cascade");
      await log.db.query("drop schema if exists shop__opening cascade");
      await log.empty();
    },
    close: async () => {
      await log.close();
      await rm(archive, { recursive: true });
    },
  };
}

/**
 * Makes what was logged just now look as if it had been received in a month long ago (`YYYY-MM`): Postgres draws log ids by its own
 * clock, and a test has no time to wait. To be called before anything is projected.
 */
export async function receivedIn(db: Executor, month: string): Promise<void> {
  await makePartitions(db, new Date(`${month}-01T00:00:00Z`));
  const start_ms = Date.parse(`${month}-01T00:00:00Z`);
  const moved = `(
    with hex as (
      select lpad(to_hex(${start_ms} + (extract(epoch from uuid_extract_timestamp(log_id)) * 1000)::bigint % 86400000), 12, '0') as ms
    )
    select (substr(ms, 1, 8) || '-' || substr(ms, 9, 4) || substr(log_id::text, 14))::uuid
    from hex
  )`;
  const recent =
    "log_id >= $1::uuid and not exists (select from events.archive where log_id >= from_log_id and log_id < to_log_id)";
  for (const table of ["log", "key"])
    await db.query(`update events.${table} set log_id = ${moved} where ${recent}`, [partitionOf("2026-01").from]);
}

/** Archives everything received before a month. */
export function archived(log: ArchivingLog, before: string): Promise<ArchiveOutcome[]> {
  return runArchive(log, { before, actor: "cli:test" });
}

/** The projection's tables, what waits and what is parked, as sorted text: equal pictures are equal tables. */
export async function pictureOf(log: TestLog, projection: Projection, names = true): Promise<string[]> {
  const db = pgExecutor(log.database.pg);
  const tables = await db.query<{ name: string }>(
    "select table_name as name from information_schema.tables where table_schema = $1 order by 1",
    [projection.schema],
  );
  const relations = [...tables.map(({ name }) => `${projection.schema}.${name}`), "events.waiting", "events.parked"];
  const rows: string[] = [];
  for (const relation of relations) {
    const left = names ? ["parked_at", "log_id", "since"] : ["parked_at"];
    const generation = relation.startsWith("events.") ? "where generation = 1" : "";
    const found = await db.query<{ row: string }>(
      `select (to_jsonb(relation) - $1::text[])::text as row from ${relation} as relation ${generation} order by 1`,
      [left],
    );
    rows.push(...found.map(({ row }) => `${relation} ${row}`));
  }
  return rows;
}

/** Projects the log anew into emptied tables: from the opening state where there is one, else from the beginning. */
export async function projectedAnew(log: ArchivingLog, projection: Projection): Promise<void> {
  await transaction(log.database.pg, async (db) => {
    const tables = Object.values(projection.facts).map((table) => `${projection.schema}.${table}`);
    await db.query(`truncate ${tables.join(", ")}, shop.member`);
    for (const table of ["waiting", "parked", "checkpoint"]) await db.query(`delete from events.${table} where generation = 1`);
    await restoreOpening(db, projection, { schema: projection.schema, generation: 1 });
  });
  await catchUp(projection, log);
}
