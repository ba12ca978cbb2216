import type { Jukebase } from "@jukebase/domains/open.ts";

/** Why items of one load were quarantined: how many of a type and reason, and the first of them. */
export type QuarantinedReason = {
  readonly type: string | null;
  readonly reason: string;
  readonly items: number;
  readonly line: number | null;
  /** JSON path of the first issue of the first item, and the rule it broke. */
  readonly path: string;
  readonly rule: string;
};

/** The reasons of one load, the most frequent first. */
export async function reasonsOf({ database }: Pick<Jukebase, "database">, loadId: string): Promise<readonly QuarantinedReason[]> {
  const { rows } = await database.pg.query<QuarantinedReason>(
    `select type, reason, count(*)::int as items, min(line) as line,
       (array_agg(issues -> 0 ->> 'path' order by line))[1] as path,
       (array_agg(issues -> 0 ->> 'rule' order by line))[1] as rule
     from events.quarantine
     where load_id = $1
       and status <> 'discarded-value'
     group by type, reason
     order by items desc, type, reason`,
    [loadId],
  );
  return rows;
}
