import { inOrder, type Positions, registeredMarts } from "@jukebase/marts";
import { positionsOf, readCheckpoints } from "@jukebase/marts/registry.ts";
import { type Executor, NotFound, type Report, type ReportParams, type ReportRow, slonikExecutor } from "@jukebase/platform";
import type { Jukebase } from "./open.ts";

/** Up to where an answer goes: the last batch that all its marts hold, when it was received (null: none yet), and each projection's. */
export type AsOf = { readonly seq: number; readonly at: string | null; readonly by: Positions };

/** An answer: the rows, and up to where the log is in them. */
export type ReportAnswer = { readonly rows: readonly ReportRow[]; readonly as_of: AsOf };

/** The report of that name. Throws `NotFound`, naming those there are. */
export function findReport({ domains }: Pick<Jukebase, "domains">, name: string): Report {
  const reports = domains.flatMap((domain) => domain.reports);
  const found = reports.find((report) => report.name === name);
  if (found === undefined)
    throw new NotFound(`There is no report "${name}". Known: ${reports.map((report) => report.name).join(", ")}.`);
  return found;
}

/**
 * Answers a report for command line, API and console alike: rows and position are read at one snapshot, so they belong together.
 * The marts are held from before the snapshot: none can be swapped for a store that was filled after it.
 */
export async function runReport(
  { database }: Pick<Jukebase, "database">,
  report: Report,
  params: ReportParams,
): Promise<ReportAnswer> {
  return database.sql.transaction(async (connection) => {
    const db = slonikExecutor(connection);
    await db.query("set transaction isolation level repeatable read, read only");
    const views = report.marts.map((name) => `marts."${name}"`);
    if (views.length > 0) await db.query(`lock table ${views.join(", ")} in access share mode`);
    const as_of = await positionOf(db, report.marts);
    const read = (await connection.any(report.query(params))) as readonly ReportRow[];
    return { rows: report.derive?.(read, params) ?? read, as_of };
  });
}

/** The position in words, as pages and files show it. */
export function asOfWords({ seq, at }: AsOf): string {
  return at === null ? "before the first event" : `batch ${seq}, received ${at.replace("T", " ").replace(/(\.\d+)?Z$/, " UTC")}`;
}

/** The installation's reporting zone (IANA), in which every day and month bucket is. */
export async function reportingZone({ database }: Pick<Jukebase, "database">): Promise<string> {
  const { rows } = await database.pg.query<{ zone: string }>("select platform.time_zone() as zone");
  return rows[0]?.zone ?? "UTC";
}

async function positionOf(db: Executor, marts: readonly string[]): Promise<AsOf> {
  const checkpoints = await readCheckpoints(db);
  const exactAt = new Map<string, Positions>();
  for (const mart of inOrder(await registeredMarts(db))) {
    exactAt.set(mart.name, mart.kind === "view" ? positionsOf(mart, checkpoints, exactAt) : mart.positions);
  }
  const by = least(marts.map((name) => exactAt.get(name) ?? {}));
  const seq = Object.keys(by).length === 0 ? 0 : Math.min(...Object.values(by));
  const [batch] = await db.query<{ at: string }>(
    "select received_at as at from events.batch where seq <= $1::bigint order by seq desc limit 1",
    [seq],
  );
  return { seq, at: batch?.at ?? null, by };
}

function least(positions: readonly Positions[]): Positions {
  const pairs = positions.flatMap((one) => Object.entries(one));
  const projections = [...new Set(pairs.map(([projection]) => projection))].sort();
  return Object.fromEntries(
    projections.map((projection) => [
      projection,
      Math.min(...pairs.filter(([name]) => name === projection).map(([, seq]) => seq)),
    ]),
  );
}
