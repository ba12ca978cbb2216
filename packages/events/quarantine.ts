import { type ContractIssue, type Executor, NotFound } from "@jukebase/platform";
import type { Keys } from "./keys.ts";
import { dayKeys, opened, type Sealed } from "./quarantine-bytes.ts";
import { filterValues, matching, type QuarantineFilter, type quarantineStatuses, requireId } from "./quarantine-choice.ts";

/** One quarantined item as lists show it; nothing of what was received is in it. */
export type QuarantineItem = {
  readonly quarantine_id: string;
  readonly source: string;
  readonly type: string | null;
  readonly event_id: string | null;
  readonly reason: string;
  readonly issues: readonly ContractIssue[];
  readonly status: (typeof quarantineStatuses)[number];
  readonly line: number | null;
  readonly load: string | null;
  readonly received_at: string;
  readonly attempts: number;
  readonly mended: boolean;
  readonly resolution: string | null;
  /** Replayed items: the event of the log that it became, or repeats. */
  readonly event_key: string | null;
  /** Discarded values: the event of the log that they were taken out of. */
  readonly value_of: string | null;
};

const columns = `quarantine_id, quarantine.source, type, event_id, reason, issues, quarantine.status, line, load.name as load, received_at, attempts,
  mended, resolution, event_key, value_of`;

/** The newest items first. */
export function listQuarantine(db: Executor, filter: QuarantineFilter = {}, limit = 100, offset = 0): Promise<QuarantineItem[]> {
  return db.query<QuarantineItem>(
    `select ${columns}
     from events.quarantine
     left join events.load using (load_id)
     where ${matching}
     order by quarantine_id desc
     limit $7 offset $8`,
    [...filterValues(filter), limit, offset],
  );
}

/** Items that have type and reason in common; `sample` is the newest of them, `rule` what that one broke, in words. */
export type QuarantineGroup = {
  readonly type: string | null;
  readonly reason: string;
  readonly items: number;
  readonly mended: number;
  readonly first_seen: string;
  readonly last_seen: string;
  readonly sources: readonly string[];
  readonly sample: string;
  readonly rule: string | null;
};

/** The groups, largest first. */
export function quarantineGroups(
  db: Executor,
  filter: QuarantineFilter = {},
  limit = 10_000,
  offset = 0,
): Promise<QuarantineGroup[]> {
  return db.query<QuarantineGroup>(
    `with grouped as (
       select
         type, reason, count(*)::int as items, count(*) filter (where mended)::int as mended, min(received_at) as first_seen,
         max(received_at) as last_seen, array_agg(distinct quarantine.source) as sources, max(quarantine_id::text)::uuid as sample
       from events.quarantine
       where ${matching}
       group by type, reason
     )
     select grouped.*, sampled.issues -> 0 ->> 'rule' as rule
     from grouped
     join events.quarantine as sampled on sampled.quarantine_id = grouped.sample
     order by items desc, type, reason
     limit $7 offset $8`,
    [...filterValues(filter), limit, offset],
  );
}

/** How many items, in how many groups. */
export async function countQuarantine(db: Executor, filter: QuarantineFilter = {}): Promise<{ items: number; groups: number }> {
  const [row] = await db.query<{ items: number; groups: number }>(
    `select count(*)::int as items, count(distinct (type, reason))::int as groups
     from events.quarantine
     where ${matching}`,
    filterValues(filter),
  );
  return row as { items: number; groups: number };
}

/** One item with what was received, as text, and, when it was mended or had to be read another way, the envelope that a replay will take. */
export async function showQuarantine(
  db: Executor,
  keys: Keys,
  id: string,
): Promise<QuarantineItem & { readonly received: string | undefined; readonly envelope: string | undefined }> {
  requireId(id);
  const [row] = await db.query<QuarantineItem & Sealed>(
    `select ${columns}, bytes, bytes_day::text as bytes_day, fixed, fixed_day::text as fixed_day
     from events.quarantine
     left join events.load using (load_id)
     where quarantine_id = $1`,
    [id],
  );
  if (!row) throw new NotFound(`Nothing in quarantine has the id ${id}; see \`jukebase quarantine list\`.`);
  const { bytes, bytes_day, fixed, fixed_day, ...item } = row;
  const days = dayKeys(db, keys);
  const [received, envelope] = [await opened(days, bytes, bytes_day), await opened(days, fixed, fixed_day)];
  return { ...item, received: received?.toString(), envelope: envelope?.toString() };
}
