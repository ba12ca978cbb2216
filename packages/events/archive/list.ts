import type { Executor } from "@jukebase/platform";
import type { Frame, Written } from "./file.ts";

/** An archived partition of the log. Instants are ISO text; `attached_at` is set while its rows stand in the log again. */
export type Archive = {
  readonly partition: string;
  readonly from_log_id: string;
  readonly to_log_id: string;
  readonly first_seq: number;
  readonly last_seq: number;
  readonly rows: number;
  readonly file: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly archived_at: string;
  readonly attached_at: string | null;
  readonly purged_at: string | null;
};

/** Every archive, oldest partition first. */
export function archives(db: Executor): Promise<Archive[]> {
  return db.query<Archive>(`select ${columns} from events.archive order by partition`);
}

const columns =
  "partition, from_log_id, to_log_id, first_seq, last_seq, rows, file, sha256, bytes, archived_at, attached_at, purged_at";

/** How many events of which source and type an archive holds. */
export type ArchiveCount = { readonly source: string; readonly type: string; readonly changes: boolean; readonly rows: number };

/** The counts of one archive. */
export function archiveCounts(db: Executor, partition: string): Promise<ArchiveCount[]> {
  return db.query<ArchiveCount>(
    "select source, type, changes, rows from events.archive_count where partition = $1 order by source, type, changes",
    [partition],
  );
}

/** What an archive's file was when it was written, for reading it back. */
export async function writtenOf(db: Executor, { partition, rows, bytes, sha256 }: Archive): Promise<Written> {
  const frames = await db.query<Frame>(
    "select first_log_id, at, bytes, rows from events.archive_frame where partition = $1 order by at",
    [partition],
  );
  return { frames, rows, bytes, sha256 };
}
