import { type Executor, transaction } from "@jukebase/platform";
import type { Intake } from "./load.ts";
import { dayKeys } from "./quarantine-bytes.ts";
import { seal } from "./vault.ts";

const chunk = 500;

/**
 * Seals the Idempotency-Keys that older releases kept in clear beside quarantined items, under the keys of their days; where that key is
 * gone, nobody can read the item any more, and its Idempotency-Key goes too. Returns how many; twice is the same as once.
 */
export async function sealScopes({ database, keys }: Pick<Intake, "database" | "keys">): Promise<number> {
  for (let done = 0; ; ) {
    const some = await transaction(database.pg, async (db) => {
      const rows = await db.query<Clear>(
        `select quarantine_id, scope, bytes_day::text as bytes_day
         from events.quarantine
         where scope is not null
         order by quarantine_id
         limit ${chunk}
         for update`,
      );
      const days = dayKeys(db, keys);
      const sealed: { quarantine_id: string; sealed: string | null }[] = [];
      for (const { quarantine_id, scope, bytes_day } of rows) {
        const key = bytes_day === null ? undefined : await days(bytes_day);
        sealed.push({ quarantine_id, sealed: key === undefined ? null : seal(key, Buffer.from(scope)).toString("base64") });
      }
      await store(db, sealed);
      return rows.length;
    });
    done += some;
    if (some < chunk) return done;
  }
}

type Clear = { readonly quarantine_id: string; readonly scope: string; readonly bytes_day: string | null };

async function store(db: Executor, rows: readonly object[]): Promise<void> {
  if (rows.length === 0) return;
  await db.query(
    `update events.quarantine as held
     set scope = null, sealed_scope = case when held.bytes is not null then decode(row.sealed, 'base64') end
     from jsonb_to_recordset($1::jsonb) as row(quarantine_id uuid, sealed text)
     where held.quarantine_id = row.quarantine_id`,
    [JSON.stringify(rows)],
  );
}
