import { Conflict, type Executor, NotFound } from "@jukebase/platform";

/** A rebuild as events.rebuild keeps it; `done`: events read per projection, of `events`. */
export type RebuildRecord = {
  readonly rebuild_id: string;
  readonly projections: readonly string[];
  readonly status: "running" | "done" | "failed" | "aborted";
  readonly phase: string;
  readonly events: number;
  readonly done: Readonly<Record<string, number>>;
  readonly abort_asked: boolean;
  readonly started_at: string;
  readonly updated_at: string;
  readonly finished_at: string | null;
  readonly error: string | null;
};

/** The newest rebuilds first. */
export function recentRebuilds(db: Executor, limit = 10): Promise<RebuildRecord[]> {
  return db.query<RebuildRecord>(`select ${columns} from events.rebuild order by started_at desc, rebuild_id desc limit $1`, [
    limit,
  ]);
}

/** Opens the record of a rebuild; what another left open, whose process is gone, is closed as failed. The caller holds the lock. */
export async function openRecord(db: Executor, projections: readonly string[], at: Date): Promise<string> {
  await db.query(
    `update events.rebuild
     set status = 'failed', error = 'The process that rebuilt ended before it was through.', finished_at = $1
     where status = 'running'`,
    [at.toISOString()],
  );
  const [row] = await db.query<{ rebuild_id: string }>(
    "insert into events.rebuild (projections, started_at, updated_at) values ($1, $2, $2) returning rebuild_id",
    [projections, at.toISOString()],
  );
  return row?.rebuild_id ?? "";
}

/** Writes down how far a rebuild is. Throws Aborted when somebody asked it to stop. */
export async function keepRecord(
  db: Executor,
  id: string,
  { phase, events, done }: Pick<RebuildRecord, "phase" | "events" | "done">,
  at: Date,
): Promise<void> {
  const [row] = await db.query<{ abort_asked: boolean }>(
    `update events.rebuild
     set phase = $2, events = $3, done = $4, updated_at = $5
     where rebuild_id = $1 and status = 'running'
     returning abort_asked`,
    [id, phase, events, JSON.stringify(done), at.toISOString()],
  );
  if (row === undefined || row.abort_asked) throw new Aborted();
}

/** Closes the record. False when it was no longer open: then somebody else has taken over, and nothing may be swapped. */
export async function closeRecord(
  db: Executor,
  id: string,
  { status, error = null }: { readonly status: "done" | "failed" | "aborted"; readonly error?: string | null },
  at: Date,
): Promise<boolean> {
  const rows = await db.query(
    `update events.rebuild
     set status = $2, error = $3, finished_at = $4, updated_at = $4
     where rebuild_id = $1 and status = 'running'
     returning rebuild_id`,
    [id, status, error, at.toISOString()],
  );
  return rows.length === 1;
}

/** Asks the running rebuild to stop at its next step. Throws NotFound when none runs. */
export async function askToAbort(db: Executor): Promise<RebuildRecord> {
  const [row] = await db.query<RebuildRecord>(
    `update events.rebuild set abort_asked = true where status = 'running' returning ${columns}`,
  );
  if (row === undefined) throw new NotFound("No rebuild is running, and none was left unfinished.");
  return row;
}

/** Somebody asked the rebuild to stop: it was given up, and the live tables are as they were. */
export class Aborted extends Conflict {
  constructor() {
    super("The rebuild was stopped, as somebody asked; what is live was not touched.");
  }
}

const columns = `rebuild_id, projections, status, phase, events, done, abort_asked, started_at, updated_at, finished_at, error`;
