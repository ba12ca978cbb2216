import type { EventContract, Executor } from "@jukebase/platform";
import type { Keys } from "./keys.ts";
import { unseal } from "./sealing.ts";
import { type Subject, subjectFields } from "./subject.ts";
import type { Recognition } from "./tells-of.ts";
import { dayKey } from "./vault.ts";

/** What a search through the sealed places needs. */
export type Search = { readonly db: Executor; readonly keys: Keys; readonly contracts: ReadonlyMap<string, EventContract> };

/** A quarantined item that tells of a person. */
export type FoundItem = { readonly quarantine_id: string; readonly status: string };

const chunk = 500;

/** The quarantined items, of whatever status, whose bytes can still be read and tell of the person; `lock` keeps them for the transaction. */
export async function itemsThatTell({ db, keys }: Search, recognition: Recognition, lock: boolean): Promise<FoundItem[]> {
  const days = dayKeys(db, keys);
  const found: FoundItem[] = [];
  for (let after = "00000000-0000-0000-0000-000000000000"; ; ) {
    const rows = await db.query<Item>(
      `select quarantine_id, status, type, source.namespace, bytes, bytes_day::text as bytes_day, fixed, fixed_day::text as fixed_day
       from events.quarantine
       join events.source on source.source = quarantine.source
       where quarantine_id > $1::uuid
         and (bytes is not null or fixed is not null)
       order by quarantine_id
       limit ${chunk}
       ${lock ? "for update of quarantine" : ""}`,
      [after],
    );
    for (const row of rows) {
      const texts = [await days.open(row.bytes, row.bytes_day), await days.open(row.fixed, row.fixed_day)];
      if (texts.some((text) => text !== undefined && recognition.event(text, row)))
        found.push({ quarantine_id: row.quarantine_id, status: row.status });
    }
    if (rows.length < chunk) return found;
    after = rows.at(-1)?.quarantine_id as string;
  }
}

/** Takes away the bytes of quarantined items; those that were open are expired from then on, and counted so. */
export async function shredItems(db: Executor, items: readonly FoundItem[], why: string, at: Date): Promise<void> {
  await db.query(
    `update events.quarantine
     set
       bytes = null, fixed = null, scope = null, sealed_scope = null, status = case when status = 'open' then 'expired' else status end,
       resolved_at = case when status = 'open' then $3::timestamptz else resolved_at end,
       resolution = case when status = 'open' then $2 else resolution end
     where quarantine_id = any($1::uuid[])`,
    [items.map(({ quarantine_id }) => quarantine_id), why, at.toISOString()],
  );
}

/** The log entries with unknown fields that are the person's: of events that tell of it, or take one back, or that hold a value of it. */
export async function unknownThatTells(
  { db, keys, contracts }: Search,
  subject: Subject,
  recognition: Recognition,
): Promise<string[]> {
  const own = await db.query<{ log_id: string }>(
    `with telling as (
       select type, field
       from jsonb_to_recordset($1::jsonb) as row(type text, field text)
     ),
     own as materialized (
       select entry.log_id, entry.event_key
       from events.entry
       join telling on telling.type = entry.type
       where entry.namespace = $2
         and entry.data ->> telling.field = $3
     )
     select log.log_id
     from events.log
     where log.unknown is not null
       and (log.log_id in (select log_id from own) or log.retracts in (select event_key from own))`,
    [JSON.stringify(subjectFields(contracts, subject.kind)), subject.namespace, subject.id],
  );
  const found = new Set(own.map(({ log_id }) => log_id));
  const days = dayKeys(db, keys);
  for (let after = "00000000-0000-0000-0000-000000000000"; ; ) {
    const rows = await db.query<{ log_id: string; unknown: Buffer; day: string }>(
      `select log_id, unknown, unknown_day::text as day
       from events.log
       where log_id > $1::uuid
         and unknown is not null
         and unknown_day in (select day from vault.day_key)
       order by log_id
       limit ${chunk}`,
      [after],
    );
    for (const { log_id, unknown, day } of rows) {
      if (found.has(log_id)) continue;
      const text = await days.open(unknown, day);
      if (text !== undefined && recognition.values(text)) found.add(log_id);
    }
    if (rows.length < chunk) return [...found];
    after = rows.at(-1)?.log_id as string;
  }
}

/** Takes the unknown fields out of log entries; nothing else of the entry changes, and nothing reads them. */
export async function shredUnknown(db: Executor, logIds: readonly string[]): Promise<void> {
  await db.query("update events.log set unknown = null, unknown_day = null where log_id = any($1::uuid[])", [logIds]);
}

type Item = {
  quarantine_id: string;
  status: string;
  type: string | null;
  namespace: string;
  bytes: Buffer | null;
  bytes_day: string | null;
  fixed: Buffer | null;
  fixed_day: string | null;
};

function dayKeys(db: Executor, keys: Keys) {
  const known = new Map<string, Buffer | undefined>();
  const open = async (sealed: Buffer | null, day: string | null): Promise<Buffer | undefined> => {
    if (sealed === null || day === null) return undefined;
    if (!known.has(day)) known.set(day, await dayKey(db, keys, day, false));
    const key = known.get(day);
    return key && unseal(key, sealed);
  };
  return { open };
}
