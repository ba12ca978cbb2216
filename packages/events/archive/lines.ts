import type { Executor } from "@jukebase/platform";

const columns = [
  ["log_id", "uuid"],
  ["event_key", "uuid"],
  ["batch_id", "bigint"],
  ["ordinal", "integer"],
  ["type", "text"],
  ["version", "smallint"],
  ["normaliser", "smallint"],
  ["source", "text"],
  ["event_id", "text"],
  ["occurred_at", "timestamptz"],
  ["data", "jsonb"],
  ["sent", "jsonb"],
  ["unknown", "text"],
  ["unknown_day", "date"],
  ["amends", "uuid"],
  ["retracts", "uuid"],
] as const;

const names = columns.map(([name]) => name).join(", ");
const shape = columns.map(([name, type]) => `${name} ${type}`).join(", ");
const withBytes = columns.map(([name]) => (name === "unknown" ? "decode(row.unknown, 'base64')" : `row.${name}`)).join(", ");
const asText = columns
  .map(([name]) => (name === "unknown" ? "translate(encode(log.unknown, 'base64'), E'\\n', '') as unknown" : `log.${name}`))
  .join(", ");

/** A row of the log as one line of JSON, and its place in the order of log ids. */
export type Line = { readonly log_id: string; readonly event_key: string; readonly line: string };

/**
 * The next lines of a partition after a place, in the order of (log_id, event_key). Postgres writes them, so that no number, instant or
 * byte passes through a type that would round it: numeric keeps every digit, timestamptz its microseconds, bytea is base64.
 */
export function readLines(db: Executor, partition: string, after: Line | undefined, limit: number): Promise<Line[]> {
  return db.query<Line>(
    `select log_id, event_key, row_to_json(entry)::text as line
     from (
       select ${asText}
       from events."${partition}" as log
       where $1::uuid is null or (log.log_id, log.event_key) > ($1::uuid, $2::uuid)
       order by log.log_id, log.event_key
       limit $3::int
     ) as entry`,
    [after?.log_id ?? null, after?.event_key ?? null, limit],
  );
}

/** A FROM item that reads lines (one text with a line each, as parameter `$n`) as rows of the log; its name is `row`. */
export function rowsOf(parameter: string): string {
  return `string_to_table(${parameter}::text, E'\\n') as line cross join lateral jsonb_to_record(line::jsonb) as row(${shape})`;
}

/** Puts lines into a relation of the log's shape; those that stand there already are left. Returns how many were new. */
export async function writeLines(db: Executor, relation: string, lines: string): Promise<number> {
  const [row] = await db.query<{ put: number }>(
    `with put as (
       insert into ${relation} (${names})
       select ${withBytes}
       from ${rowsOf("$1")}
       on conflict do nothing
       returning 1
     )
     select count(*)::int as put
     from put`,
    [lines],
  );
  return row?.put ?? 0;
}

/** The log_id that a line begins with. */
export function logIdOf(line: string): string {
  return line.slice(prefix.length, prefix.length + 36);
}

/** The event_key that follows it. */
export function eventKeyOf(line: string): string {
  return line.slice(keyAt, keyAt + 36);
}

const prefix = '{"log_id":"';
const keyAt = prefix.length + 36 + '","event_key":"'.length;
