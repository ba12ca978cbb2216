import { type Executor, NotFound } from "@jukebase/platform";
import { findLines, type Missing } from "./recall.ts";

/** Where an event stands that left the log. */
export type ArchivedAt = { readonly since: string; readonly file: string };

/**
 * The archived event of one of these keys, with its line; undefined when none of them is archived. Throws `NotFound` with what is still
 * known of one whose archive was purged.
 */
export async function archivedEvent(
  db: Executor,
  keys: readonly string[],
  folder: string | undefined,
): Promise<{ readonly line: string; readonly archived: ArchivedAt } | undefined> {
  const [found] = await db.query<Missing & { archived_at: string; purged_at: string | null }>(
    `select key.event_key, key.log_id, archive.partition, archive.file, archive.archived_at, archive.purged_at
     from events.key
     join events.archive on archive.from_log_id <= key.log_id and archive.to_log_id > key.log_id
     where key.event_key = any($1::uuid[])
       and archive.attached_at is null
       and not exists (select from events.log where log.log_id = key.log_id and log.event_key = key.event_key)
     order by key.log_id
     limit 1`,
    [keys],
  );
  if (!found) return undefined;
  const { event_key, file, archived_at: since, purged_at } = found;
  if (purged_at !== null)
    throw new NotFound(
      `The event with the receipt ${event_key} was accepted and counts; it was archived on ${since} and purged with ${file} on ${purged_at}.`,
    );
  const [line] = await findLines(db, folder, [found]);
  return { line: line as string, archived: { since, file } };
}
