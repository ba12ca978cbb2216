import type { Executor } from "@jukebase/platform/executor.ts";
import { inOrder } from "../order.ts";
import { type Positions, positionsOf, readCheckpoints, registeredMarts } from "../registry.ts";
import type { NewestEvent } from "./newest-event.ts";
import type { TestResult, TestStatus } from "./run-tests.ts";

/** Why tests were run, by whom, and when. */
export type TestRun = {
  readonly askedBy: "build" | "refresh" | "manual";
  readonly actor?: string | undefined;
  /** By the database's clock. */
  readonly startedAt: string;
  readonly reference: Date | undefined;
  /** How far the log was searched for its newest event, if it was. */
  readonly newest?: NewestEvent | undefined;
  /** What each mart held. */
  readonly positions: Readonly<Record<string, Positions>>;
};

/**
 * Writes a run into the history: its results, their failing rows, and how each test stands now (unless what was tested did not come into
 * service: `stands` false); then clears away what is too old. Answers the run's id. In the caller's transaction.
 */
export async function recordRun(
  db: Executor,
  run: TestRun,
  results: readonly TestResult[],
  stands: boolean = true,
): Promise<string> {
  const { askedBy, actor, startedAt, reference, newest } = run;
  const count = (status: TestStatus): number => results.filter((result) => result.status === status).length;
  const [recorded] = await db.query<{ run_id: string }>(
    `insert into marts_store.test_run (asked_by, actor, reference, newest_seq, newest_at, started_at, passed, warned, failed, errors)
     values ($1, $2, $3::timestamptz, $4::bigint, $5::timestamptz, $6::timestamptz, $7, $8, $9, $10)
     returning run_id::text as run_id`,
    [
      askedBy,
      actor ?? null,
      reference?.toISOString() ?? null,
      newest?.seq ?? null,
      newest?.at?.toISOString() ?? null,
      startedAt,
      count("pass"),
      count("warn"),
      count("fail"),
      count("error"),
    ],
  );
  const run_id = recorded?.run_id ?? "";
  // One order for all, so that two runs at once never hold each other up.
  const sorted = [...results].sort((a, b) => (a.name < b.name ? -1 : 1));
  const rows = JSON.stringify(sorted.map((result) => ({ ...result, positions: run.positions[result.mart ?? ""] })));
  for (const statement of stands ? [insertResults, upsertTests] : [insertResults]) await db.query(statement, [run_id, rows]);
  await db.query(insertFailingRows, [run_id, JSON.stringify(results.map(({ name, examples }) => ({ name, examples })))]);
  await clearOld(
    db,
    results.map(({ name }) => name),
  );
  return run_id;
}

/** What every mart holds at the transaction's snapshot: projection to batch. */
export async function martPositions(db: Executor, schema?: string): Promise<Record<string, Positions>> {
  const checkpoints = await readCheckpoints(db);
  const positions = new Map<string, Positions>();
  for (const mart of inOrder(await registeredMarts(db, schema)))
    positions.set(mart.name, mart.kind === "view" ? positionsOf(mart, checkpoints, positions) : mart.positions);
  return Object.fromEntries(positions);
}

/** Forgets tests that are no longer declared. */
export async function forgetOthers(db: Executor, known: readonly string[]): Promise<void> {
  await db.query("delete from marts_store.test where name <> all($1::text[])", [known]);
  await db.query("delete from marts_store.test_result where name <> all($1::text[])", [known]);
}

const results_max = 200;
const withRows_max = 20;

const given = `
  from jsonb_to_recordset($2::jsonb) as given (
    name text, mart text, test text, words text, severity text, status text, rows bigint, duration_ms integer, sql text, positions jsonb, error text
  )`;

const insertResults = `
  insert into marts_store.test_result (run_id, name, status, severity, failing_rows, duration_ms, sql, positions, error)
  select $1::uuid, given.name, given.status, given.severity, given.rows, given.duration_ms, given.sql, given.positions, given.error
  ${given}`;

const upsertTests = `
  insert into marts_store.test as known
    (name, mart, test, words, severity, sql, status, failing_rows, duration_ms, error, run_id, tested_at, failing_since)
  select given.name, given.mart, given.test, given.words, given.severity, given.sql, given.status, given.rows, given.duration_ms,
    given.error, test_run.run_id, test_run.started_at, case when given.status <> 'pass' then test_run.started_at end
  ${given}
  join marts_store.test_run on test_run.run_id = $1::uuid
  order by given.name
  on conflict (name) do update set
    mart = excluded.mart, test = excluded.test, words = excluded.words, severity = excluded.severity, sql = excluded.sql,
    status = excluded.status, failing_rows = excluded.failing_rows, duration_ms = excluded.duration_ms, error = excluded.error,
    run_id = excluded.run_id, tested_at = excluded.tested_at,
    failing_since = case when excluded.status <> 'pass' then coalesce(known.failing_since, excluded.failing_since) end`;

const insertFailingRows = `
  insert into marts_store.test_failing_row (run_id, name, place, content)
  select $1::uuid, given.name, row.place, row.content
  from json_to_recordset($2::json) as given (name text, examples json)
  cross join lateral json_array_elements(given.examples) with ordinality as row (content, place)`;

async function clearOld(db: Executor, names: readonly string[]): Promise<void> {
  const ranked = `
    select name, run_id, row_number() over (partition by name order by run_id desc) as place
    from marts_store.test_result
    where name = any($1::text[])`;
  await db.query(
    `delete from marts_store.test_result as old using (${ranked}) as ranked
     where ranked.place > $2 and (old.name, old.run_id) = (ranked.name, ranked.run_id)`,
    [names, results_max],
  );
  await db.query(
    `delete from marts_store.test_failing_row as old using (${ranked}) as ranked
     where ranked.place > $2 and (old.name, old.run_id) = (ranked.name, ranked.run_id)`,
    [names, withRows_max],
  );
  await db.query(
    `delete from marts_store.test_run
     where not exists (select from marts_store.test_result where test_result.run_id = test_run.run_id)
       and run_id < (select run_id from marts_store.test_run order by run_id desc limit 1)`,
  );
}
