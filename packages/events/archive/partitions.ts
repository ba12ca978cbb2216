import type { Executor } from "@jukebase/platform";

/** A monthly partition of the log: log ids from (inclusive) to (exclusive). */
export type Partition = { readonly partition: string; readonly month: string; readonly from: string; readonly to: string };

/** The monthly partitions that end before a month (`YYYY-MM`), oldest first. */
export async function partitionsBefore(db: Executor, month: string): Promise<Partition[]> {
  const rows = await db.query<{ partition: string }>(
    `select relname::text as partition
     from pg_inherits
     join pg_class on pg_class.oid = inhrelid
     where inhparent = 'events.log'::regclass and relname ~ '^log_[0-9]{4}_[0-9]{2}$'
     order by relname`,
  );
  return rows.map(({ partition }) => partitionOf(partition.slice(4).replace("_", "-"))).filter((one) => one.month < month);
}

/** The partition of a month (`YYYY-MM`), whether it stands or not. */
export function partitionOf(month: string): Partition {
  const [year, number] = month.split("-").map(Number) as [number, number];
  return {
    partition: `log_${month.replace("-", "_")}`,
    month,
    from: floorOf(new Date(Date.UTC(year, number - 1, 1))),
    to: floorOf(new Date(Date.UTC(year, number, 1))),
  };
}

/** The smallest uuid version 7 of an instant: its first 48 bits are the milliseconds since 1970. */
function floorOf(instant: Date): string {
  const hex = instant.getTime().toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-0000-0000-000000000000`;
}
